"""What is allowed and probably not meant is said at its field; what cannot be meant is a problem there."""

from __future__ import annotations

import pytest

from headroom.advisor.cautions import cautions
from headroom.advisor.prepared import check
from headroom.sharing.presets import load_preset, preset_keys
from headroom.sharing.toml_file import read_scenario
from tests.headroom.advisor.search.small import WORLD

HEAD = "schema = 1\n[simulation]\nduration_s = 86400\nreplications = 2\n"
TWO = '[[deployments]]\npattern = "realtime"\nname = "A"\n'
SCHEDULED = '[[deployments]]\npattern = "realtime"\n[[deployments.scheduled_actions]]\nschedule = "{}"\n'

NOT_MEANT = {
    "errors in per cent": ("[requirement]\nmax_error_share = 1\n", "requirement.max_error_share", "lets 100 % of the"),
    "a deadline without data sets": ("[requirement]\ndeadline_s = 60\n", "requirement.deadline_s", "without data sets"),
    "no budget": (
        "[requirement]\nmonthly_budget_usd = 1e-300\n",
        "requirement.monthly_budget_usd",
        "nothing",
    ),
    "a fault after the horizon": (
        '[[faults]]\nkind = "instance_loss"\nat_s = 1e7\n',
        "faults[0].at_s",
        "never happens: the horizon ends after 24 h",
    ),
    "two of one name": (TWO + TWO, "deployments[0].name", "which 2 deployments are called"),
    "a date that there is not": (
        SCHEDULED.format("cron(0 0 31 2 ? *)"),
        "deployments[0].scheduled_actions[0].schedule",
        "never comes",
    ),
    "a year that is over": (
        SCHEDULED.format("cron(0 0 1 1 ? 2000)"),
        "deployments[0].scheduled_actions[0].schedule",
        "never comes",
    ),
    "a least life without a most": (
        "[assumptions]\nserverless_life_min_s = 600\n",
        "assumptions.serverless_life_min_s",
        "no effect",
    ),
    "a pattern twice": ('[search]\npatterns = ["serverless", "serverless"]\n', "search.patterns", "no more than once"),
    "families without instances": (
        '[search]\npatterns = ["serverless"]\nfamilies = ["ml.m5"]\n',
        "search.families",
        "no effect: serverless has no instances",
    ),
    "a load that hardly ends": (
        '[workload.traffic]\nkind = "constant"\nrate_per_s = 1_000_000\n',
        "simulation.duration_s",
        "to simulate",
    ),
}
CANNOT_BE_MEANT = {
    "least above most": (
        "[assumptions]\nalarm_delay_min_s = 900\nalarm_delay_max_s = 0\n",
        "assumptions.alarm_delay_min_s: given 900 s; allowed: at most alarm_delay_max_s, 0 s.",
    ),
    "another least above its most": (
        "[assumptions]\nserverless_life_min_s = 86400\nserverless_life_max_s = 10\n",
        "assumptions.serverless_life_min_s: given 86400 s; allowed: at most serverless_life_max_s, 10 s.",
    ),
    "others above the account": (
        "[assumptions]\nserverless_account_concurrency = 10\nserverless_others_in_use = 1000\n",
        "assumptions.serverless_others_in_use: given 1,000; allowed: at most serverless_account_concurrency, 10.",
    ),
    "largest below mean": (
        "[workload]\nrequest_mb = 3\nmax_request_mb = 0.001\n",
        "workload.max_request_mb: given 0.001 MB; allowed: 0, or at least the mean, request_mb 3 MB.",
    ),
    "a price of no type": (
        '[[prices]]\nusage = "hosting_instance_s"\ndimension = "ml.m5.xlagre"\nusd = 0\n',
        "prices[0].dimension: given 'ml.m5.xlagre'; allowed: a known instance type; nearest: ml.m5.xlarge",
    ),
    "a window of a moment": (
        '[workload.traffic]\nkind = "trace"\nwindow_s = 1e-9\n',
        "workload.traffic.window_s: given 1e-09 s; allowed: 0, or at least 1 s. 0 takes the rest of the trace.",
    ),
}


@pytest.mark.parametrize(("text", "where", "why"), NOT_MEANT.values(), ids=NOT_MEANT.keys())
def test_what_is_probably_not_meant_is_said_at_its_field(text: str, where: str, why: str) -> None:
    scenario = read_scenario(HEAD + text)
    assert check(scenario, WORLD) == ()
    found = {caution.where: str(caution) for caution in cautions(scenario, WORLD)}
    assert why in found[where]


@pytest.mark.parametrize(("text", "problem"), CANNOT_BE_MEANT.values(), ids=CANNOT_BE_MEANT.keys())
def test_what_cannot_be_meant_is_a_problem_at_its_field(text: str, problem: str) -> None:
    (found,) = check(read_scenario(HEAD + text), WORLD)
    assert str(found).startswith(problem)


@pytest.mark.parametrize("key", preset_keys())
def test_the_presets_are_meant_as_they_are(key: str) -> None:
    assert cautions(load_preset(key), WORLD) == ()


def test_a_scenario_of_defaults_is_meant() -> None:
    assert cautions(read_scenario("schema = 1\n"), WORLD) == ()
