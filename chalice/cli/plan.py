"""``chalice plan``: what a deploy would do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chalice.cli import options, output, stages
from chalice.cli.group import Session

if TYPE_CHECKING:
    from chalice.plan.actions import Action


@click.command(name="plan")
@stages.takes_what_to_deploy
@options.as_json
@click.pass_obj
def command(
    session: Session,
    is_local: bool,
    autogen_policy: bool | None,
    profile: str | None,
    api_gateway_stage: str | None,
    stage: str,
    as_json: bool,
) -> None:
    """Show what `chalice deploy` would do, and change nothing.

    Each line is one resource: `+` create, `~` update, `±` replace, `-` delete.

    \b
    Example:
        chalice plan --local
        chalice plan --stage prod
    """
    from chalice.plan.wording import lines

    overrides = {"autogen_policy": autogen_policy, "api_gateway_stage": api_gateway_stage}
    title = f"Planning stage {stage}"
    with stages.opened_with_app(
        session.project_dir, stage, is_local, title, profile=profile, overrides=overrides
    ) as (opened, config, _):
        plan = opened.plan(config)
    if as_json:
        output.document([_as_data(action) for action in plan])
    else:
        for line in lines(plan):
            output.data(line)


def _as_data(action: Action) -> dict[str, object]:
    from chalice.plan.actions import subject
    from chalice.plan.wording import policy_change, verb

    data: dict[str, object] = {"action": verb(action), "resource": subject(action)}
    change = policy_change(action)
    if change is not None:
        for name, pairs in (("added", change.added), ("removed", change.removed)):
            data[name] = [{"action": pair[0], "resource": pair[1]} for pair in pairs]
    return data
