"""Functions of templates: what ``Fn::…`` and ``Ref`` come to.

Parameters, conditions and mappings are known before anything is made. What depends on a resource
stays as it is until the resource is there: ``evaluate`` of ``{"Fn::Join": ["/", ["a",
{"Ref": "Queue"}]]}`` gives the same again, and the value once ``Ref`` of the queue is known.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
"""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.template import Template

VARIABLE = re.compile(r"\$\{([^}]*)\}")


class Outputs(Protocol):
    """What resources are called once they exist. Both raise ``KeyError`` until then."""

    def ref(self, logical_id: str) -> Any:
        """Return what ``Ref`` of the resource is."""

    def attribute(self, logical_id: str, name: str) -> Any:
        """Return what ``Fn::GetAtt`` is."""


class NoOutputs:
    """The outputs before anything exists."""

    def ref(self, logical_id: str) -> Any:
        """Raise ``KeyError``."""
        raise KeyError(logical_id)

    def attribute(self, logical_id: str, name: str) -> Any:
        """Raise ``KeyError``."""
        raise KeyError(f"{logical_id}.{name}")


class _NoValue:
    """What ``AWS::NoValue`` is: a member that is left out."""


NO_VALUE = _NoValue()


class Expressions:
    """The functions of one template.

    ``values`` are parameters and pseudo parameters by name. ``imports`` gives the value of an
    export, and raises ``StackError`` when there is none.
    """

    def __init__(
        self,
        template: Template,
        values: Mapping[str, Any],
        outputs: Outputs,
        imports: Callable[[str], str],
    ) -> None:
        self._conditions: Mapping[str, Any] = template.get("Conditions") or {}
        self._mappings: Mapping[str, Any] = template.get("Mappings") or {}
        self._resources: Mapping[str, Any] = template["Resources"]
        self._values = values
        self._outputs = outputs
        self._imports = imports
        self._decided: dict[str, bool | None] = {}

    def evaluate(self, node: Any) -> Any:
        """Return the node with every function replaced whose value is known.

        Raises ``StackError`` for a function that cannot be.
        """
        match node:
            case dict() if len(node) == 1:
                name, argument = next(iter(node.items()))
                if name == "Ref" or (name == "Condition" and self._is_condition(argument)):
                    return self._function(name, argument)
                if isinstance(name, str) and name.startswith("Fn::"):
                    return self._function(name, argument)
                return self._members(node)
            case dict():
                return self._members(node)
            case list():
                found = [self.evaluate(each) for each in node]
                return [each for each in found if each is not NO_VALUE]
            case _:
                return node

    def holds(self, name: str) -> bool:
        """Whether a condition is true. Raises ``StackError`` when there is none of that name."""
        if name not in self._conditions:
            raise StackError(
                f"Template format error: Unresolved condition dependency {name} in the "
                "Conditions block of the template"
            )
        if name not in self._decided:
            self._decided[name] = None
            self._decided[name] = self._truth(self._conditions[name])
        decided = self._decided[name]
        if decided is None:
            raise StackError(f"Template format error: Circular dependency of condition {name}")
        return decided

    def is_true(self, node: Any) -> bool:
        """Whether a condition that stands in the template itself is true."""
        return self._truth(self.evaluate(node))

    def has_resource(self, logical_id: str) -> bool:
        """Whether the template has it, wanted or not."""
        return logical_id in self._resources

    def _is_condition(self, argument: Any) -> bool:
        """Whether ``{"Condition": x}`` names a condition: in a policy it says something else."""
        return isinstance(argument, str) and argument in self._conditions

    def _members(self, node: Mapping[str, Any]) -> dict[str, Any]:
        found = {name: self.evaluate(value) for name, value in node.items()}
        return {name: value for name, value in found.items() if value is not NO_VALUE}

    def _function(self, name: str, argument: Any) -> Any:
        if name == "Fn::If":
            return self._if(argument)
        known = argument if name in ("Ref", "Fn::Sub") else self.evaluate(argument)
        try:
            return self._call(name, known)
        except KeyError:
            return self._left(name, known)
        except (TypeError, ValueError, AttributeError, IndexError):
            if has_functions(known):
                return self._left(name, known)
            raise StackError(
                f"Template error: every {name} object has a certain form, which this has not: "
                f"{argument!r:.200}"
            ) from None

    def _left(self, name: str, argument: Any) -> dict[str, Any]:
        """Return a function whose value is not known yet, with what is known put in."""
        if name != "Fn::Sub":
            return {name: argument}
        text, given = _sub(argument)
        variables = {variable: self.evaluate(value) for variable, value in given.items()}
        for variable in _variables(text):
            if variable in self._values:
                variables.setdefault(variable, self._values[variable])
        return {name: [text, variables]}

    def _call(self, name: str, given: Any) -> Any:
        match name:
            case "Ref":
                return self._ref(given)
            case "Fn::GetAtt":
                logical_id, attribute = given.split(".", 1) if isinstance(given, str) else given
                return self._attribute(logical_id, attribute)
            case "Fn::Sub":
                return self._substitute(*_sub(given))
            case "Fn::Join":
                delimiter, parts = given
                return delimiter.join(_text(part) for part in _listed(parts))
            case "Fn::Split":
                delimiter, text = given
                return _known(text).split(delimiter)
            case "Fn::Select":
                index, values = given
                return _listed(values)[int(index)]
            case "Fn::FindInMap":
                return self._find(*given)
            case "Fn::Base64":
                return base64.b64encode(_text(given).encode()).decode()
            case "Fn::GetAZs":
                region = _text(given) or self._values["AWS::Region"]
                return [f"{region}{letter}" for letter in "abc"]
            case "Fn::ImportValue":
                return self._imports(_text(given))
            case "Fn::Cidr":
                return _blocks(*given)
            case "Condition" | "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Contains":
                return self._truth({name: given})
        raise StackError(f"Template error: the embedded cloud does not know the function {name}")

    def _if(self, argument: Any) -> Any:
        if not (isinstance(argument, list) and len(argument) == 3):
            raise StackError("Template error: Fn::If requires a list argument with three elements")
        name, yes, no = argument
        return self.evaluate(yes if self.holds(name) else no)

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        if name in self._values:
            return self._values[name]
        if name not in self._resources:
            raise StackError(
                f"Template format error: Unresolved resource dependencies [{name}] in the "
                "Resources block of the template"
            )
        return self._outputs.ref(name)

    def _attribute(self, logical_id: str, name: str) -> Any:
        if logical_id not in self._resources:
            raise StackError(
                f"Template error: instance of Fn::GetAtt references undefined resource {logical_id}"
            )
        return self._outputs.attribute(logical_id, _text(name))

    def _substitute(self, text: str, variables: Mapping[str, Any]) -> str:
        def value(match: re.Match[str]) -> str:
            name = match[1].strip()
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in variables:
                return _text(self.evaluate(variables[name]))
            logical_id, dot, attribute = name.partition(".")
            if dot and name not in self._values:
                return _text(self._attribute(logical_id, attribute))
            return _text(self._ref(name))

        return VARIABLE.sub(value, text)

    def _find(self, mapping: str, first: Any, second: Any, more: Any = None) -> Any:
        found = (self._mappings.get(_text(mapping)) or {}).get(_text(first)) or {}
        if _text(second) in found:
            return found[_text(second)]
        if isinstance(more, dict) and "DefaultValue" in more:
            return more["DefaultValue"]
        raise StackError(
            "Template error: Unable to get mapping for "
            f"{_text(mapping)}::{_text(first)}::{_text(second)}"
        )

    def _truth(self, node: Any) -> bool:
        match node:
            case bool():
                return node
            case {"Condition": str(name)}:
                return self.holds(name)
            case {"Fn::Equals": [left, right]}:
                sides = [self.evaluate(left), self.evaluate(right)]
                named = sorted(set(references(sides)))
                if named:
                    raise StackError(
                        f"Template format error: Unresolved dependencies {named}. "
                        "Cannot reference resources in the Conditions block of the template"
                    )
                return bool(_comparable(sides[0]) == _comparable(sides[1]))
            case {"Fn::Contains": [list(values), value]}:
                known = [_comparable(each) for each in self.evaluate(values)]
                return _comparable(self.evaluate(value)) in known
            case {"Fn::Not": [inner]}:
                return not self._truth(inner)
            case {"Fn::And": list(inner)}:
                return all(self._truth(each) for each in inner)
            case {"Fn::Or": list(inner)}:
                return any(self._truth(each) for each in inner)
        raise StackError(f"Template error: this is no condition: {node!r:.200}")


