"""From a project to all that a stage of it is: its zips, its policies, its resources."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from chalice import bundle, graph, policy
from chalice.aws.models import BotocoreModels
from chalice.config import Config
from chalice.errors import ToolError
from chalice.model.functions import Code
from chalice.model.resources import Resource
from chalice.policy import StagePolicies

Say = Callable[[str], None]
Check = Callable[[Code], None]
"""Shown each zip as soon as it is built; whoever cannot use it raises."""


@dataclass(frozen=True)
class Assembly:
    """The resources of a stage, each after all that it refers to; the zips they hold are built.

    ``warnings`` are about what the policies cannot know.
    """

    resources: Sequence[Resource]
    code: Code
    layer: Code | None
    warnings: Sequence[ToolError]


def assemble(project_dir: Path, config: Config, say: Say, check: Check) -> Assembly:
    """Build the zips of a stage and describe its resources. Loads the app, asks no AWS.

    ``say`` is told progress a line at a time.
    """
    target = bundle.Target(
        python_version=config.lambda_python_version.removeprefix("python"),
        architecture="arm64" if config.lambda_architecture == "arm64" else "x86_64",
    )
    if config.automatic_layer:
        built = bundle.build_with_layer(project_dir, target, say=say)
    else:
        built = bundle.Bundles(bundle.build(project_dir, target, say=say))
    code = _code(built.code, config, check)
    layer = None if built.layer is None else _code(built.layer, config, check)
    policies = StagePolicies(project_dir, code_of(config))
    resources = graph.build(config.chalice_app, config, code, policies, layer)
    return Assembly(resources, code, layer, policies.warnings)


def code_of(config: Config) -> policy.Code:
    """Return the code of the functions of a stage, for its policies. Loads the app."""
    functions = {handler.name: handler.entry for handler in graph.handlers(config.chalice_app)}
    return policy.Code(config, functions, BotocoreModels)


def _code(built: bundle.Bundle, config: Config, check: Check) -> Code:
    code = Code(built.sha256, built.path, bucket=config.deployment_bucket or "")
    check(code)
    return code
