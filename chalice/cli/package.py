"""``chalice package``: a template and zips for other tools to deploy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import click

from chalice.cli import bundle_report, options, output
from chalice.cli.group import Session


@click.command(name="package")
@click.argument("out", metavar="[OUT]", required=False, type=click.Path(path_type=Path))
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
@click.option(
    "--explain",
    is_flag=True,
    help="Write nothing; show what each dependency weighs, and who needs it.",
)
@click.option("--json", "as_json", is_flag=True, help="With --explain: print JSON.")
@options.profile
@click.pass_obj
def command(
    session: Session,
    out: Path | None,
    language: Literal["cloudformation", "terraform"],
    stage: str,
    single_file: bool,
    merge_template: Path | None,
    form: Literal["json", "yaml"],
    explain: bool,
    as_json: bool,
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
        chalice package --explain
    """
    from chalice.assembly import weigh
    from chalice.config import load
    from chalice.package import Packaging, package

    if out is None and not explain:
        raise click.MissingParameter(param_hint="'OUT'", param_type="argument")
    config = load(session.project_dir, stage)
    for warning in config.warnings:
        output.warn(warning)
    if out is None or explain:
        with output.progress(f"Bundling stage {stage}") as tell:
            report = weigh(session.project_dir, config, tell)
        bundle_report.show(report, as_json=as_json)
        return
    packaging = Packaging(language, form, merge_template, single_file, profile or config.profile)
    with output.progress(f"Packaging stage {stage}") as tell:
        written = package(session.project_dir, config, out, packaging, tell, tell.warn)
    for path in written:
        output.data(os.fspath(path))
