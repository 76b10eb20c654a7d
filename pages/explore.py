from headroom.ui.shell import nav

nav.guard()

from headroom.ui.explore import tabs  # noqa: E402
from headroom.ui.shell import problems, state  # noqa: E402

scenario = state.scenario()
if not problems.has_problems(scenario):
    tabs.show(scenario)
