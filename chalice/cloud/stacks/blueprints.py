"""What a template comes to: the resources that are wanted, in the order in which to make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.expressions import Expressions, NoOutputs, references
from chalice.cloud.stacks.kinds import follows, is_known, known_types
from chalice.cloud.stacks.template import Template, check_resources


@dataclass(frozen=True, slots=True)
class Definition:
    """One resource that is wanted.

    ``properties`` still hold functions that wait for other resources. ``needs`` are the logical
    ids of those that have to be there before.
    """

    logical_id: str
    type: str
    properties: Mapping[str, Any]
    needs: tuple[str, ...] = ()
    deletion_policy: str = "Delete"
    replacement_policy: str = "Delete"
    metadata: Any = None


@dataclass(frozen=True, slots=True)
class Blueprint:
    """All of them, by logical id and in order, and the outputs of the stack:
    ``{"Url": {"Value": {"Ref": "Queue"}, "Export": {"Name": "url"}}}``.
    """

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def make_blueprint(
    template: Template, values: Mapping[str, Any], imports: Callable[[str], str]
) -> Blueprint:
    """Return what a template, transforms being done, comes to with these values.

    Raises ``StackError``.
    """
    check_resources(template)
    expressions = Expressions(template, values, NoOutputs(), imports)
    _check_rules(expressions, template)
    wanted = {
        logical_id: resource
        for logical_id, resource in template["Resources"].items()
        if _is_wanted(expressions, resource)
    }
    _check_types(wanted)
    found = {
        logical_id: _define(expressions, logical_id, resource, wanted)
        for logical_id, resource in wanted.items()
    }
    outputs = {
        name: {
            member: expressions.evaluate(value)
            for member, value in output.items()
            if member != "Condition"
        }
        for name, output in (template.get("Outputs") or {}).items()
        if _is_wanted(expressions, output)
    }
    _check_references(outputs, wanted, "Outputs")
    return Blueprint({each: found[each] for each in _order(found)}, outputs)


def _check_rules(expressions: Expressions, template: Template) -> None:
    for name, rule in (template.get("Rules") or {}).items():
        if not expressions.is_true(rule.get("RuleCondition", True)):
            continue
        for assertion in rule["Assertions"]:
            if not expressions.is_true(assertion["Assert"]):
                told = assertion.get("AssertDescription", "an assertion is not true")
                raise StackError(f"Rule '{name}' of the template is broken: {told}")


def _is_wanted(expressions: Expressions, member: Mapping[str, Any]) -> bool:
    condition = member.get("Condition")
    return condition is None or expressions.holds(str(condition))


def _check_types(wanted: Mapping[str, Mapping[str, Any]]) -> None:
    unknown = sorted({each["Type"] for each in wanted.values() if not is_known(each["Type"])})
    if unknown:
        raise StackError(
            f"Template format error: Unrecognized resource types: [{', '.join(unknown)}]. "
            f"The embedded cloud knows {', '.join(known_types())}"
        )


def _define(
    expressions: Expressions,
    logical_id: str,
    resource: Mapping[str, Any],
    wanted: Mapping[str, Any],
) -> Definition:
    properties = expressions.evaluate(resource.get("Properties") or {})
    _check_references(properties, wanted, "Resources")
    explicit = resource.get("DependsOn") or []
    listed = [explicit] if isinstance(explicit, str) else list(explicit)
    missing = [each for each in listed if not expressions.has_resource(each)]
    if missing:
        raise StackError(
            f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
            "in the Resources block of the template"
        )
    needed = dict.fromkeys([each for each in listed if each in wanted])
    needed.update(dict.fromkeys(references(properties)))
    removal = str(resource.get("DeletionPolicy", "Delete"))
    replaced = str(expressions.evaluate(resource.get("UpdateReplacePolicy", "Delete")))
    return Definition(
        logical_id,
        resource["Type"],
        properties,
        tuple(needed),
        removal,
        replaced,
        expressions.evaluate(resource.get("Metadata")),
    )


def _check_references(node: Any, wanted: Mapping[str, Any], block: str) -> None:
    missing = sorted({name for name in references(node) if name not in wanted})
    if missing:
        raise StackError(
            f"Template format error: Unresolved resource dependencies [{', '.join(missing)}] "
            f"in the {block} block of the template"
        )


def _order(found: Mapping[str, Definition]) -> list[str]:
    """Return the logical ids so that what is needed comes first, else as in the template.

    Some types are better made after others of the same template, though nothing says so: a path
    of a domain after the stage that it leads to. That counts unless it would make a circle.
    """
    edges = {name: set(each.needs) for name, each in found.items()}
    _check_circles(edges)
    for name, each in found.items():
        for other, candidate in found.items():
            if candidate.type in follows(each.type) and not _reaches(edges, other, name):
                edges[name].add(other)
    order: dict[str, None] = {}
    while len(order) < len(edges):
        order.update(
            dict.fromkeys(
                name for name in edges if name not in order and edges[name] <= order.keys()
            )
        )
    return list(order)


def _check_circles(edges: Mapping[str, set[str]]) -> None:
    circle = [name for name in edges if any(_reaches(edges, need, name) for need in edges[name])]
    if circle:
        raise StackError(f"Circular dependency between resources: [{', '.join(circle)}]")


def _reaches(edges: Mapping[str, set[str]], start: str, end: str) -> bool:
    """Whether ``start`` needs ``end``, directly or not, or is the same."""
    seen, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name == end:
            return True
        if name not in seen:
            seen.add(name)
            waiting += edges[name]
    return False
