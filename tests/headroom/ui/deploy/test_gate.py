"""Who may deploy from the page: every combination of what the operator allows and who asks."""

from __future__ import annotations

import itertools

import pytest

from headroom.locations import ALLOW_DEPLOY_VARIABLE, DEPLOYERS_VARIABLE, HOSTS_VARIABLE
from headroom.ui.deploy import visit
from headroom.ui.deploy.gate import ONLY_EXPORTS, NotAllowed, Operator, Visitor, refusal, require

OPERATORS = [
    Operator(allows=allows, deployers=deployers, address=address, more_names=more_names)
    for allows, deployers, address, more_names in itertools.product(
        (False, True), (frozenset(), frozenset({"ann@example.com"})), ("127.0.0.1", "", "0.0.0.0"), (False, True)
    )
]
VISITORS = [
    Visitor(host=host, address=address, by_proxy=by_proxy, email=email, verified=verified)
    for host, address, by_proxy, email, verified in itertools.product(
        ("localhost", "plan.example.org", ""),
        ("", "10.0.0.7"),
        (False, True),
        ("", "Ann@Example.com", "bob@example.com"),
        (True, False),
    )
]
HERE = Visitor(host="localhost")
ALLOWS = Operator(allows=True, deployers=frozenset({"ann@example.com"}), address="127.0.0.1")


def test_of_all_combinations_those_may_who_are_here_or_listed() -> None:
    """The rule in other words than the gate has it, over 1,728 combinations."""
    for operator, visitor in itertools.product(OPERATORS, VISITORS):
        server_is_private = operator.address == "127.0.0.1" and not operator.more_names
        here = server_is_private and (visitor.host, visitor.address, visitor.by_proxy) == ("localhost", "", False)
        listed = visitor.email == "Ann@Example.com" and visitor.verified and len(operator.deployers) == 1
        assert (refusal(operator, visitor) == "") is (operator.allows and (here or listed)), (operator, visitor)


def test_nobody_is_who_nothing_is_known_of() -> None:
    assert refusal(Operator(), Visitor()) == ONLY_EXPORTS
    assert refusal(ALLOWS, Visitor()) != ""


@pytest.mark.parametrize(
    ("operator", "visitor", "words"),
    [
        (Operator(address="127.0.0.1"), HERE, "headroom serve --allow-deploy"),
        (Operator(allows=True, address="0.0.0.0"), HERE, "listens to other machines"),
        (Operator(allows=True, address="127.0.0.1", more_names=True), HERE, "other names"),
        (ALLOWS, Visitor(host="localhost", by_proxy=True), "A proxy stands between"),
        (ALLOWS, Visitor(host="evil.example.org"), "do not come from the server's own machine"),
        (ALLOWS, Visitor(email="bob@example.com"), "bob@example.com is not on the list"),
        (ALLOWS, Visitor(email="ann@example.com", verified=False), "has not verified the address ann@example.com"),
    ],
)
def test_everybody_else_is_told_why_not(operator: Operator, visitor: Visitor, words: str) -> None:
    assert words in refusal(operator, visitor)
    with pytest.raises(NotAllowed, match=words):
        require(operator, visitor)


def test_the_operator_speaks_through_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in (ALLOW_DEPLOY_VARIABLE, DEPLOYERS_VARIABLE, HOSTS_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    assert visit.operator() == Operator()
    for yes in ("true", "yes", "0", " 1"):
        monkeypatch.setenv(ALLOW_DEPLOY_VARIABLE, yes)
        assert not visit.operator().allows
    monkeypatch.setenv(ALLOW_DEPLOY_VARIABLE, "1")
    monkeypatch.setenv(DEPLOYERS_VARIABLE, " Ann@example.com, ,bob@example.com")
    monkeypatch.setenv(HOSTS_VARIABLE, "plan.example.org")
    deployers = frozenset({"ann@example.com", "bob@example.com"})
    assert visit.operator() == Operator(allows=True, deployers=deployers, more_names=True)
