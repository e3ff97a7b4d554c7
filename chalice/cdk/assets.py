"""The template of a stage whose code lies in assets of the CDK."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from chalice.errors import ToolError
from chalice.render import CODE_FILE, LAYER_FILE

Asset: TypeAlias = Mapping[str, str]
"""Where S3 has a file: ``{"Bucket": …, "Key": …}``."""

_PLACES = {"AWS::Serverless::Function": "CodeUri", "AWS::Serverless::LayerVersion": "ContentUri"}
_NAMES = {CODE_FILE: "ChaliceAppCode", LAYER_FILE: "ChaliceManagedLayer"}


def with_assets(
    template: Mapping[str, Any], files: Path, asset: Callable[[str, Path], Asset]
) -> dict[str, Any]:
    """Return the template with what ``asset`` makes of each zip in the place of its name.

    ``asset`` is given the id of the construct and the zip, which lies in ``files``; it is asked
    once for each.
    """
    made: dict[str, Asset] = {}
    resources = {}
    for id_, resource in template["Resources"].items():
        place = _PLACES.get(resource["Type"])
        properties = resource["Properties"]
        name = str(properties.get(place, "")).removeprefix("./")
        if name in _NAMES:
            if name not in made:
                made[name] = asset(_NAMES[name], files / name)
            properties = {**properties, place: made[name]}
        elif "ImageUri" in properties or "PackageType" in properties:
            raise ToolError(
                "the CDK construct takes apps that are zips, and `package` is `image`",
                hint='leave "package" out of the configuration of this stage',
            )
        resources[id_] = {**resource, "Properties": properties}
    return {**template, "Resources": resources}


def folder_name(path: str) -> str:
    """Return the name of the folder for the construct at that path: readable, and its alone."""
    readable = re.sub("[^A-Za-z0-9_.-]+", "-", path).strip("-.") or "app"
    return f"{readable[:60]}-{hashlib.sha256(path.encode()).hexdigest()[:8]}"
