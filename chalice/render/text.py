"""Templates as text: written as JSON or YAML, and read with the short tags of CloudFormation.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

import yaml

from chalice.errors import ToolError, pointing_at
from chalice.render import Template

Format: TypeAlias = Literal["json", "yaml"]
YAML_SUFFIXES = (".yaml", ".yml")
_BREAKS = frozenset("\x85\u2028\u2029\ufeff")
_TIME = "tag:yaml.org,2002:timestamp"


def written(template: Template, form: Format) -> str:
    """Return the text of a template."""
    if form == "yaml":
        return yaml.dump(template, Dumper=_Dumper, allow_unicode=True)
    return json.dumps(template, indent=2) + "\n"


def read(path: Path, form: Format) -> Template:
    """Return the template in a file. Raises ToolError when there is none."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ToolError(f"Cannot find template file: {path.absolute()}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError(f"cannot read {path.absolute()}: {error}") from error
    template = _from_yaml(text, path) if form == "yaml" else _from_json(text, path)
    if not isinstance(template, dict):
        hint = "a template is an object: `Resources`, `Outputs` and so on"
        raise _refused(path, form, hint=hint)
    return template


def form_of(path: Path) -> Format | None:
    """Return what the name of a file says it holds, None if it leaves that open."""
    return "yaml" if path.suffix in YAML_SUFFIXES else None


def _from_json(text: str, path: Path) -> object:
    try:
        found: object = json.loads(text)
    except ValueError as error:
        if not isinstance(error, json.JSONDecodeError):
            raise _refused(path, "json", hint=str(error)) from error
        place = f"{path}:{error.lineno}"
        line = text.split("\n")[error.lineno - 1]
        excerpt = pointing_at(line, error.colno)
        raise _refused(path, "json", hint=error.msg, where=place, excerpt=excerpt) from error
    return found


def _from_yaml(text: str, path: Path) -> object:
    try:
        found: object = yaml.load(text, Loader=TemplateLoader)  # noqa: S506 - made of the safe one
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if mark is None:
            raise _refused(path, "yaml", hint=error.problem) from error
        place = f"{path}:{mark.line + 1}"
        line = [*text.split("\n"), ""][mark.line]
        excerpt = pointing_at(line, mark.column + 1)
        raise _refused(path, "yaml", hint=error.problem, where=place, excerpt=excerpt) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _refused(path, "yaml", hint=str(error)) from error
    return found


def _refused(
    path: Path,
    form: Format,
    *,
    hint: str | None,
    where: str | None = None,
    excerpt: str | None = None,
) -> ToolError:
    summary = f"Expected {path} to be valid {form.upper()} template."
    return ToolError(summary, where=where, hint=hint, excerpt=excerpt)


def _quoted(dumper: yaml.SafeDumper, value: str) -> yaml.Node:
    """Quote what YAML takes for the end of a line, so that it is escaped and read as it was."""
    style = '"' if _BREAKS & set(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


class _Dumper(yaml.SafeDumper):
    """Writes what stands at two places twice: CloudFormation takes no aliases everywhere."""

    yaml_representers: ClassVar[dict[Any, Any]] = {
        **yaml.SafeDumper.yaml_representers,
        str: _quoted,
    }

    def ignore_aliases(self, data: object) -> bool:
        return True


class TemplateLoader(yaml.SafeLoader):
    """Reads short tags as what they stand for, and a version as text: ``2012-10-17``."""


def _function(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    """Return ``!Sub text`` as ``{"Fn::Sub": text}``."""
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


def _text(loader: yaml.SafeLoader, node: yaml.Node) -> str:
    assert isinstance(node, yaml.ScalarNode)
    return str(loader.construct_scalar(node))


TemplateLoader.add_multi_constructor("!", _function)
TemplateLoader.add_constructor(_TIME, _text)
