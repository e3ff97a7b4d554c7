"""``chalice package``: a template and zips for other tools to deploy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click

from chalice.cli import options, output
from chalice.cli.group import Session


@click.command(name="package")
@click.argument("out", metavar="OUT", type=click.Path(path_type=Path))
@click.option(
    "--pkg-format",
    "language",
    type=click.Choice(["cloudformation", "terraform"]),
    default="cloudformation",
    show_default=True,
    help="The language of the template.",
)
@options.stage
@click.option("--single-file", is_flag=True, help="Make OUT one zip file, not a directory.")
@click.option(
    "--merge-template",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A template, JSON or YAML, to merge into the one that is generated.",
)
@click.option(
    "--template-format",
    "form",
    type=click.Choice(["json", "yaml"], case_sensitive=False),
    default="json",
    show_default=True,
    help="How the template is written. It is YAML whenever FILE ends in .yaml or .yml.",
)
@options.profile
@click.pass_obj
def command(
    session: Session,
    out: Path,
    language: Literal["cloudformation", "terraform"],
    stage: str,
    single_file: bool,
    merge_template: Path | None,
    form: Literal["json", "yaml"],
    profile: str | None,
) -> None:
    """Write the app as a template that other tools deploy, with the zips that it refers to.

    OUT is a directory; it is made if it is not there. Needs no AWS account. The template is one
    of AWS SAM: `sam deploy`, or `aws cloudformation package` and `deploy`, make a stack of it.
    Or it is one of Terraform, `chalice.tf.json`, for `terraform init` and `apply` in OUT.

    \b
    Example:
        chalice package dist
        chalice package dist --stage prod --merge-template extras.yaml
        chalice package dist/app.zip --single-file
        chalice package infra --pkg-format terraform
    """
    from chalice.config import load
    from chalice.package import Packaging, package

    config = load(session.project_dir, stage)
    for warning in config.warnings:
        output.warn(warning)
    packaging = Packaging(language, form, merge_template, single_file, profile or config.profile)
    with output.progress(f"Packaging stage {stage}") as tell:
        written = package(session.project_dir, config, out, packaging, tell, tell.warn)
    for path in written:
        output.data(os.fspath(path))
