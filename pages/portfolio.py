from ui import nav

nav.guard()

from ui import portfolio, portfolio_state  # noqa: E402

portfolio.show(portfolio_state.portfolio())
