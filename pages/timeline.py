from ui import nav

nav.guard()

from ui import live, problems, state, timeline  # noqa: E402

scenario = state.scenario()
if not problems.found(scenario):
    timeline.show(scenario, live.results(scenario))
