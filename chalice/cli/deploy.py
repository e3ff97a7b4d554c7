"""``chalice deploy``: make the cloud hold what the app declares."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from chalice.cli import options, output, stages
from chalice.cli.group import Session
from chalice.errors import ToolError

if TYPE_CHECKING:
    from chalice.config import Config
    from chalice.model.state import Record
    from chalice.plan.actions import Plan

URLS = (
    ("RestApi", "Rest API URL", "rest_api_url"),
    ("HttpApi", "HTTP API URL", "http_api_url"),
    ("FunctionUrl", "Function URL", "function_url"),
    ("WebsocketApi", "Websocket API URL", "websocket_api_url"),
)
"""Kind, label and output of what people may call, the one that ``chalice url`` prints first."""


@click.command(name="deploy")
@stages.takes_what_to_deploy
@click.option("--connection-timeout", type=int, metavar="SECONDS", help="Per connection to AWS.")
@stages.yes
@options.enforce_iam
@options.as_json
@click.pass_obj
def command(
    session: Session,
    is_local: bool,
    autogen_policy: bool | None,
    profile: str | None,
    api_gateway_stage: str | None,
    stage: str,
    connection_timeout: int | None,
    yes: bool,
    enforce_iam: bool | None,
    as_json: bool,
) -> None:
    """Deploy the app, or what changed of it.

    Every step is recorded as it is done: after a failure, or a kill, the same command goes on
    where the last one ended. On a terminal it asks before it changes what a role may do.

    \b
    Example:
        chalice deploy --local
        chalice deploy --local --no-enforce-iam
        chalice deploy --stage prod --profile work
    """
    if enforce_iam is not None and not is_local:
        raise ToolError("AWS enforces IAM policies always", hint="add `--local`")
    overrides = {"autogen_policy": autogen_policy, "api_gateway_stage": api_gateway_stage}
    with stages.opened_with_app(
        session.project_dir,
        stage,
        is_local,
        f"Deploying stage {stage}",
        profile=profile,
        overrides=overrides,
        connect_timeout=connection_timeout,
    ) as (opened, config, progress):

        def approve(plan: Plan) -> None:
            with progress.paused():
                ask_about_policies(plan, config)

        stages.enforce_iam(enforce_iam)
        asks = not yes and sys.stdin.isatty() and sys.stderr.isatty()
        outcome = opened.deploy(config, approve if asks else None)
    if as_json:
        output.document(
            {
                "stage": stage,
                "local": is_local,
                "resources": [
                    {"name": record.name, "kind": record.kind, **record.outputs}
                    for record in outcome.records
                ],
            }
        )
    else:
        output.data("\n".join(["Resources deployed:", *report(outcome.records)]))


def report(records: Sequence[Record]) -> Iterator[str]:
    """Yield a line for each resource that people want to see: functions first, URLs last."""
    for record in records:
        if record.kind == "Layer":
            yield f"  - Lambda Layer ARN: {record.outputs['layer_version_arn']}"
        if record.kind == "Function":
            yield f"  - Lambda ARN: {record.outputs['lambda_arn']}"
    for kind, label, name in URLS:
        for record in records:
            if record.kind == kind:
                yield f"  - {label}: {record.outputs[name]}"
    for record in records:
        if record.kind == "DomainName":
            yield "  - Custom domain name:"
            yield f"      HostedZoneId: {record.outputs['hosted_zone_id']}"
            yield f"      AliasDomainName: {record.outputs['alias_domain_name']}"


def ask_about_policies(plan: Plan, config: Config) -> None:
    """Ask whether generated policies may change as planned, if one does; raise Abort if not."""
    from chalice.graph import has_generated_policy
    from chalice.model.functions import Role
    from chalice.plan.actions import Update
    from chalice.plan.wording import policy_change

    changes = {
        action.resource.role_name: policy_change(action)
        for action in plan
        if isinstance(action, Update)
        and isinstance(action.resource, Role)
        and has_generated_policy(action.resource.name, config)
    }
    changed = {role: change for role, change in changes.items() if change}
    if not changed:
        return
    output.say("Updating IAM policy.")
    for role, change in changed.items():
        of_role = "" if len(changed) == 1 else f" of {role}"
        for verb, pairs in (("added to", change.added), ("removed from", change.removed)):
            if pairs:
                what = "action will be" if len(pairs) == 1 else "actions will be"
                output.say(f"\nThe following {what} {verb} the execution policy{of_role}:\n")
                for action, resource in pairs:
                    output.say(action if resource == "*" else f"{action} on {resource}")
    output.say("")
    if not click.confirm("Would you like to continue?", default=True, err=True):
        raise click.Abort
