"""The stage that a command works on: where it is recorded, and how to reach it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from chalice.cli import options, output
from chalice.errors import ToolError

if TYPE_CHECKING:
    from chalice.aws.session import Session
    from chalice.cloud import CloudStatus
    from chalice.config import Config
    from chalice.deploy import Stage

Command = TypeVar("Command", bound=Callable[..., Any])

_LOSS = "`chalice deploy --local` makes again what it made; data that was in it is gone"

local = click.option(
    "--local", "is_local", is_flag=True, help="Use the embedded cloud on this machine, not AWS."
)
yes = click.option("-y", "--yes", is_flag=True, help="Ask nothing.")
api_gateway_stage = click.option(
    "--api-gateway-stage", metavar="NAME", help="The API's stage name, first in its URL path."
)
autogen_policy = click.option(
    "--autogen-policy/--no-autogen-policy",
    default=None,
    help="Generate the IAM policy, or read it from .chalice/policy-STAGE.json.",
)


@contextmanager
def opened(
    project_dir: Path, name: str, is_local: bool, title: str, **session: Any
) -> Iterator[Stage]:
    """Yield the stage, in AWS or in the embedded cloud, and show its progress meanwhile."""
    with _opened(project_dir, name, is_local, title, **session) as (stage, _):
        yield stage


@contextmanager
def _opened(
    project_dir: Path, name: str, is_local: bool, title: str, **session: Any
) -> Iterator[tuple[Stage, output.Progress]]:
    from chalice.deploy import Stage

    with output.progress(title) as tell:
        session_ = connect(is_local, tell, **session)
        yield Stage(project_dir, name, session_, tell, tell.warn), tell


@contextmanager
def opened_with_app(
    project_dir: Path,
    name: str,
    is_local: bool,
    title: str,
    *,
    profile: str | None,
    overrides: Mapping[str, object],
    **session: Any,
) -> Iterator[tuple[Stage, Config, output.Progress]]:
    """Yield the stage as ``opened`` does, and the configuration of an app that was checked.

    An app that calls AWS while it is imported reaches the cloud that it is to be deployed to. Last
    comes what shows the progress: it is to be paused for questions.
    """
    from chalice.assembly import check
    from chalice.config import load

    config = load(project_dir, name, **overrides)
    for warning in config.warnings:
        output.warn(warning)
    if config.package == "image":
        raise ToolError(
            "`chalice deploy` deploys zips, and `package` is `image`",
            where=config.where("package"),
            hint="`chalice package` makes the image and a template for it",
        )
    profile = profile or config.profile
    with _opened(project_dir, name, is_local, title, profile=profile, **session) as (stage, tell):
        os.environ.update(stage.environment())
        check(config)
        yield stage, config, tell


def takes_what_to_deploy(command: Command) -> Command:
    """Give a command the options that say which stage of the app goes where, and how."""
    for option in (options.stage, api_gateway_stage, options.profile, autogen_policy, local):
        command = option(command)
    return command


def warn_of_loss(cloud: CloudStatus) -> None:
    """Tell of what an embedded cloud could not keep, if there is something."""
    if cloud.notice is not None:
        output.warn(ToolError(cloud.notice, hint=_LOSS))


def enforce_iam(wanted: bool | None) -> None:
    """Let the embedded cloud, which runs, enforce policies or not; None leaves that as it is."""
    from chalice.cloud import default_home
    from chalice.cloud import enforce_iam as enforce

    if wanted is not None:
        enforce(default_home(os.environ), wanted)


def is_recorded_locally_only(project_dir: Path, stage: str) -> bool:
    """Say whether the stage is recorded on this machine's embedded cloud and nowhere else.

    Commands that look at a stage then mean that one, without being told.
    """
    from chalice.deploy import state_path

    elsewhere = state_path(project_dir, stage, local=False)
    return not elsewhere.exists() and state_path(project_dir, stage, local=True).exists()


def connect(is_local: bool, tell: Callable[[str], None], **settings: Any) -> Session:
    """Return a session with AWS or, starting it if need be, with the embedded cloud."""
    from chalice.aws.session import Session

    if not is_local:
        return Session(**settings)
    from chalice.cloud import default_home, ensure_running

    cloud = ensure_running(default_home(os.environ), tell)
    warn_of_loss(cloud)
    return Session(endpoint_url=cloud.endpoint_url, gateway_url=cloud.gateway_url)
