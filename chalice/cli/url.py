"""``chalice url``: where the stage answers."""

from __future__ import annotations

import click

from chalice.cli import options, output, stages
from chalice.cli.group import Session

NOT_DEPLOYED = 2
"""The exit code when there is no URL to print."""


@click.command(name="url")
@stages.local
@options.stage
@options.as_json
@click.pass_obj
def command(session: Session, is_local: bool, stage: str, as_json: bool) -> int:
    """Print the URL of the deployed Rest API.

    \b
    Example:
        curl "$(chalice url)"
    """
    from chalice.aws.state import StateFile
    from chalice.deploy import state_path
    from chalice.errors import ToolError

    is_local = is_local or stages.is_recorded_locally_only(session.project_dir, stage)
    path = state_path(session.project_dir, stage, local=is_local)
    for record in StateFile(path).load().records.values():
        if record.kind == "RestApi":
            url = record.outputs["rest_api_url"]
            if as_json:
                output.document({"stage": stage, "local": is_local, "rest_api_url": url})
            else:
                output.data(url)
            return 0
    hint = f"deploy it: chalice deploy --stage {stage}" + (" --local" if is_local else "")
    output.error(
        ToolError(f"Could not find a record of a Rest API in chalice stage: '{stage}'", hint=hint)
    )
    return NOT_DEPLOYED
