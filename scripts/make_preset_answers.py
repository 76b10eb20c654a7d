"""Plan every preset and write down the answers, which the app shows at once: headroom/sharing/preset_answers.json.

    python -m scripts.make_preset_answers [--date 2026-11-29] [PRESET ...]

Presets that are not named keep their answers. Fraud takes minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime

from headroom.advisor.executor import Executor
from headroom.advisor.prepared import prepare
from headroom.advisor.search.planner import plan_prepared
from headroom.advisor.world import World
from headroom.sharing.library import load_world
from headroom.sharing.preset_answers import FILE
from headroom.sharing.presets import load_preset, preset_keys
from headroom.sharing.sent_answer import SentAnswer, of_plan
from headroom.work.executors import program_executor
from simulator.simulate import ENGINE_VERSION


def answer(key: str, world: World, executor: Executor | None, made_on: date) -> SentAnswer:
    """Return the answer to a preset, planned now."""
    scenario = load_preset(key)
    plan = plan_prepared(prepare(scenario, world), executor=executor)
    return of_plan(scenario, plan, made_on=made_on, engine=ENGINE_VERSION, prices=world.prices.version)


def main(arguments: Sequence[str]) -> int:
    """Plan the presets and write the file after each."""
    parser = argparse.ArgumentParser(description="Plan every preset and write down the answers.")
    parser.add_argument("--date", type=date.fromisoformat, default=datetime.now(UTC).date())
    parser.add_argument("presets", nargs="*", metavar="PRESET")
    given = parser.parse_args(arguments)
    world = load_world()
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    with program_executor() as executor:
        for key in given.presets or preset_keys():
            known[key] = answer(key, world, executor, given.date).model_dump(mode="json", exclude_defaults=True)
            ordered = {preset: known[preset] for preset in preset_keys() if preset in known}
            FILE.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            print(f"{key}: written", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
