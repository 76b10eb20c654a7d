"""The portfolio of a session, and its place in the address, beside the scenario (`state`): `p`, or `pl` once it is
stored on this server.

On its own page the portfolio is always in the address; on other pages it is there once it is not the company of the
presets any more, so that a reload loses nothing.
"""

from __future__ import annotations

from headroom.advisor.portfolio.description import Portfolio
from headroom.sharing.portfolio_link import decode_portfolio, encode_portfolio, pack_portfolio, unpack_portfolio
from headroom.ui.shell import cached
from headroom.ui.shell.history import Held
from headroom.ui.shell.place import AddressPlace, address

PAGE = "portfolio"

HELD = Held[Portfolio]("portfolio")
PLACE = AddressPlace(
    history=HELD,
    full="p",
    short="pl",
    encode=encode_portfolio,
    decode=decode_portfolio,
    keep=lambda portfolio: cached.store_to_write().put_portfolio(portfolio),
    load=lambda id_: cached.store().get_portfolio(id_),
    tab="pk",
    pack=pack_portfolio,
    unpack=unpack_portfolio,
)
portfolio, put, change = HELD.value, HELD.put, HELD.change


def sync() -> None:
    """Take the portfolio from the address when it holds one; at first it is the company of the presets."""
    PLACE.read(cached.company_portfolio)


def parameters(*, own_page: bool) -> dict[str, str]:
    """Return the parameters of the portfolio for the address, and note them as written. own_page: whether its page is
    shown.
    """
    own = PLACE.write()
    return own if own_page or portfolio() != cached.company_portfolio() else {}


def share_url() -> str:
    """Return the address of the portfolio alone, for copying; empty when there is none."""
    return address(PLACE.parameters(), PAGE)
