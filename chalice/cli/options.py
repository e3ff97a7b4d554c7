"""Options that several commands have, each said once."""

from __future__ import annotations

import click

stage = click.option(
    "--stage", default="dev", show_default=True, metavar="STAGE", help="The stage to work on."
)
profile = click.option("--profile", metavar="NAME", help="The profile of the AWS credentials.")
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
