"""The construct: the app is packaged when it is made, and its template included in the stack.

https://docs.aws.amazon.com/cdk/api/v2/python/aws_cdk.cloudformation_include/CfnInclude.html
"""

from __future__ import annotations

import json
import os
import sys
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import Fn, aws_iam, aws_lambda, aws_s3_assets, cloudformation_include
from constructs import Construct

from chalice.cdk.assets import Asset, folder_name, with_assets
from chalice.cdk.tokens import Tokens
from chalice.config import load
from chalice.config.document import problems
from chalice.config.positions import Positions
from chalice.errors import ToolError, together
from chalice.package import Packaging, package

OUT = "chalice.out"
"""The folder, in the one that ``cdk`` runs in, for what is packaged."""


class Chalice(Construct):  # type: ignore[misc] # the CDK has no types here
    """A Chalice app in a stack.

    ``source_dir`` is the project. ``stage_config`` are keys of ``.chalice/config.json`` that count
    before those of the file, ``lambda_functions`` too; values may be the CDK's tokens, such as the
    name of a table of the stack. The stage is called as the construct that this one stands in.

    With ``preserve_logical_ids`` resources keep the ids of ``chalice package``; without it a stack
    can hold several apps.
    """

    def __init__(
        self,
        scope: Construct,
        id: str,
        source_dir: str,
        stage_config: Mapping[str, Any] | None = None,
        preserve_logical_ids: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(scope, id, **kwargs)
        self.source_dir = os.path.abspath(source_dir)  # noqa: PTH100 - a string, as documented
        self.stage_name = scope.to_string()
        self.stage_config = dict(stage_config or {})
        self._roles: dict[str, aws_iam.IRole] = {}
        self._functions: dict[str, aws_lambda.IFunction] = {}
        out = Path(OUT) / folder_name(self.node.path)
        try:
            template = with_assets(self._packaged(out), out, self._asset)
        except ToolError as error:
            raise RuntimeError(
                f"chalice cannot package {self.source_dir}: {_words(error)}"
            ) from None
        path = out.with_name(f"{out.name}.sam_with_assets.json")
        path.write_text(json.dumps(template, indent=2) + "\n", encoding="utf-8")
        self.sam_template = cloudformation_include.CfnInclude(
            self,
            "ChaliceApp",
            template_file=str(path),
            preserve_logical_ids=preserve_logical_ids,
        )

    def get_resource(self, resource_name: str) -> Any:
        """Return a resource of the template by its logical id."""
        return self.sam_template.get_resource(resource_name)

    def get_role(self, role_name: str) -> aws_iam.IRole:
        """Return a role of the template: ``get_role("DefaultRole")``."""
        if role_name not in self._roles:
            role = self.get_resource(role_name)
            self._roles[role_name] = aws_iam.Role.from_role_arn(self, role_name, role.attr_arn)
        return self._roles[role_name]

    def get_function(self, function_name: str) -> aws_lambda.IFunction:
        """Return a function of the template: ``get_function("APIHandler")``."""
        if function_name not in self._functions:
            id_ = self.get_resource(function_name).logical_id
            self._functions[function_name] = aws_lambda.Function.from_function_arn(
                self, function_name, Fn.get_att(id_, "Arn").to_string()
            )
        return self._functions[function_name]

    def add_environment_variable(self, key: str, value: str, function_name: str) -> None:
        """Set an environment variable of a function."""
        function = self.get_resource(function_name)
        function.add_override(f"Properties.Environment.Variables.{key}", value)

    def _packaged(self, out: Path) -> dict[str, Any]:
        """Write the template and the zips to ``out``, and return the template."""
        project = Path(self.source_dir)
        _check(self.stage_config)
        tokens = Tokens()
        config = load(project, self.stage_name, **tokens.hidden(self.stage_config))
        for warning in config.warnings:
            _warn(warning)
        os.environ["AWS_CHALICE_CLI_MODE"] = "true"
        package(project, config, out, Packaging(), _say, _warn)
        text = (out / "sam.json").read_text(encoding="utf-8")
        template: dict[str, Any] = json.loads(tokens.shown(text))
        return template

    def _asset(self, id_: str, path: Path) -> Asset:
        asset = aws_s3_assets.Asset(self, id_, path=str(path))
        return {"Bucket": asset.s3_bucket_name, "Key": asset.s3_object_key}


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _warn(problem: ToolError) -> None:
    warnings.warn(_words(problem), stacklevel=2)


def _check(stage_config: Mapping[str, Any]) -> None:
    """Raise ToolError unless it could stand as a stage in the configuration file."""
    document = {"app_name": "app", "stages": {"stage_config": stage_config}}
    found = [
        ToolError(problem.summary, hint=problem.hint, where="stage_config")
        for problem in problems(document, Positions())
        if problem.fatal
    ]
    if found:
        raise together(found)


def _words(error: ToolError) -> str:
    """Return an error as text, with all that it stands for."""
    lines = [f"{error.where}: {error.summary}" if error.where else error.summary]
    lines += [_words(problem) for problem in error.problems]
    if error.hint:
        lines.append(f"hint: {error.hint}")
    return "\n".join(lines)
