"""``chalice gen-policy``: the IAM policy that the code of the app needs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import click

from chalice.cli import options, output
from chalice.cli.group import Session
from chalice.errors import ToolError

if TYPE_CHECKING:
    from chalice.config import Config
    from chalice.model.values import Document, Place
    from chalice.policy.generation import Generated

RECORDED = "-recorded-"


@click.command(name="gen-policy")
@click.option("--filename", metavar="FILE", help="The file to read, if not app.py.")
@options.stage
@click.option("--function", metavar="NAME", help="What this function needs, not all of them.")
@click.option(
    "--complete/--calls",
    default=None,
    help="With what triggers, logs and settings need, for which the app is loaded, or only what"
    " the code calls, for which it is read. Complete, unless --filename names a file.",
)
@click.option("--explain", is_flag=True, help="Say which code needs what, and through which calls.")
@click.option(
    "--diff",
    "other",
    is_flag=False,
    flag_value=RECORDED,
    metavar="[FILE]",
    help="Compare the complete policy with FILE, or with the one that the last deploy wrote;"
    " exit with 1 if they differ.",
)
@click.option(
    "--for",
    "audience",
    type=click.Choice(["deployer"]),
    help="What it takes to deploy this app, to deploy it again and to delete it.",
)
@options.as_json
@click.pass_obj
def command(
    session: Session,
    filename: str | None,
    stage: str,
    function: str | None,
    complete: bool | None,
    explain: bool,
    other: str | None,
    audience: str | None,
    as_json: bool,
) -> int:
    """Print the IAM policy that the functions need.

    No AWS account is asked. Where a stage is deployed, ARNs have its region and account.

    \b
    Example:
        chalice gen-policy
        chalice gen-policy --explain
        chalice gen-policy --stage prod --diff
        chalice gen-policy --stage prod --for deployer
    """
    from chalice.assembly import libraries
    from chalice.aws.models import BotocoreModels
    from chalice.aws.session import LOCAL_REGION
    from chalice.deploy import recorded_place
    from chalice.policy.deployer import deployer_policy
    from chalice.policy.generation import from_app, from_source

    needs_app = other is not None or audience is not None
    if filename and (complete or needs_app):
        raise click.UsageError("--filename reads one file; the others need the app.")
    if complete is None or needs_app:
        complete = needs_app or (not filename and _is_project(session.project_dir))
    if bool(explain) + bool(other) + bool(audience) > 1:
        raise click.UsageError("--explain, --diff and --for are different reports: choose one.")
    config = _configuration(session.project_dir, stage, complete)
    place = recorded_place(session.project_dir, stage)
    if complete:
        # An app may make clients when it is imported, which want a region, any one.
        os.environ.setdefault("AWS_DEFAULT_REGION", place.region.replace("*", LOCAL_REGION))
    source = None if complete else _source_file(session, config, filename)
    with libraries(session.project_dir, config, output.say) as read:
        if complete:
            generated = from_app(config, BotocoreModels, read)
        else:
            generated = from_source(config, BotocoreModels, source, read)
    if audience is not None:
        output.document(_resolved(deployer_policy(generated.resources), place))
        return 0
    names = _names(generated, function)
    for problem in generated.warnings:
        output.warn(problem)
    if other is not None:
        before = _document(session.project_dir, stage, other)
        return _compare(before, generated.policy(names), place, as_json)
    if explain:
        _explain(generated, names, place, as_json)
    else:
        output.document(_resolved(generated.policy(names), place))
    return 0


def _configuration(project_dir: Path, stage: str, complete: bool) -> Config:
    """Return the configuration; for source alone there need be none."""
    from chalice.config import Config, load

    if not complete and not _is_project(project_dir):
        return Config.create(stage, project_dir=str(project_dir))
    config = load(project_dir, stage)
    for warning in config.warnings:
        output.warn(warning)
    return config


def _is_project(directory: Path) -> bool:
    return (directory / ".chalice" / "config.json").exists()


def _source_file(session: Session, config: Config, filename: str | None) -> Path | None:
    """Return the file to read, None for the module of the project's app."""
    if filename is None and config.entry.file(session.project_dir) is not None:
        return None
    path = session.project_dir / (filename or config.entry.shown_file)
    if not path.is_file():
        raise ToolError(f"App file does not exist: {path}")
    return None if filename is None else path


def _names(generated: Generated, function: str | None) -> Sequence[str]:
    names = list(generated.grants)
    if function is None:
        return names
    if function not in names:
        close = get_close_matches(function, names, n=1)
        hint = f"did you mean `{close[0]}`? " if close else ""
        raise ToolError(
            f"the app has no function `{function}`", hint=f"{hint}it has: {', '.join(names)}"
        )
    return [function]


def _explain(generated: Generated, names: Sequence[str], place: Place, as_json: bool) -> None:
    from chalice.policy import explained

    def shown(arn: str) -> str:
        from chalice.policy.arns import value_of

        return str(_resolved(value_of(arn), place))

    grants = [grant for name in names for grant in generated.grants[name]]
    left_out = [grant for name in names for grant in generated.left_out[name]]
    if as_json:
        output.document(
            {
                "granted": explained.data(grants, shown),
                "left_out": explained.data(left_out, shown),
                "unresolved": [
                    {"where": each.where, "what": each.summary, "hint": each.hint}
                    for each in generated.warnings
                ],
            }
        )
        return
    for line in explained.lines(grants, left_out, shown):
        output.data(line)


def _document(project_dir: Path, stage: str, other: str) -> Document:
    from chalice.policy.files import read_policy

    if other != RECORDED:
        return read_policy(project_dir / other)
    path = project_dir / ".chalice" / f"policy-{stage}.json"
    if not path.exists():
        raise ToolError(
            f"no policy is recorded for stage {stage}",
            hint="a deploy writes it; or name the file to compare with: --diff FILE",
        )
    return read_policy(path)


def _compare(before: Document, after: Document, place: Place, as_json: bool) -> int:
    from chalice.iam.differences import difference

    found = difference(_resolved(before, place), _resolved(after, place))
    if as_json:
        output.document(
            {
                "added": [{"action": each[0], "resource": each[1]} for each in found.added],
                "removed": [{"action": each[0], "resource": each[1]} for each in found.removed],
            }
        )
    else:
        for sign, pairs in (("+", found.added), ("-", found.removed)):
            for action, resource in pairs:
                output.data(f"{sign} {action} on {resource}")
    return 1 if found else 0


def _resolved(document: Document, place: Place) -> Document:
    from chalice.model.values import resolve_document

    return resolve_document(document, place, {})
