from headroom.ui.shell import nav

nav.guard()

from headroom.ui.portfolio import body, portfolio_state  # noqa: E402

body.show(portfolio_state.portfolio())
