from __future__ import annotations

import re
import tomllib
from collections.abc import Callable

import pytest
from hypothesis import given

from headroom.advisor.portfolio.description import MAX_WORKLOADS, Member, Portfolio
from headroom.sharing.portfolio_file import gather, write_portfolio
from headroom.sharing.presets import PRESETS, load_company, load_preset, preset_text
from simulator.errors import InvalidScenario
from simulator.patterns.asynchronous.deployment import AsynchronousDeployment
from simulator.patterns.realtime.deployment import RealtimeDeployment
from tests.headroom.sharing.portfolios import portfolio_in, portfolios

FILES = {
    "fraud.toml": preset_text("fraud"),
    "sub/docs.toml": preset_text("documents"),
    "bad.toml": "schema = 1\nfoo = 2",
}


def read_file(name: str) -> str:
    return FILES[name]


def problems(text: str, read: Callable[[str], str] = read_file) -> list[str]:
    with pytest.raises(InvalidScenario) as raised:
        portfolio_in(text, read)
    return [str(problem).removeprefix("portfolio.toml: ") for problem in raised.value.problems]


@pytest.mark.slow
@given(portfolios())
def test_a_file_gives_the_portfolio_back(portfolio: Portfolio) -> None:
    text = write_portfolio(portfolio)
    assert portfolio_in(text) == portfolio
    assert tomllib.loads(text)["schema"] == 1


def test_workloads_come_from_files_presets_and_the_file_itself() -> None:
    found = portfolio_in(
        """
        schema = 1
        name = "Everything"
        [[workloads]]
        file = "fraud.toml"
        fixed = "Real-time, fixed"
        [[workloads]]
        preset = "documents"
        [[workloads]]
        [workloads.scenario.workload]
        name = "My own"
        [workloads.fixed]
        pattern = "asynchronous"
        scaling = "none"
        [quotas]
        endpoint_instances = 40
        [[quotas.instance_types]]
        instance_type = "ml.c5.4xlarge"
        most = 20
        [[savings_plans]]
        discount_percent = 20
        [[savings_plans.discounts]]
        instance = "ml.c5"
        discount_percent = 25.5
        """,
        read_file,
    )
    assert [one.scenario.workload.name for one in found.workloads] == [
        "Card-fraud scoring",
        "Insurance documents",
        "My own",
    ]
    fraud, documents, own = found.workloads
    assert fraud.fixed == load_preset("fraud").deployments[1]
    assert documents.fixed is None
    assert isinstance(own.fixed, AsynchronousDeployment)
    assert own.fixed.scaling is None
    assert found.quotas.instance_types[0].most == 20
    assert found.savings_plans[0].discounts[0].discount_percent == 25.5


def test_every_problem_is_told_at_once_with_its_path() -> None:
    text = """
        schema = 1
        nam = "x"
        [[workloads]]
        preset = "frud"
        [[workloads]]
        file = "bad.toml"
        [[workloads]]
        file = "fraud.toml"
        preset = "fraud"
        [[workloads]]
        preset = "fraud"
        fixed = "Real-time, fixt"
        [[workloads]]
        other = 1
        [workloads.scenario.workload]
        request_mb = "much"
        [[workloads]]
        preset = "fraud"
        [workloads.fixed]
        pattern = "serverless"
        max_concurrency = 201
        [[workloads]]
        preset = 5
        [[workloads]]
        preset = "fraud"
        fixed = 1
        [[savings_plans]]
        discount_percent = 95
        """
    found = problems(text)
    assert [one.partition(": given")[0] for one in found] == [
        "workloads[0].preset",
        "bad.toml: foo",
        "workloads[2]",
        "workloads[3].fixed",
        "workloads[4].other",
        "workloads[4].scenario.workload.request_mb",
        "workloads[5].fixed.max_concurrency",
        "workloads[6].preset",
        "workloads[7].fixed",
        "savings_plans[0].discount_percent",
        "nam",
    ]
    assert "Did you mean Real-time, fixed?" in found[3]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("workloads = []", "schema: given nothing"),
        ("schema = 99\nworkloads = []", "newer version"),
        ("schema = 1\nworkloads = 3", "workloads: given 3; allowed: a list of tables"),
        ("schema = 1\nworkloads = [1]", "workloads[0]: given 1; allowed: a table"),
        ("schema = 1\nname = 2026-01-01\nworkloads = []", "name: given the date or time"),
        ("schema = 1\n" + "[[workloads]]\n" * (MAX_WORKLOADS + 1), f"allowed: at most {MAX_WORKLOADS}"),
        ("schema = 1\n[[workloads]]\n", "workloads[0]: given nothing; allowed: one of file, preset, scenario"),
    ],
)
def test_what_is_not_a_portfolio_is_said(text: str, words: str) -> None:
    assert words in "\n".join(problems(text))


def test_a_browser_reads_no_files() -> None:
    with pytest.raises(
        InvalidScenario, match=re.escape("workloads[0].file: given 'fraud.toml'; allowed: a scenario in")
    ):
        portfolio_in("schema = 1\n[[workloads]]\nfile = 'fraud.toml'")


def test_names_that_two_deployments_share_cannot_be_fixed_by_name() -> None:
    one = RealtimeDeployment(name="Same")
    two = RealtimeDeployment(name="Same", initial_instance_count=2)
    scenario = load_preset("fraud").model_copy(update={"deployments": (one, two)})
    portfolio = Portfolio(workloads=(Member(scenario=scenario, fixed=two),))
    text = write_portfolio(portfolio)
    assert "[workloads.fixed]" in text
    assert portfolio_in(text) == portfolio
    by_name = text.partition("[workloads.fixed]")[0].replace("[[workloads]]", "[[workloads]]\nfixed = 'Same'")
    assert "'Same', which several deployments have" in problems(by_name)[0]


def test_files_are_gathered() -> None:
    whole = "schema = 1\nname = 'W'\n[[workloads]]\nfile = 'docs.toml'"
    asked = []

    def beside(portfolio_file: str, name: str) -> str:
        asked.append((portfolio_file, name))
        return FILES["sub/docs.toml"]

    found = gather([("a.toml", FILES["fraud.toml"]), ("sub/w.toml", whole)], beside)
    assert asked == [("sub/w.toml", "docs.toml")]
    assert found.name == "W"
    assert [one.scenario.workload.name for one in found.workloads] == ["Insurance documents", "Card-fraud scoring"]


def test_gathering_tells_the_problems_of_all_files() -> None:
    whole = "schema = 1\n[[workloads]]\npreset = 'fraud'"
    files = [("bad.toml", FILES["bad.toml"]), ("w.toml", whole), ("v.toml", whole), ("broken.toml", "a = ")]
    with pytest.raises(InvalidScenario) as raised:
        gather(files, lambda _file, _name: "")
    said = [str(problem) for problem in raised.value.problems]
    assert said[0].startswith("bad.toml: foo: given an unknown key")
    assert said[1].startswith("v.toml: given a second portfolio, after w.toml")
    assert said[2].startswith("broken.toml: line 1")


def test_the_company_is_a_portfolio() -> None:
    company = load_company()
    keys = [preset.key for preset in PRESETS if preset.group == company.name]
    assert [member.scenario for member in company.workloads] == [load_preset(key) for key in keys]
    assert portfolio_in(write_portfolio(company)) == company
