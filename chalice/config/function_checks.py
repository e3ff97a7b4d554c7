"""What in the settings of one function contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from chalice.config.config import Config
from chalice.errors import ToolError

DEAD_LETTER = re.compile(r"arn:aws[a-z-]*:(sqs|sns):[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+")
POLICY = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}|aws):policy/.+")
USUAL_STORAGE = 512
"""MiB of `/tmp` of a function for which nothing is said."""
FIRST_WITH_SNAPSHOTS = (3, 12)
"""The oldest Python that Lambda takes snapshots of."""


def function_problems(config: Config) -> Iterator[ToolError]:
    """Yield what is wrong with the settings of the function that ``config`` is seen from."""
    if config.dead_letter and not DEAD_LETTER.fullmatch(config.dead_letter):
        yield ToolError(
            f"`dead_letter` is not the ARN of a queue or a topic: `{config.dead_letter}`",
            where=config.where("dead_letter"),
            hint="it looks like arn:aws:sqs:us-east-1:123456789012:failures; a FIFO queue or topic"
            " cannot be one",
        )
    boundary = config.permissions_boundary
    if boundary and not POLICY.fullmatch(boundary):
        yield ToolError(
            f"`permissions_boundary` is not the ARN of a policy: `{boundary}`",
            where=config.where("permissions_boundary"),
            hint="it looks like arn:aws:iam::123456789012:policy/boundary",
        )
    if config.snap_start:
        yield from _snapshot_problems(config)
    if config.package == "image":
        yield from _image_problems(config)


def _image_problems(config: Config) -> Iterator[ToolError]:
    """Yield what functions that are container images cannot have.

    https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
    """
    for key in ("layers", "snap_start"):
        if getattr(config, key):
            yield ToolError(
                f"function `{config.function_name}` is a container image, which takes no `{key}`",
                where=config.where(key),
                hint=f"remove `{key}`, or `package`",
            )


def _snapshot_problems(config: Config) -> Iterator[ToolError]:
    """Yield what AWS takes no snapshots of.

    https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html
    """
    function, where = config.function_name, config.where("snap_start")
    version = config.lambda_python_version.removeprefix("python")
    if tuple(map(int, version.split("."))) < FIRST_WITH_SNAPSHOTS:
        yield ToolError(
            f"SnapStart needs Python 3.12 or newer, and functions run on {version}",
            where=where,
            hint="deploy with a newer Python, or remove `snap_start`",
        )
    if (config.ephemeral_storage or USUAL_STORAGE) > USUAL_STORAGE:
        yield ToolError(
            f"function `{function}` has SnapStart and more than {USUAL_STORAGE} MiB"
            " of ephemeral storage",
            where=config.where("ephemeral_storage"),
            hint="AWS offers one or the other: remove `snap_start` or `ephemeral_storage`",
        )
    if config.lambda_config.get("FileSystemConfigs"):
        yield ToolError(
            f"function `{function}` has SnapStart and a file system",
            where=config.where("lambda_config", "FileSystemConfigs"),
            hint="AWS offers one or the other: remove `snap_start` or `FileSystemConfigs`",
        )
