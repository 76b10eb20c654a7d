"""The pages of the app, in the order of the menu. Adding one: a line here and a file of that stem in pages/."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the app: its file is pages/<stem>.py, its address /<stem>, or / for the default page.

    listed: whether it stands in the menu; one that does not is reached by a link.
    """

    stem: str
    title: str
    icon: str
    help: str
    default: bool = False
    listed: bool = True

    @property
    def file(self) -> str:
        """The file of the page, relative to app.py."""
        return f"pages/{self.stem}.py"


PAGES: tuple[Page, ...] = (
    Page(
        stem="plan",
        title="Plan",
        icon=":material/balance:",
        help="What to run, what it costs, how sure that is.",
        default=True,
    ),
    Page(stem="timeline", title="Timeline", icon=":material/timeline:", help="What happens when, for one deployment."),
    Page(
        stem="explore",
        title="Explore",
        icon=":material/explore:",
        help="What would change the answer, and what it hangs on.",
    ),
    Page(
        stem="portfolio",
        title="Portfolio",
        icon=":material/apps:",
        help="Several workloads together, each on its best.",
    ),
    Page(
        stem="costs",
        title="Costs and sources",
        icon=":material/receipt_long:",
        help="Every amount and every number used: source, age, your own value.",
    ),
    Page(
        stem="deploy",
        title="Export and deploy",
        icon=":material/cloud_upload:",
        help="Files that deploy a choice, and the deployment itself where the operator allows it.",
    ),
    Page(
        stem="settings",
        title="All settings",
        icon=":material/tune:",
        help="Everything about the workload, the requirement and the simulation.",
        listed=False,
    ),
)

MOVED = {"compare": "plan", "workload": "settings", "prices": "costs"}
"""Addresses that pages had before, and where they lead: each has a file of its stem, too."""


def page_of(stem: str) -> Page:
    """Return the page with this stem."""
    return next(entry for entry in PAGES if entry.stem == stem)
