"""``chalice policy verify``: what functions call while a command runs, beside their policies."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from chalice.cli import options, output, stages
from chalice.cli.group import Session
from chalice.errors import ToolError

if TYPE_CHECKING:
    from chalice.config import Config
    from chalice.policy.grants import Grant
    from chalice.policy.verification import Stack, Use, Verification

STACKS_SHOWN = 5
"""How many ways to the same call are printed, each of several lines."""


@click.group(name="policy")
def command() -> None:
    """Check what functions may do against what they do.

    \b
    Example:
        chalice policy verify -- pytest
    """


@command.command(name="verify")
@options.stage
@click.option("--strict", is_flag=True, help="Fail also for what is granted and was never used.")
@options.as_json
@click.argument("arguments", metavar="-- COMMAND...", nargs=-1, required=True)
@click.pass_obj
def verify(
    session: Session, stage: str, strict: bool, as_json: bool, arguments: tuple[str, ...]
) -> int:
    """Run COMMAND and report what functions called meanwhile.

    The stage is deployed to the embedded cloud, which COMMAND finds as its AWS. Nothing is refused
    while it runs. Then three lists are printed: what was needed and is granted, what is granted and
    was never used, what was used and is not granted, with the lines of code that led to each call.
    Exits with 1 if the last one is not empty, or as COMMAND did if that failed.

    \b
    Example:
        chalice policy verify -- pytest tests
        chalice policy verify --strict --json -- ./smoke-test.sh
    """
    from chalice.cloud import default_home, ensure_running
    from chalice.cloud.watching import watch
    from chalice.policy.verification import verify as compare

    with stages.opened_with_app(
        session.project_dir,
        stage,
        True,
        f"Deploying stage {stage}",
        profile=None,
        overrides={},
    ) as (opened, config, _):
        opened.deploy(config)
        environment = {**os.environ, **opened.environment()}
    cloud = ensure_running(default_home(os.environ), output.say)
    watched = watch(cloud, arguments, environment)
    if watched.missed:
        output.warn(
            ToolError(
                "there were more calls than the cloud remembers: the first ones are missing here",
                hint="run a shorter command",
            )
        )
    found = compare(
        _granted(session.project_dir, config), _uses(session.project_dir, stage, watched.calls)
    )
    _report(found, as_json)
    if watched.code:
        output.say(f"`{arguments[0]}` failed with exit code {watched.code}.")
        return watched.code if watched.code > 0 else 1
    return 1 if found.missing or (strict and found.unused) else 0


def _granted(project_dir: Path, config: Config) -> Mapping[str, Sequence[Grant]]:
    """Return what each function is granted, with the ARNs of the embedded cloud."""
    from chalice.assembly import libraries
    from chalice.aws.models import BotocoreModels
    from chalice.aws.session import LOCAL_REGION
    from chalice.deploy import recorded_place
    from chalice.model.values import Place, resolve
    from chalice.policy.arns import value_of
    from chalice.policy.generation import from_app

    place = recorded_place(project_dir, config.chalice_stage, is_local=True)
    if place.region == "*":
        place = Place("aws", LOCAL_REGION, "*")

    def here(grant: Grant) -> Grant:
        return replace(grant, resource=str(resolve(value_of(grant.resource), place, {})))

    with libraries(project_dir, config, output.say) as read:
        generated = from_app(config, BotocoreModels, read)
    return {name: [here(each) for each in grants] for name, grants in generated.grants.items()}


def _uses(project_dir: Path, stage: str, calls: Iterable[Mapping[str, Any]]) -> Iterator[Use]:
    """Yield what the calls of the stage's own functions needed."""
    from chalice.cli.functions import RecordedFunctions
    from chalice.policy.verification import Use

    names = {arn: name for name, arn in RecordedFunctions(project_dir, stage, True).arns.items()}
    for call in calls:
        name = names.get(":".join(call["function"].split(":")[:7]))
        if name is not None:
            what = f"{call['service']} {call['operation']}"
            stack = _stack(project_dir, call["stack"])
            stacks = (stack,) if stack else ()
            for need in call["actions"]:
                yield Use(name, need["action"], need["resource"], what, need["allowed"], stacks)


def _stack(project_dir: Path, frames: Iterable[Mapping[str, Any]]) -> Stack:
    """Return the stack of a call, with the paths that files have in the project."""
    from chalice.policy.analysis import Place
    from chalice.policy.verification import Frame

    def name_of(file: str) -> str:
        vendored = f"vendor/{file}"
        is_vendored = not (project_dir / file).exists() and (project_dir / vendored).exists()
        return vendored if is_vendored else file

    return tuple(
        Frame(Place(name_of(frame["file"]), frame["line"]), frame["function"]) for frame in frames
    )


def _report(found: Verification, as_json: bool) -> None:
    if as_json:
        output.document(
            {
                "needed": [_use(each) for each in found.needed],
                "unused": [_grant(each) for each in found.unused],
                "missing": [_use(each) for each in found.missing],
            }
        )
        return
    sections = (
        ("Needed and granted", [_line(each) for each in found.needed]),
        ("Granted, never used", [_unused(each) for each in found.unused]),
        ("Used, not granted", ["\n".join(_missing(each)) for each in found.missing]),
    )
    for title, lines in sections:
        output.data(f"{title}: {len(lines) or 'nothing'}")
        for line in lines:
            output.data(f"  {line}")


def _line(use: Use) -> str:
    return f"{use.function}: {use.action} on {use.resource} ({use.what})"


def _missing(use: Use) -> Iterator[str]:
    """Yield the lines of a use: what it is, and from where the calls were made."""
    yield _line(use)
    for stack in use.stacks[:STACKS_SHOWN]:
        for number, frame in enumerate(stack):
            yield f"    {'from' if number == 0 else '    '} {frame.place} in {frame.name}"
    if len(use.stacks) > STACKS_SHOWN:
        yield f"    and in {len(use.stacks) - STACKS_SHOWN} other ways, which --json shows"


def _unused(grant: Grant) -> str:
    reason = grant.reason
    perhaps = f", {reason.perhaps}" if reason.perhaps else ""
    return (
        f"{reason.function}: {grant.action} on {grant.resource}"
        f" ({reason.place}: {reason.what}{perhaps})"
    )


def _use(use: Use) -> dict[str, object]:
    return {
        "function": use.function,
        "action": use.action,
        "resource": use.resource,
        "call": use.what,
        "stacks": [
            [
                {"file": each.place.file, "line": each.place.line, "function": each.name}
                for each in stack
            ]
            for stack in use.stacks
        ],
    }


def _grant(grant: Grant) -> dict[str, object]:
    place = grant.reason.place
    return {
        "function": grant.reason.function,
        "action": grant.action,
        "resource": grant.resource,
        "call": grant.reason.what,
        "file": None if place is None else place.file,
        "line": None if place is None else place.line,
        "perhaps": grant.reason.perhaps,
    }
