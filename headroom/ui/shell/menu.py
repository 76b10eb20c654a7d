"""The pages of the app, in the order of the menu. Adding one: a line here and a file of that stem in pages/."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of the app: its file is pages/<stem>.py, its address /<stem>, or / for the default page."""

    stem: str
    title: str
    icon: str
    help: str
    default: bool = False

    @property
    def file(self) -> str:
        """The file of the page, relative to app.py."""
        return f"pages/{self.stem}.py"


PAGES: tuple[Page, ...] = (
    Page(stem="plan", title="Plan", icon=":material/balance:", help="What to run, what it costs, how sure that is."),
    Page(stem="workload", title="Workload", icon=":material/show_chart:", help="What you have and what must hold."),
    Page(
        stem="compare",
        title="Compare",
        icon=":material/balance:",
        help="Every pattern, priced and judged.",
        default=True,
    ),
    Page(
        stem="explore",
        title="Explore",
        icon=":material/explore:",
        help="The whole trade-off, and what would change it.",
    ),
    Page(
        stem="portfolio",
        title="Portfolio",
        icon=":material/apps:",
        help="Several workloads together, each on its best.",
    ),
    Page(stem="timeline", title="Timeline", icon=":material/timeline:", help="What happens when, for one deployment."),
    Page(
        stem="prices",
        title="Prices and assumptions",
        icon=":material/receipt_long:",
        help="Every number used: source, age, your own value.",
    ),
)
