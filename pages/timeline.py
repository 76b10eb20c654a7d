from ui import nav

nav.guard()

from ui import live, problems, state, timeline  # noqa: E402

scenario = state.scenario()
if not problems.found(scenario):
    results = live.results(scenario)
    chosen = timeline.choose(scenario, results)
    if chosen is not None:
        timeline.panels(scenario, chosen)
