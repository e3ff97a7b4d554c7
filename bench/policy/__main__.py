"""What the analysis finds and misses in programs whose needs are known, and how long it takes.

``python -m bench.policy`` prints recall and precision per function, ours and AWS Chalice's
(`gen-policy`, in an environment of its own, as a black box). ``--speed`` measures time instead,
and ``--libraries`` analyses what is installed, for minutes.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.policy.actions import grants
from bench.policy.original import actions_of_original
from bench.policy.speed import measure_libraries, measure_speed
from chalice.aws.models import BotocoreModels
from chalice.policy.analysis import Findings, analyse, discover

PROGRAMS = Path(__file__).parent / "programs"

Truth = Mapping[str, Mapping[str, list[str]]]


@dataclass
class Score:
    """Counts of what is right, missing and too much."""

    right: int = 0
    missing: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    def compare(self, where: str, truth: set[str], found: set[str]) -> None:
        self.right += len(truth & found)
        self.missing += [f"{where} {each}" for each in sorted(truth - found)]
        self.extra += [f"{where} {each}" for each in sorted(found - truth)]

    @property
    def recall(self) -> float:
        total = self.right + len(self.missing)
        return self.right / total if total else 1.0

    @property
    def precision(self) -> float:
        total = self.right + len(self.extra)
        return self.right / total if total else 1.0

    def __str__(self) -> str:
        return f"recall {self.recall:7.2%}  precision {self.precision:7.2%}"


def main() -> int:
    """Return 1 if something that is needed is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="without AWS Chalice")
    parser.add_argument("--speed", action="store_true", help="measure time instead")
    parser.add_argument("--libraries", action="store_true", help="analyse what is installed")
    arguments = parser.parse_args()
    if arguments.speed:
        return measure_speed()
    if arguments.libraries:
        return measure_libraries()
    models = BotocoreModels()
    actions, resources = Score(), Score()
    theirs = Score()
    for program in sorted(path.parent for path in PROGRAMS.glob("*/truth.json")):
        truth: Truth = json.loads((program / "truth.json").read_text())
        environment = _environment(program)
        functions = discover(program, models)
        found = analyse(program, functions, lambda _, fixed=environment: fixed, models)
        for name in sorted({*truth, *found}):
            _judge(f"{program.name}.{name}", truth, found, name, actions, resources)
        if not arguments.quick:
            needed = {action for each in truth.values() for action in each}
            theirs.compare(program.name, needed, actions_of_original(program))
    for title, score in (("actions", actions), ("resources", resources)):
        for each in score.missing:
            print(f"missing {title}: {each}")
        for each in score.extra:
            print(f"too much {title}: {each}")
    print(f"ours, actions of each function    {actions}")
    print(f"ours, actions and resources       {resources}")
    if not arguments.quick:
        print(f"AWS Chalice, actions of each app  {theirs}")
    return 1 if actions.missing or resources.missing else 0


def _judge(
    where: str,
    truth: Truth,
    found: Mapping[str, Findings],
    name: str,
    actions: Score,
    resources: Score,
) -> None:
    findings = found.get(name, Findings())
    pairs = {pair for call in findings.calls for pair in grants(call)}
    pairs |= {(each.action, each.resource or "*") for each in findings.declared}
    needed = truth.get(name, {})
    actions.compare(where, set(needed), {action for action, _ in pairs})
    resources.compare(
        where,
        {f"{action} {each}" for action, names in needed.items() for each in names},
        {f"{action} {each}" for action, each in pairs},
    )


def _environment(program: Path) -> Mapping[str, str]:
    path = program / "environment.json"
    found: Mapping[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return found


if __name__ == "__main__":
    sys.exit(main())
