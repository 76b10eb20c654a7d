from ui import nav

nav.guard()

from ui import explore, problems, state  # noqa: E402

scenario = state.scenario()
if not problems.found(scenario):
    explore.show(scenario)
