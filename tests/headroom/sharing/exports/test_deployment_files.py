"""The files of a deployment: the plan is canonical and whole, the report is one page that nothing breaks out of."""

from __future__ import annotations

import io
import json
import zipfile
from html.parser import HTMLParser

import pytest

from headroom.deploy.costs import costs_of
from headroom.sharing.exports.deployment_files import EVERYTHING, FILES, files_of
from headroom.sharing.exports.deployment_plan import deployment_plan
from headroom.sharing.exports.deployment_report import deployment_report
from headroom.sharing.placement_file import read_placement
from headroom.sharing.toml_file import read_scenario, write_scenario
from simulator.errors import InvalidScenario
from simulator.patterns.registry import PATTERNS
from simulator.scenario import Scenario
from tests.headroom.advisor.outcomes import world
from tests.headroom.advisor.search.small import WORLD
from tests.headroom.deploy.placements import FULL, OPEN
from tests.headroom.deploy.rich import ASYNCHRONOUS, BATCH, REALTIME, SERVERLESS
from tests.headroom.deploy.test_form import form_of
from tests.headroom.sharing.exports.samples import placed

EVIL = "<script>alert(1)</script>\"'&${x}`id`$(id)"


def test_the_plan_has_what_a_review_asks_for() -> None:
    plan = deployment_plan(placed(), world())
    assert [entry["call"] for entry in plan["resources"][:1]] == ["sagemaker:CreateModel"]
    assert plan["hash"] == placed().form.hash
    assert plan["predicted"]["latency_s"]["p99"]["value"] > 0
    assert plan["predicted"]["clauses"]
    hourly = plan["cost"]["by_the_hour"][0]
    assert (hourly["what"], hourly["count"]) == ("ml.m5.xlarge", 1)
    assert hourly["source"]
    assert plan["cost"]["usd_per_month_at_worst"] >= plan["cost"]["usd_per_hour_at_the_start"] * 730
    assert plan["cost"]["quotas"] == [{"quota": "ml.m5.xlarge for endpoint usage", "now": 1, "most": 1}]
    assert plan["scenario"]["workload"]["name"] == "Always on"


def test_equal_deployments_give_equal_bytes() -> None:
    assert EVERYTHING.write(placed(), world()) == EVERYTHING.write(placed(), world())


@pytest.mark.parametrize("pattern", PATTERNS, ids=lambda pattern: pattern.key)
@pytest.mark.parametrize("placement", [FULL, OPEN], ids=["placed", "open"])
def test_every_pattern_has_costs_and_quotas(pattern: object, placement: object) -> None:
    form = form_of(pattern.deployment(), placement)  # type: ignore[attr-defined, arg-type]
    costs = costs_of(form, WORLD.prices, WORLD.on)
    assert costs.quotas
    assert costs.unpriced == ()


def test_the_ceiling_is_what_is_billed_at_the_most() -> None:
    costs = costs_of(form_of(REALTIME), WORLD.prices, WORLD.on)
    machines = costs.lines[0]
    assert (machines.count, machines.most) == (2, 6)
    assert costs.most_usd_per_month == pytest.approx(
        730 * sum(line.most * (line.usd_per_hour or 0) for line in costs.lines)
    )
    assert costs.usd_per_month < costs.most_usd_per_month
    (kept,) = [
        line for line in costs_of(form_of(SERVERLESS), WORLD.prices, WORLD.on).lines if "environments" in line.what
    ]
    assert (kept.count, kept.most) == (2, 8)
    jobs = costs_of(form_of(BATCH, OPEN), WORLD.prices, WORLD.on)
    assert jobs.lines[0].while_running
    assert jobs.usd_per_month == 0
    assert [need.most for need in costs_of(form_of(ASYNCHRONOUS), WORLD.prices, WORLD.on).quotas] == [4]


class Tags(HTMLParser):
    """Names of all elements, and every address that would be fetched."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.fetched: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.fetched += [value or "" for name, value in attrs if name in ("src", "href", "data", "action")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.parametrize("name", ["Always on", EVIL])
def test_the_report_runs_and_loads_nothing(name: str) -> None:
    tags = Tags()
    text = deployment_report(placed(name), world())
    tags.feed(text)
    assert tags.names <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "p", "b", "table", "thead", "tbody", "tr"),
        *("th", "td", "ul", "li", "svg", "text", "rect"),
    }
    assert tags.fetched == tags.handlers == []
    assert "url(" not in text
    assert "@import" not in text


def test_the_report_says_decision_bill_and_what_is_created() -> None:
    text = deployment_report(placed(), world())
    for words in (
        "meets every clause",
        "Cost of a month",
        "Bill of a month",
        "Quotas",
        "tested-budget",
        "Worth knowing",
    ):
        assert words in text


def test_the_archive_has_every_file_that_applies() -> None:
    with zipfile.ZipFile(io.BytesIO(EVERYTHING.write(placed(), world()))) as archive:
        assert archive.namelist() == [export.file_name for export in files_of(placed())]
        assert archive.getinfo("deploy.sh").external_attr >> 16 == 0o755
    assert "scheduler-role-policy.json" in {export.file_name for export in FILES}
    assert "scheduler-role-policy.json" not in {export.file_name for export in files_of(placed())}


def test_a_placement_stands_in_a_file_of_its_own_or_in_that_of_the_scenario() -> None:
    table = '[deploy]\nendpoint_name = "fraud"\naccount = "123456789012"\nsubnets = ["subnet-12345678"]\n'
    table += 'security_group_ids = ["sg-12345678"]\n[[deploy.tags]]\nkey = "team"\nvalue = "a"\n'
    scenario = write_scenario(Scenario())
    for text in (table, scenario + table):
        placement = read_placement(text, {"idle_alarm_hours": "6", "enable_network_isolation": "true"})
        assert (placement.endpoint_name, placement.account) == ("fraud", "123456789012")
        assert (placement.idle_alarm_hours, placement.enable_network_isolation) == (6, True)
        assert placement.tags[0].key == "team"
    assert read_scenario(scenario + table) == Scenario()
    assert read_placement(scenario) == OPEN


@pytest.mark.parametrize(
    ("text", "settings", "told"),
    [
        ("[deploy]\naccount = 12\n", {}, "deploy.account"),
        ("[deploy]\ncolour = 'red'\n", {}, "deploy.colour: given an unknown key"),
        ("deploy = 3\n", {}, "deploy: given a single value"),
        ("[deploy]\ndelete_after = 2027-01-31\n", {}, "deploy.delete_after: given the date"),
        ("", {"acount": "1"}, "Did you mean account?"),
        ("", {"account": "1"}, "deploy.account"),
        ("[deploy]\nmodel_in_image = true\nmodel_data_url = 's3://abc/k'\n", {}, "not both"),
    ],
)
def test_a_wrong_placement_is_told(text: str, settings: dict[str, str], told: str) -> None:
    with pytest.raises(InvalidScenario) as refused:
        read_placement(text, settings)
    assert told in str(refused.value)


def test_plan_json_is_json() -> None:
    (export,) = [export for export in FILES if export.key == "plan"]
    assert json.loads(export.write(placed(EVIL), world()))["scenario"]["workload"]["name"] == EVIL
