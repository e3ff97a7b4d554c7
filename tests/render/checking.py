"""The programs of those who define the language of templates: cfn-lint, SAM's translator."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from chalice.render import CODE_FILE, LAYER_FILE, Template, text

cfnlint = pytest.importorskip("cfnlint.api")
translator = pytest.importorskip("samtranslator.translator.transform")

EXPECTED = {"I3011", "W2531"}
"""Log groups go with the stack, as they always did; nothing says so. Functions have the Python that
runs the tests, which may be one that AWS is about to retire.
"""


def check(template: Template) -> None:
    """Insist that nobody has anything to say against a template."""
    found = lint(template)
    assert found == [], found
    made = translated(template)
    assert "Transform" not in made


def lint(template: Template) -> list[str]:
    """Return what cfn-lint says of a template, hints included."""
    content = text.written(template, "json")
    for short in ('"sg-1"', '"subnet-1"'):
        content = content.replace(short, short.replace("1", "12345678"))
    config = {"include_checks": ["I"], "regions": ["us-east-1"]}
    matches = cfnlint.lint(content, config=config)
    return [str(match) for match in matches if match.rule.id not in EXPECTED]


def translated(template: Template) -> Template:
    """Return the template without SAM, as CloudFormation itself translates it."""
    uploaded = json.dumps(template)
    for name in (CODE_FILE, LAYER_FILE):
        uploaded = uploaded.replace(f"./{name}", f"s3://bucket/{name}")
    made: Any = translator.transform(json.loads(uploaded), {}, NoPolicies())
    return copy.deepcopy(dict(made))


class NoPolicies:
    """The managed policies that SAM may look up by their names: no template names any."""

    def load(self) -> dict[str, str]:
        return {}
