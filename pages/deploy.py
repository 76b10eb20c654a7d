from headroom.ui.shell import nav

nav.guard()

from headroom.ui.deploy import page  # noqa: E402
from headroom.ui.plan import stages  # noqa: E402
from headroom.ui.shell import problems, state  # noqa: E402

scenario = state.scenario()
if not problems.has_problems(scenario):
    page.show(scenario)
    stages.go_on(scenario, stages.at_once(scenario))
