"""Deploying and deleting a stage: assemble it, observe, plan, execute."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalice import graph
from chalice.assembly import assemble
from chalice.aws.cloud import AwsCloud
from chalice.aws.session import Session
from chalice.aws.state import StateFile
from chalice.aws.uploads import check_direct
from chalice.config import Config
from chalice.errors import ToolError
from chalice.model.functions import Role
from chalice.model.resources import Resource
from chalice.model.state import Record, State
from chalice.model.values import Place
from chalice.plan.actions import Keep, Plan, subject
from chalice.plan.executor import Executor
from chalice.plan.journal import Journal
from chalice.plan.observer import observe
from chalice.plan.planner import plan as decide
from chalice.plan.wording import progress
from chalice.policy import combined, written

Say = Callable[[str], None]
Warn = Callable[[ToolError], None]
Approve = Callable[[Plan], None]
"""Shown a plan before it is carried out; whoever does not want it raises."""


@dataclass(frozen=True)
class Outcome:
    """What a command did to a stage, and what is recorded of it now."""

    plan: Plan
    records: Sequence[Record]


class Stage:
    """One stage of one project in one account, or in the embedded cloud.

    ``say`` is told, a line at a time, what is being done, ``warn`` what is odd.
    """

    def __init__(
        self, project_dir: Path, name: str, session: Session, say: Say, warn: Warn
    ) -> None:
        self._project_dir = project_dir
        self._name = name
        self._session = session
        self._say = say
        self._warn = warn
        self._cloud = AwsCloud(session)
        self._file = StateFile(state_path(project_dir, name, local=session.is_local))

    def environment(self) -> Mapping[str, str]:
        """Return the variables by which code in this process finds the embedded cloud; none for
        AWS, which it finds by itself.
        """
        return self._session.environment()

    def plan(self, config: Config) -> Plan:
        """Return what ``deploy`` would do; changes nothing in AWS."""
        state = self._load()
        return self._decide(self._desired(config), state)[0]

    def deploy(self, config: Config, approve: Approve | None = None) -> Outcome:
        """Make AWS hold what the config and its app ask for, if ``approve`` lets it."""
        with self._file.locked():
            state = self._load()
            desired = self._desired(config)
            plan, settled = self._decide(desired, state)
            if approve is not None:
                approve(plan)
            self._write_policy(config, desired)
            return self._carry_out(plan, state, settled)

    def delete(self) -> Outcome:
        """Delete everything that is recorded. The app is not loaded."""
        with self._file.locked():
            state = self._load()
            if state.empty:
                return Outcome((), ())
            plan, settled = self._decide((), state)
            return self._carry_out(plan, state, settled)

    def _load(self) -> State:
        state = self._file.load()
        if state.foreign:
            kinds = ", ".join(sorted({str(row.get("resource_type")) for row in state.foreign}))
            raise ToolError(
                f"this version cannot manage what is recorded here: {kinds}",
                where=str(self._file.path),
                hint="use the version that deployed this stage; nothing was changed",
            )
        self._check_place(state)
        return state

    def _check_place(self, state: State) -> None:
        """Refuse to mix two accounts or regions in the record of one stage."""
        for recorded in {where for record in state.records.values() for where in _places(record)}:
            place = self._session.place()
            region, account = recorded[0] or place.region, recorded[1] or place.account
            if (region, account) != (place.region, place.account):
                raise ToolError(
                    f"stage `{self._name}` is deployed in account {account}, region {region}; "
                    f"this command runs in account {place.account}, region {place.region}",
                    where=str(self._file.path),
                    hint="choose the account with --profile and the region with "
                    "AWS_DEFAULT_REGION, or deploy another --stage",
                )

    def _desired(self, config: Config) -> Sequence[Resource]:
        self._session.place()  # no account, no work: installing requirements may take minutes
        assembled = assemble(self._project_dir, config, self._say, check_direct)
        for warning in assembled.warnings:
            self._warn(warning)
        return assembled.resources

    def _write_policy(self, config: Config, desired: Sequence[Resource]) -> None:
        """Write what the generated policies allow where a person can read and edit it."""
        policies = [
            resource.policy
            for resource in desired
            if isinstance(resource, Role) and graph.has_generated_policy(resource.name, config)
        ]
        name = f"policy-{self._name}.json"
        path = self._project_dir / ".chalice" / name
        if policies and not written.write(path, combined(policies)):
            self._say(f"Leaving .chalice/{name} as it is: somebody has edited it")

    def _decide(self, desired: Sequence[Resource], state: State) -> tuple[Plan, State]:
        """Return the plan, and the state with all intents settled."""
        place = self._session.place()
        seen = observe(self._cloud, desired, state, place)
        plan = decide(desired, seen.recorded, seen.retired, seen.actual, place)
        return plan, State(records=seen.recorded, retired=tuple(seen.retired))

    def _carry_out(self, plan: Plan, state: State, settled: State) -> Outcome:
        if settled != state:
            self._file.save(settled)
        journal = Journal(settled, self._file)
        executor = Executor(
            self._cloud,
            journal,
            self._session.place(),
            lambda action: self._say(progress(action)),
        )
        try:
            executor.run(plan)
        except ToolError as error:
            raise self._interrupted(error, executor.done, plan) from error
        order = {subject(action): place for place, action in enumerate(plan)}
        records = sorted(journal.state.records.values(), key=lambda record: order[record.name])
        return Outcome(plan, tuple(records))

    def _interrupted(self, error: ToolError, done: int, plan: Plan) -> ToolError:
        total = sum(not isinstance(action, Keep) for action in plan)
        progress_made = (
            f"{done} of {total} steps are done and recorded; run the same command again to go on"
        )
        hint = f"{error.hint}; {progress_made}" if error.hint else progress_made
        return ToolError(error.summary, hint=hint, where=error.where, problems=error.problems)


def state_path(project_dir: Path, stage: str, *, local: bool) -> Path:
    """Return where a stage is recorded; what is deployed to this machine has its own folder."""
    folder = project_dir / ".chalice" / "deployed"
    return (folder / "local" if local else folder) / f"{stage}.json"


def recorded_place(project_dir: Path, stage: str, *, is_local: bool | None = None) -> Place:
    """Return where a stage is deployed, ``*`` for what its record does not tell.

    ``is_local`` None: what is recorded of AWS counts more than what is recorded of this machine.
    """
    for local in (False, True) if is_local is None else (is_local,):
        records = StateFile(state_path(project_dir, stage, local=local)).load().records.values()
        for record in records:
            if record.kind == "Function":
                _, partition, _, region, account, _ = record.outputs["lambda_arn"].split(":", 5)
                return Place(partition, region, account)
    return Place("*", "*", "*")


def _places(record: Record) -> Iterator[tuple[str, str]]:
    """Yield region and account of each ARN in a record; either is empty where it has none."""
    for value in record.outputs.values():
        fields = value.split(":", 5)
        if fields[0] == "arn" and len(fields) == 6:
            yield fields[3], fields[4]