def has_functions(node: Any) -> bool:
    """Whether something in the node waits for a resource."""
    return any(True for _ in references(node))


def references(node: Any) -> Iterator[str]:
    """Yield the logical ids of the resources that an evaluated node waits for."""
    match node:
        case {"Ref": str(name)} if len(node) == 1:
            yield name
        case {"Fn::GetAtt": [str(name), *_]} if len(node) == 1:
            yield name
        case {"Fn::GetAtt": str(name)} if len(node) == 1:
            yield name.split(".")[0]
        case {"Fn::Sub": [str(text), dict(variables)]} if len(node) == 1:
            yield from references(list(variables.values()))
            for name in _variables(text):
                if name not in variables:
                    yield name.split(".")[0]
        case dict():
            for value in node.values():
                yield from references(value)
        case list():
            for value in node:
                yield from references(value)


def _variables(text: str) -> list[str]:
    found = [match.strip() for match in VARIABLE.findall(text)]
    return [name for name in found if not name.startswith("!")]


def _sub(argument: Any) -> tuple[str, Mapping[str, Any]]:
    match argument:
        case str():
            return argument, {}
        case [str(text), dict(variables)]:
            return text, variables
    raise StackError(
        "Template error: One or more Fn::Sub intrinsic functions don't specify expected "
        "arguments. Specify a string as first argument, and an optional second argument to "
        "specify a mapping of values to replace in the string"
    )


def _known(value: Any) -> str:
    """Return text that is known. Raises ``KeyError`` when it is not yet."""
    if isinstance(value, dict | list):
        raise KeyError
    return _text(value)


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return str(value)
        case dict():
            raise KeyError
        case list() if all(isinstance(each, str | int | float) for each in value):
            return ",".join(_text(each) for each in value)
    raise TypeError(value)


def _listed(value: Any) -> list[Any]:
    if isinstance(value, dict):
        raise KeyError
    if isinstance(value, str):
        raise TypeError(value)
    return list(value)


def _comparable(value: Any) -> Any:
    return _text(value) if isinstance(value, str | int | float) else value


def _blocks(block: Any, count: Any, bits: Any = 8) -> list[str]:
    network = ipaddress.ip_network(_known(block))
    subnets = network.subnets(new_prefix=network.max_prefixlen - int(bits))
    return [str(each) for each, _ in zip(subnets, range(int(count)), strict=False)]
