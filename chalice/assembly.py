"""From a project to all that a stage of it is: its zips, its policies, its resources."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from chalice import bundle, graph, image, policy
from chalice.aws.function_parameters import parameter_problems
from chalice.aws.models import BotocoreModels
from chalice.config import Config
from chalice.config.checks import check_app, handler_strings
from chalice.constants import DOCKERFILE
from chalice.errors import ToolError, together
from chalice.model.functions import Code, Image
from chalice.model.resources import Resource
from chalice.policy import StagePolicies

UNDERSTOOD = frozenset({"aioboto3", "aiobotocore", "boto3", "botocore", "chalice"})
"""Packages whose calls the analysis of source knows as such."""
Say = Callable[[str], None]
Check = Callable[[Code], None]
"""Shown each zip as soon as it is built; whoever cannot use it raises."""


@dataclass(frozen=True)
class Assembly:
    """The resources of a stage, each after all that it refers to; the zips they hold are built.

    ``warnings`` are about what the policies cannot know.
    """

    resources: Sequence[Resource]
    code: Code | Image
    layer: Code | None
    warnings: Sequence[ToolError]


def check(config: Config) -> None:
    """Load the app and raise ToolError for everything that cannot be deployed as it is."""
    app = config.chalice_app
    problems = (
        *check_app(app, config),
        *graph.problems(app, config),
        *parameter_problems(config, handler_strings(app)),
    )
    if problems:
        raise together(problems)


def assemble(project_dir: Path, config: Config, say: Say, check: Check) -> Assembly:
    """Build the zips of a stage and describe its resources. Loads the app, asks no AWS.

    ``say`` is told progress a line at a time.
    """
    target = _target(config)
    code: Code | Image
    layer = None
    with ExitStack() as stack:
        if config.package == "image":
            code = _image(project_dir, config, target, say)
        else:
            built = _built(project_dir, config, target, say)
            settings = bundle.Settings.of(config)
            stack.enter_context(bundle.tried(project_dir, target, built, settings, say))
            code = _code(built.code, config, check)
            layer = None if built.layer is None else _code(built.layer, config, check)
        read = stack.enter_context(libraries(project_dir, config, say))
        policies = StagePolicies(project_dir, code_of(config, read))
        resources = graph.build(config.chalice_app, config, code, policies, layer)
    return Assembly(resources, code, layer, policies.warnings)


def weigh(project_dir: Path, config: Config, say: Say) -> bundle.Report:
    """Build the zips of a stage and return what their parts weigh, and why they are there."""
    target = _target(config)
    built = _built(project_dir, config, target, say)
    return bundle.explain(project_dir, target, built, bundle.Settings.of(config))


def _built(project_dir: Path, config: Config, target: bundle.Target, say: Say) -> bundle.Bundles:
    settings = bundle.Settings.of(config)
    if config.automatic_layer:
        return bundle.build_with_layer(project_dir, target, say=say, settings=settings)
    return bundle.Bundles(bundle.build(project_dir, target, say=say, settings=settings))


@contextmanager
def libraries(project_dir: Path, config: Config, say: Say) -> Iterator[Sequence[Path]]:
    """Yield where the requirements are whose source is read for policies, as the configuration
    says, until the end of the block.
    """
    names, where = config.autogen_policy_libraries, config.where("autogen_policy_libraries")
    for name in names:
        if name.partition(".")[0] in UNDERSTOOD:
            raise ToolError(
                f"`{name}` is not to be read: what its calls need is known",
                where=where,
                hint="take it out of `autogen_policy_libraries`",
            )
    if not names:
        yield ()
        return
    target, settings = _target(config), bundle.Settings.of(config)
    found = bundle.sources(project_dir, target, names, settings, say=say, where=where)
    with found as directory:
        yield (directory,)


def code_of(config: Config, libraries: Sequence[Path] = ()) -> policy.Code:
    """Return the code of the functions of a stage, for its policies. Loads the app."""
    located = config.entry.located
    functions = {each.name: located(each.entry) for each in graph.handlers(config.chalice_app)}
    return policy.Code(config, functions, BotocoreModels, libraries)


def _target(config: Config) -> bundle.Target:
    return bundle.Target(
        python_version=config.lambda_python_version.removeprefix("python"),
        architecture="arm64" if config.lambda_architecture == "arm64" else "x86_64",
    )


def _image(project_dir: Path, config: Config, target: bundle.Target, say: Say) -> Image:
    """Return the image of the app: put together from its base, or what its Dockerfile makes."""
    if config.image_base is None:
        if (project_dir / DOCKERFILE).is_file():
            return Image("", project_dir)
        raise ToolError(
            f"there is neither `image_base` nor a {DOCKERFILE} to make the container image from",
            where=config.where("package"),
            hint='"image_base": "public.ecr.aws/lambda/python:3.12" puts the app on AWS\'s image',
        )
    settings = bundle.Settings.of(config)
    if settings.boto3 is None:
        settings = replace(settings, boto3=True)  # not every base has what Lambda has
    built = bundle.build_with_layer(project_dir, target, say=say, settings=settings)
    parts = [] if built.layer is None else [image.Part(built.layer.path, target.layer_folder)]
    parts.append(image.Part(built.code.path))
    base = image.located(config.image_base, project_dir, target.architecture, say, os.environ)
    say("Creating container image.")
    path = built.code.path.parent / "image.tar"
    handlers = [config.entry.located(each.entry) for each in graph.handlers(config.chalice_app)]
    handler = next(iter(handlers), config.entry.handler)
    digest = image.build(
        base,
        parts,
        path,
        architecture=target.architecture,
        handler=handler,
        tag=f"{config.app_name}-{config.chalice_stage}:latest".lower(),
    )
    return Image(digest, path)


def _code(built: bundle.Bundle, config: Config, check: Check) -> Code:
    code = Code(built.sha256, built.path, bucket=config.deployment_bucket or "")
    check(code)
    return code
