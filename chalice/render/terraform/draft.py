"""A template while it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalice.errors import ToolError
from chalice.model.functions import Alias, Function
from chalice.model.resources import Resource
from chalice.model.values import Ref, Value
from chalice.render import Template
from chalice.render.terraform.references import expression, key_of

Arguments = dict[str, Any]


class Draft:
    """The template, and the resources that it is made of by name."""

    def __init__(self, resources: Sequence[Resource]) -> None:
        self.resources: Mapping[str, Resource] = {each.name: each for each in resources}
        self.template: Template = {"resource": {}, "locals": {}, "variable": {}, "output": {}}
        self._owners: dict[str, str] = {}

    def add(self, kind: str, name: str, arguments: Mapping[str, Any], owner: str) -> Arguments:
        """Add a resource of Terraform for ``owner``, one of ours, and return its arguments.

        It is called ``name`` as far as Terraform allows. Raises ToolError when there is one.
        """
        key = key_of(name)
        other = self._owners.setdefault(f"{kind}.{key}", owner)
        resources = self.template["resource"].setdefault(kind, {})
        if key in resources:
            raise ToolError(
                f"a duplicate resource name was generated for Terraform: {kind}.{key}",
                hint=f"rename `{other}` or `{owner}`" if other != owner else f"rename `{owner}`",
            )
        made: Arguments = dict(arguments)
        resources[key] = made
        return made

    def output(self, name: str, value: object) -> None:
        """Add an output of the module."""
        self.template["output"][name] = {"value": value}

    def function_of(self, value: Value) -> Function:
        """Return the function whose ARN a value is, or the ARN of whose alias."""
        found = self.resources.get(value.resource) if isinstance(value, Ref) else None
        if isinstance(found, Alias):
            return self.function_of(found.function)
        if not isinstance(found, Function):
            raise ToolError(f"no function of the stage is meant by {value}")
        return found

    def named(self, value: Value) -> Arguments:
        """Return the arguments that name a function, or its alias, by ARN."""
        if isinstance(value, Ref) and isinstance(self.resources.get(value.resource), Alias):
            alias = f"aws_lambda_alias.{key_of(value.resource)}"
            return {"function_name": self._arn(value), "qualifier": f"${{{alias}.name}}"}
        return {"function_name": expression(value)}

    def _arn(self, alias: Ref) -> Any:
        found = self.resources[alias.resource]
        assert isinstance(found, Alias)
        return expression(found.function)
