"""What a person declares with ``app.needs``, as the resources that IAM knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from chalice.iam.catalog import Place, access_level, actions_of, forms
from chalice.iam.catalog.arns import VARIABLE, fill, is_arn, variables_of
from chalice.iam.catalog.reference import Kind, kinds_of
from chalice.policy.analysis import Declared, Unresolved

_WILD = re.compile(r"[*?]")


def resources_declared(action: str, resource: str | None) -> tuple[str, ...]:
    """Return the ARNs of a declaration, from an ARN or the bare name of a resource.

    ``("*",)`` when the resource is not named or the action takes none.
    """
    if resource is None or resource == "*":
        return ("*",)
    if is_arn(resource):
        return (resource,)
    service = action.partition(":")[0]
    name = _form(service, resource)
    if is_arn(name):
        return (name,)
    shapes = [shape for kind in _kinds(action) for shape in kind.shapes[:1]]
    return tuple(dict.fromkeys(_filled(shape, name) for shape in shapes)) or ("*",)


def unknown_action(declared: Declared) -> Unresolved | None:
    """Return what is wrong with an action that AWS does not have, None if it has it."""
    service, _, name = declared.action.partition(":")
    known = actions_of(service)
    if not known or any(fnmatchcase(each.lower(), name.lower()) for each in known):
        return None
    close = get_close_matches(name, known, n=1)
    hint = f"did you mean `{service}:{close[0]}`?" if close else "look it up in AWS's reference"
    return Unresolved(declared.place, f"AWS has no action `{declared.action}`", hint)


def _kinds(action: str) -> Sequence[Kind]:
    """Return the types of resources that a bare name may be of, most likely one.

    Parts of it come with it: a table's indexes with the table.
    """
    kinds = list(kinds_of(action)) if access_level(action) else _kinds_of_many(action)
    usual = [kind for kind in kinds if variables_of(kind.shapes[0])]
    if action.startswith("s3:"):
        usual = [kind for kind in usual if kind.name in ("bucket", "object")]
    if not usual:
        return ()
    required = [kind for kind in usual if kind.is_required] or usual
    first = required[0]
    inside = fill(first.shapes[0], Place(), {variables_of(first.shapes[0])[0]: "x"})
    return [
        first,
        *(
            kind
            for kind in usual
            if kind is not first and _filled(kind.shapes[0], "x").startswith(f"{inside}/")
        ),
    ]


def _kinds_of_many(action: str) -> list[Kind]:
    """Return the type that most of the actions take which a pattern such as ``sqs:*`` means."""
    service, _, pattern = action.partition(":")
    if not _WILD.search(pattern):
        return []
    counts: Counter[Kind] = Counter()
    for name in actions_of(service):
        if fnmatchcase(name.lower(), pattern.lower()):
            counts.update(kinds_of(f"{service}:{name}"))
    return [kind for kind, _ in counts.most_common()]


def _filled(shape: str, name: str) -> str:
    """Return the ARN of a shape, with as much of its resource as the name gives."""
    variables = variables_of(shape)
    resource = shape.split(":", 3)[3]
    start = VARIABLE.split(resource)[0]
    name = name.removeprefix(start) if start else name
    expression, at = "", 0
    for found in VARIABLE.finditer(resource.removeprefix(start)):
        text = resource.removeprefix(start)
        expression += re.escape(text[at : found.start()]) + r"(.+?)"
        at = found.end()
    whole = re.fullmatch(expression, name)
    if whole is not None and len(variables) > 1:
        return fill(shape, Place(), dict(zip(variables, whole.groups(), strict=True)))
    return fill(shape, Place(), {variables[0]: name})


def _form(service: str, name: str) -> str:
    """Return a name as ARNs of the service have it."""
    match service:
        case "secretsmanager":
            return forms.secret(name)
        case "ssm":
            return forms.parameter(name)
        case "kms":
            return forms.key(name)
        case "lambda":
            return forms.function(name)
        case "sqs" if name.startswith("http"):
            return forms.queue(name)["QueueName"]
    return name
