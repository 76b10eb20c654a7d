"""The figures and files of a portfolio: curves meet their clock, titles say what the numbers say."""

from __future__ import annotations

import csv
import io

import pytest

from headroom.advisor.portfolio.conclude import conclude
from headroom.advisor.portfolio.description import Member, Portfolio, Quotas, SavingsPlan
from headroom.advisor.portfolio.savings import hourly_curve
from headroom.advisor.portfolio.totals import PortfolioPlan
from headroom.sharing.exports.portfolio_csv import portfolio_csv
from headroom.ui.figures import portfolio as figures
from headroom.ui.figures.look import Drawing, Look
from tests.headroom.advisor.portfolio.made import answered, by_hour, scenario

LOOKS = (Look(dark=False), Look(dark=True))


@pytest.fixture(scope="module")
def found() -> PortfolioPlan:
    """Two endpoints, one of them for a week and by day only; one name looks like a formula."""
    steady, daily = scenario("=Steady"), scenario("Daily", days=7)
    hours = [*[0.0] * 8, *[4.0] * 10, *[0.0] * 6] * 7
    answers = [answered(steady, by_hour(steady, [2.0] * 24)), answered(daily, by_hour(daily, hours))]
    return conclude(
        Portfolio(
            workloads=(Member(scenario=steady), Member(scenario=daily)),
            quotas=Quotas(endpoint_instances=12),
            savings_plans=(SavingsPlan(discount_percent=20),),
        ),
        answers,
    )


def drawings(found: PortfolioPlan, look: Look) -> list[Drawing]:
    savings, curve = found.best.savings[0], hourly_curve(found.best.demands, found.portfolio.savings_plans[0])
    return [
        figures.costs(found, False, look),
        figures.shared(found.best.limits[0], found.best.demands, found.axis, look),
        figures.hours(savings, curve, look),
        figures.commitments(savings, look),
    ]


@pytest.mark.parametrize("look", LOOKS)
def test_every_point_has_its_place_and_every_row_its_cells(found, look):
    for drawing in drawings(found, look):
        assert all(len(trace.x) == len(trace.y) for trace in drawing.figure.data)
        assert len({len(column) for column in drawing.table.values()}) == 1
        assert drawing.alt


def test_titles_say_the_finding(found):
    costs, shared, hours, commitments = (drawing.question for drawing in drawings(found, LOOKS[0]))
    assert costs.startswith("Each on its best costs $")
    assert "At most 6 in use at once" in shared
    assert "50 % of what is allowed" in shared
    assert "168 of 168 hours use all of it" in hours
    assert commitments.startswith("The best commitment saves $")


def test_the_file_has_a_row_for_each_workload_in_each_mapping_and_no_formula(found):
    rows = list(csv.DictReader(io.StringIO(portfolio_csv(found))))
    assert [row["mapping"] for row in rows] == ["best", "best", "always-on", "always-on"]
    assert rows[0]["workload"] == "'=Steady"
    assert float(rows[0]["cost_usd_per_month"]) == pytest.approx(found.best.choices[0].cost_usd_per_month.value)
