"""Who may deploy from the page. One pure rule; `acts` asks it again whenever something is begun."""

from __future__ import annotations

from dataclasses import dataclass

from headroom.locations import ALLOW_DEPLOY_VARIABLE, DEPLOYERS_VARIABLE, LOOPBACK
from simulator.errors import HeadroomError

ONLY_EXPORTS = (
    "This app only exports: to let it deploy, its operator starts it with headroom serve --allow-deploy"
    f" (or {ALLOW_DEPLOY_VARIABLE}=1)."
)


class NotAllowed(HeadroomError):
    """A visitor asked for what only some may do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """What who runs the server allows.

    allows: whether the page may deploy at all. deployers: e-mail addresses, in small letters. address: what the server
    listens on; "" is every address of the machine. more_names: whether it answers to names besides the loopback's.
    """

    allows: bool = False
    deployers: frozenset[str] = frozenset()
    address: str = ""
    more_names: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Who asks.

    host: the name by which the server was called; "" where it is not known. address: of the visitor, "" for the
    server's own machine. by_proxy: whether something between has handed the request on. email: of who is logged in,
    else "". verified: whether the login provider has not said that the address is unverified.
    """

    host: str = ""
    address: str = ""
    by_proxy: bool = False
    email: str = ""
    verified: bool = True


def refusal(operator: Operator, visitor: Visitor) -> str:
    """Why this visitor may not deploy, in words; "" for one who may."""
    if not operator.allows:
        return ONLY_EXPORTS
    not_listed = _not_listed(operator, visitor)
    from_afar = _from_afar(operator, visitor)
    if not not_listed or not from_afar:
        return ""
    return (
        "This app may deploy, but not for you. It does for who sits at the server's own machine, and for who is logged"
        f" in and on the operator's list ({DEPLOYERS_VARIABLE}). {from_afar} {not_listed}"
    )


def require(operator: Operator, visitor: Visitor) -> None:
    """Pass who may deploy. Raises NotAllowed for everybody else."""
    why_not = refusal(operator, visitor)
    if why_not:
        raise NotAllowed(why_not)


def _not_listed(operator: Operator, visitor: Visitor) -> str:
    """Why the login does not suffice; "" where it does."""
    if not visitor.email:
        return "You are not logged in."
    if not visitor.verified:
        return f"Your login provider has not verified the address {visitor.email}."
    if visitor.email.lower() not in operator.deployers:
        return f"The address {visitor.email} is not on the list."
    return ""


def _from_afar(operator: Operator, visitor: Visitor) -> str:
    """Why the visitor does not count as one at the server's own machine; "" for one who does."""
    if operator.address not in LOOPBACK:
        return "The server listens to other machines too."
    if operator.more_names:
        return "The server answers to other names than the loopback's."
    if visitor.by_proxy:
        return "A proxy stands between you and the server."
    if visitor.address or visitor.host not in LOOPBACK:
        return "You do not come from the server's own machine."
    return ""
