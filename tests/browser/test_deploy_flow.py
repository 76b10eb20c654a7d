"""From the plan through the typed name to a live endpoint and back to nothing, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from headroom.sharing import link
from scripts import demo_aws
from tests.aws.account import REGION
from tests.aws.fixtures import aws_server
from tests.aws.server import Aws
from tests.browser.test_flows import PATIENCE_MS, address, settled
from tests.headroom.ui.deploy.test_desk import DEPLOY
from tests.headroom.ui.small import scenario

__all__ = ["aws_server"]

pytestmark = pytest.mark.browser


@pytest.fixture
def deploying(aws_server: Aws) -> Iterator[str]:
    aws_server.reset()
    aws_server.account.s_per_call = 400.0  # an endpoint is in service at the first look at it
    with demo_aws.app(aws_server) as url:
        yield url


def agree(page: Page, name: str, button: str) -> None:
    field = page.get_by_role("textbox", name=f"Type {name} to agree")
    field.fill("something else")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_text("'something else' was typed")).to_be_visible()
    settled(page)
    field.fill(name)
    page.get_by_role("button", name=button, exact=True).click()


def test_plan_apply_status_and_removal(page: Page, deploying: str, aws_server: Aws) -> None:
    given = scenario().model_copy(update={"region": REGION})
    page.goto(address(deploying, "deploy", link.encode(given)))
    expect(page.get_by_role("heading", name="Deploy", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Stop ")).to_have_count(0, timeout=PATIENCE_MS)
    settled(page)
    place = page.get_by_role("textbox", name="Where it goes (TOML)")
    place.fill(DEPLOY)
    place.press("Control+Enter")
    expect(page.get_by_text("Left open")).to_have_count(0)
    settled(page)

    page.get_by_role("button", name="Plan", exact=True).click()
    expect(page.get_by_text("Create the endpoint shop")).to_be_visible()
    expect(page.get_by_text("stands in its place").first).to_be_visible()
    assert aws_server.account.writes() == []
    agree(page, "shop", "Apply")
    expect(page.get_by_text("shop is as planned.")).to_be_visible()
    assert list(aws_server.account.endpoints) == ["shop"]

    page.get_by_role("button", name="Status and drift").click()
    expect(page.get_by_text("shop is in service.")).to_be_visible()

    page.get_by_role("button", name="Plan its removal").click()
    agree(page, "shop", "Remove")
    expect(page.get_by_text("Nothing of shop is left.")).to_be_visible()
    assert aws_server.left() == []
