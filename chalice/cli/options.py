"""Options that several commands have, each said once."""

from __future__ import annotations

import click

stage = click.option(
    "--stage", default="dev", show_default=True, metavar="STAGE", help="The stage to work on."
)
profile = click.option("--profile", metavar="NAME", help="The profile of the AWS credentials.")
enforce_iam = click.option(
    "--enforce-iam/--no-enforce-iam",
    default=None,
    help="Let functions in the embedded cloud do only what their policy allows, or anything.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
