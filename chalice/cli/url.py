"""``chalice url``: where the stage answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from chalice.cli import options, output, stages
from chalice.cli.deploy import URLS
from chalice.cli.group import Session

if TYPE_CHECKING:
    from chalice.model.state import Record

NOT_DEPLOYED = 2
"""The exit code when there is no URL to print."""


@click.command(name="url")
@stages.local
@options.stage
@options.as_json
@click.pass_obj
def command(session: Session, is_local: bool, stage: str, as_json: bool) -> int:
    """Print where the stage answers: the URL of its API.

    That of the routes, or of the WebSocket API where there are no routes. `--json` has all, and
    the custom domains.

    \b
    Example:
        curl "$(chalice url)"
        chalice url --stage prod --json
    """
    from chalice.aws.state import StateFile
    from chalice.deploy import state_path
    from chalice.errors import ToolError

    is_local = is_local or stages.is_recorded_locally_only(session.project_dir, stage)
    path = state_path(session.project_dir, stage, local=is_local)
    records = StateFile(path).load().records.values()
    urls = {
        output_name: record.outputs[output_name]
        for kind, _, output_name in URLS
        for record in records
        if record.kind == kind
    }
    if not urls:
        hint = f"deploy it: chalice deploy --stage {stage}" + (" --local" if is_local else "")
        summary = f"Could not find a record of a Rest API in chalice stage: '{stage}'"
        output.error(ToolError(summary, hint=hint))
        return NOT_DEPLOYED
    if as_json:
        domains = [_address(record) for record in records if record.kind == "ApiMapping"]
        document: dict[str, object] = {"stage": stage, "local": is_local, **urls}
        output.document({**document, "custom_domains": domains} if domains else document)
    else:
        output.data(next(iter(urls.values())))
    return 0


def _address(record: Record) -> str:
    key = record.outputs["key"]
    return record.outputs["domain_name"] + (f"/{key}" if key else "")
