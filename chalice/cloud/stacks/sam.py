"""SAM: ``AWS::Serverless::…`` becomes resources of CloudFormation, by AWS's own translator.

The translator is imported when a template first has the transform: it takes half a second.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification.html
"""

from __future__ import annotations

import copy
import importlib.util
import json
from collections.abc import Callable, Mapping
from typing import Any

from chalice.cloud.stacks.errors import StackError
from chalice.cloud.stacks.template import Template

SERVERLESS = "AWS::Serverless-2016-10-31"


def transforms_of(template: Template) -> list[str]:
    """Return the names of the transforms that a template asks for."""
    found = template.get("Transform") or []
    return [str(each) for each in (found if isinstance(found, list) else [found])]


def expand(
    template: Template,
    values: Mapping[str, Any],
    region: str,
    managed_policies: Callable[[], Mapping[str, str]],
) -> Template:
    """Return the template without transforms.

    ``values`` are the parameters, ``managed_policies`` gives the ARNs of AWS's policies by name.
    Raises ``StackError``.
    """
    names = transforms_of(template)
    unknown = [name for name in names if name != SERVERLESS]
    if unknown:
        raise StackError(
            f"The embedded cloud does not know the transform {unknown[0]}, only {SERVERLESS}"
        )
    if not names:
        return template
    if importlib.util.find_spec("samtranslator") is None:
        raise StackError(
            f"The transform {SERVERLESS} needs aws-sam-translator, which is not installed where "
            "the embedded cloud runs: pip install 'chalice[cloud]'"
        )
    return _translate(template, values, region, managed_policies)


def _translate(
    template: Template,
    values: Mapping[str, Any],
    region: str,
    managed_policies: Callable[[], Mapping[str, str]],
) -> Template:
    import boto3  # noqa: PLC0415  # a third of a second, and only for templates of SAM
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    # Offline: of the session it asks the name of the region alone.
    translator = Translator(None, Parser(), boto_session=boto3.Session(region_name=region))
    try:
        found = translator.translate(
            copy.deepcopy(dict(template)),
            parameter_values=dict(values),
            get_managed_policy_map=lambda: dict(managed_policies()),
        )
    except InvalidDocumentException as error:
        causes = " ".join(cause.message for cause in error.causes)
        raise StackError(
            f"Transform {SERVERLESS} failed with: {error.message} {causes}".rstrip()
        ) from None
    # The translator's own types of text are not what a snapshot can keep.
    expanded: dict[str, Any] = json.loads(json.dumps(found))
    expanded.pop("Transform", None)
    return expanded
