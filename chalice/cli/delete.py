"""``chalice delete``: remove everything that a stage's deploys made."""

from __future__ import annotations

import sys

import click

from chalice.cli import options, output, stages
from chalice.cli.group import Session


@click.command(name="delete")
@stages.local
@options.profile
@options.stage
@stages.yes
@click.pass_obj
def command(session: Session, is_local: bool, profile: str | None, stage: str, yes: bool) -> None:
    """Delete all that was deployed for a stage, nothing else.

    On a terminal it asks first. The app itself is not loaded, so it may be broken.

    \b
    Example:
        chalice delete --local
        chalice delete --stage prod -y
    """
    from chalice.config import load

    config = load(session.project_dir, stage)
    is_local = is_local or stages.is_recorded_locally_only(session.project_dir, stage)
    if not yes and sys.stdin.isatty() and sys.stderr.isatty():
        where = "the embedded cloud" if is_local else "AWS"
        question = f"Delete stage {stage} of {config.app_name} from {where}?"
        if not click.confirm(question, err=True):
            raise click.Abort
    with stages.opened(
        session.project_dir,
        stage,
        is_local,
        f"Deleting stage {stage}",
        profile=profile or config.profile,
    ) as opened:
        outcome = opened.delete()
    if not outcome.plan:
        output.say(f"Nothing is recorded for stage {stage}.")
