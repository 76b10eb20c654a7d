from headroom.ui.shell import nav

nav.guard()
