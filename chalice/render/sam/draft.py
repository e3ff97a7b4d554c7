"""A template while it is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalice.errors import ToolError
from chalice.model.functions import Alias, Function
from chalice.model.resources import Resource
from chalice.model.values import Document, Ref, Value
from chalice.render import Template
from chalice.render.ids import logical_id
from chalice.render.intrinsics import intrinsic

Properties = dict[str, Any]


class Draft:
    """The template, the resources that it is made of by name, and their logical ids.

    ``sources`` is where the project is, seen from the template.
    An ``Alias`` has the id by which SAM refers to it: ``Worker.Alias``.
    """

    def __init__(self, resources: Sequence[Resource], sources: str) -> None:
        self.sources = sources
        self.resources: Mapping[str, Resource] = {each.name: each for each in resources}
        self.template: Template = {
            "AWSTemplateFormatVersion": "2010-09-09",
            "Transform": "AWS::Serverless-2016-10-31",
            "Outputs": {},
            "Resources": {},
        }
        self._owners: dict[str, str] = {}
        self._ids = {name: logical_id(name) for name in self.resources}
        for each in resources:
            if isinstance(each, Alias) and isinstance(each.function, Ref):
                self._ids[each.name] = f"{self._ids[each.function.resource]}.Alias"

    def add(
        self, id_: str, kind: str, properties: Mapping[str, Any], name: str, **attributes: Any
    ) -> Properties:
        """Add a resource of CloudFormation for ``name``, one of ours, and return its properties.

        ``attributes`` stand beside the properties: ``DependsOn``.
        """
        other = self._owners.setdefault(id_, name)
        if id_ in self.template["Resources"]:
            raise ToolError(
                f"a duplicate resource name was generated for the SAM template: {id_}",
                hint=f"rename `{other}` or `{name}`: letters and digits of names must differ"
                if other != name
                else f"rename `{name}`",
            )
        made: Properties = dict(properties)
        self.template["Resources"][id_] = {"Type": kind, **attributes, "Properties": made}
        return made

    def output(self, name: str, value: object) -> None:
        """Add an output of the stack."""
        self.template["Outputs"][name] = {"Value": value}

    def id(self, name: str) -> str:
        """Return the logical id of one of our resources."""
        return self._ids[name]

    def properties(self, id_: str) -> Properties:
        """Return the properties of a resource that was added."""
        properties: Properties = self.template["Resources"][id_]["Properties"]
        return properties

    def value(self, document: Document) -> Any:
        """Return values as JSON with CloudFormation's functions."""
        return intrinsic(document, self._ids)

    def function_of(self, value: Value) -> Function:
        """Return the function whose ARN a value is, or the ARN of whose alias."""
        found = self.resources.get(value.resource) if isinstance(value, Ref) else None
        if isinstance(found, Alias):
            return self.function_of(found.function)
        if not isinstance(found, Function):
            raise ToolError(f"no function of the stage is meant by {value}")
        return found

    def is_published(self, value: Value) -> bool:
        """Return whether a value is the ARN of an alias."""
        return isinstance(value, Ref) and isinstance(self.resources.get(value.resource), Alias)

    def stage_of(self, api_id: Value) -> Any:
        """Return the name of an API's stage so that whoever uses it waits for the stage."""
        assert isinstance(api_id, Ref)
        if api_id.output == "websocket_api_id":
            return {"Ref": f"{self.id(api_id.resource)}Stage"}
        return {"Ref": f"{self.id(api_id.resource)}.Stage"}
