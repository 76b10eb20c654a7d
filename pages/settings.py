from headroom.ui.shell import nav

nav.guard()

from headroom.ui.shell import state  # noqa: E402
from headroom.ui.workload import settings  # noqa: E402

settings.show(state.scenario())
