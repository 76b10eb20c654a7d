"""Deploying from the page, against the AWS on loopback: nothing is written before the name was typed."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from headroom.deploy.live.aws import Pace
from headroom.deploy.live.journal import VARIABLE, journal_path
from headroom.locations import ALLOW_DEPLOY_VARIABLE, DEPLOYERS_VARIABLE
from headroom.ui.deploy import acts, visit, work
from headroom.ui.deploy.gate import ONLY_EXPORTS, Operator
from headroom.ui.export.panel import PLACE
from tests.aws.account import ACCOUNT, REGION
from tests.aws.fixtures import aws_server
from tests.aws.server import BUCKET, ROLE, Aws
from tests.headroom.ui.small import LONGEST_S, finished, opened, scenario, trouble, words

__all__ = ["aws_server"]

DEPLOY = f"""
[deploy]
endpoint_name = "shop"
execution_role_arn = "arn:aws:iam::{ACCOUNT}:role/{ROLE}"
image = "{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/model:1"
model_data_url = "s3://{BUCKET}/model.tar.gz"
"""


@pytest.fixture
def aws(aws_server: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Aws]:
    """A fresh account, and a server of the app that deploys into it for who sits before it."""
    aws_server.reset()
    aws_server.account.now, aws_server.account.s_per_call = time.time(), 60.0
    given = {**aws_server.environment(), VARIABLE: str(tmp_path / "deployments"), ALLOW_DEPLOY_VARIABLE: "1"}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv(DEPLOYERS_VARIABLE, raising=False)
    private = Operator(allows=True, address="127.0.0.1")
    monkeypatch.setattr(visit, "operator", lambda: private)
    monkeypatch.setattr(visit, "connection", lambda: ({"host": "localhost:8501"}, ""))
    monkeypatch.setattr(acts, "PACE", Pace(poll_s=0.01))
    yield aws_server
    for under_way in work.running():
        under_way.wait(LONGEST_S)


def page(place: str = DEPLOY) -> AppTest:
    """The page with this place typed, about a deployment that is simulated."""
    at = finished(opened(scenario().model_copy(update={"region": REGION}), "deploy"))
    at.text_area(key=PLACE).set_value(place).run()
    return at


def done(at: AppTest) -> AppTest:
    """The page when what was begun has ended."""
    for under_way in work.running():
        under_way.wait(LONGEST_S)
    assert trouble(at.run()) == []
    return at


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    return done(at)


def agree(at: AppTest, typed: str) -> AppTest:
    """The page when what was agreed to by typing this has ended."""
    return done(type_name(at, typed))


def type_name(at: AppTest, typed: str) -> AppTest:
    """Type this under the plan that is shown, and press the button below."""
    (field,) = [box for box in at.text_input if box.label.startswith("Type ")]
    field.set_value(typed)
    (button,) = [button for button in at.button if button.key and "deploy-agree" in button.key]
    return button.click().run()


def told(at: AppTest) -> str:
    return words(at).replace("\\", "").replace("\u2060", "")


def test_plan_a_wrong_name_apply_status_and_removal(aws: Aws) -> None:
    at = press(page(), "deploy-plan")
    for expected in (
        f"Account {ACCOUNT}, Region {REGION}, as arn:aws:",
        f"Not AWS itself: {aws.url} stands in its place.",
        "Create the endpoint shop",
        "(about ",
        "the ceiling",
        "All of it, requests too, as simulated: $",
        "execution_role_arn",
    ):
        assert expected in told(at)
    type_name(at, "shopp")
    assert "'shopp' was typed" in told(at)
    assert "Create the endpoint shop" in told(at)
    type_name(at, "")
    assert "nothing was typed" in told(at)
    assert aws.account.writes() == []

    agree(at, "shop")
    assert "shop is as planned." in told(at)
    assert list(aws.account.endpoints) == ["shop"]
    assert aws.account.writes()[0] == "sagemaker:CreateModel"
    press(at, "deploy-status")
    assert "shop is in service." in told(at)
    assert "Nothing differs from the plan." in told(at)
    press(at, "deploy-plan")
    assert "changes nothing" in told(at)

    before = len(aws.account.writes())
    press(at, "deploy-remove")
    assert "this plan removes everything" in told(at)
    type_name(at, "shop ")
    assert "was typed" in told(at)
    assert len(aws.account.writes()) == before
    agree(at, "shop")
    assert "Nothing of shop is left." in told(at)
    assert aws.left() == []
    press(at, "deploy-remove")
    assert "Nothing of shop is there." in told(at)


def test_what_is_planned_is_not_shown_for_something_else(aws: Aws) -> None:
    at = press(page(), "deploy-plan")
    at.text_area(key=PLACE).set_value(DEPLOY.replace('"shop"', '"shed"')).run()
    assert "about something else" in told(at)
    assert not [box for box in at.text_input if box.label.startswith("Type ")]


def test_problems_are_said_in_words(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    at = press(page(DEPLOY.replace("model_data_url", "# model_data_url")), "deploy-plan")
    assert "ended without success" in told(at)
    assert "deploy.model_data_url" in told(at)

    at = press(page(), "deploy-plan")
    aws.account.containers_fail = True
    agree(at, "shop")
    assert "Applying the plan ended without success" in told(at)
    assert aws.left() == []

    monkeypatch.setenv("AWS_PROFILE", "nobody")
    press(at, "deploy-plan")
    assert "There is no way to AWS" in told(at)


def test_one_at_a_time_changes_a_deployment(aws: Aws) -> None:
    at = press(page(), "deploy-plan")
    lock = journal_path(ACCOUNT, REGION, "shop").with_suffix(".lock")
    with lock.open("a", encoding="utf-8") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        agree(at, "shop")
    assert "Another process is changing this deployment now" in told(at)
    assert aws.account.writes() == []


def test_what_another_tab_has_begun_is_seen(aws: Aws) -> None:
    at = page()

    def do(tell: work.Tell) -> None:
        tell("Create the model.")
        time.sleep(1.0)

    begun = work.begin("apply", "other", do)
    at.run()
    assert any("other" in status.label for status in at.status)
    assert "It goes on when this tab is closed." in told(at)
    begun.wait(LONGEST_S)
    assert not done(at).status


def test_the_page_only_exports_unless_its_operator_allows_more(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visit, "operator", Operator)
    at = page()
    assert ONLY_EXPORTS in told(at)
    assert not [button for button in at.button if button.key and button.key.startswith("deploy-")]
    assert aws.account.calls == []


def test_who_may_no_longer_is_refused_at_the_moment_of_applying(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    at = press(page(), "deploy-plan")
    calls = len(aws.account.calls)
    asked = iter([Operator(allows=True, address="127.0.0.1")])
    monkeypatch.setattr(visit, "operator", lambda: next(asked, Operator()))
    agree(at, "shop")
    assert len(aws.account.calls) == calls
    assert ONLY_EXPORTS in told(at)


def test_a_listed_login_may_from_elsewhere_and_another_may_not(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    public = Operator(allows=True, address="", deployers=frozenset({"ann@example.com"}))
    monkeypatch.setattr(visit, "operator", lambda: public)
    headers = {"host": "plan.example.org", "x-forwarded-for": "10.0.0.7"}
    monkeypatch.setattr(visit, "connection", lambda: (headers, "10.0.0.7"))
    at = page()
    assert "You are not logged in." in told(at)
    at.user = {"is_logged_in": True, "email": "bob@example.com"}
    assert "bob@example.com is not on the list" in told(at.run())
    at.user = {"is_logged_in": True, "email": "ann@example.com", "email_verified": False}
    assert "has not verified" in told(at.run())
    assert aws.account.calls == []
    at.user = {"is_logged_in": True, "email": "Ann@example.com", "email_verified": True}
    assert "Create the endpoint shop" in told(press(at.run(), "deploy-plan"))
