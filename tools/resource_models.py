"""Writes `chalice/aws/resource_models.json` from the resource definitions that boto3 ships.

The definitions are data of boto3, Copyright Amazon.com, Inc., under the Apache License 2.0
(https://github.com/boto/boto3). Only names are taken: which methods and attributes a resource has,
the operations behind them, and which parameters they fill in. Run it with a newer boto3 to update:

    python tools/resource_models.py
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import botocore.session
from boto3.resources.model import ResourceModel

TARGET = Path(__file__).parent.parent / "chalice" / "aws" / "resource_models.json"


def main() -> None:
    """Write the file."""
    session = boto3.Session(region_name="us-east-1")
    loader = botocore.session.get_session().get_component("data_loader")
    loader.search_paths.append(str(Path(boto3.__file__).parent / "data"))
    services = {name: _service(loader, name) for name in sorted(session.get_available_resources())}
    document = {
        "source": f"boto3 {boto3.__version__}, data/*/*/resources-1.json",
        "licence": "Apache-2.0, Copyright Amazon.com, Inc. or its affiliates",
        "services": services,
    }
    TARGET.write_text(json.dumps(document, separators=(",", ":"), sort_keys=True) + "\n")


def _service(loader: Any, service: str) -> dict[str, Any]:
    data = loader.load_service_model(service, "resources-1")
    shapes = botocore.session.get_session().get_service_model(service)
    kinds = data["resources"]
    described = {kind: _kind(kind, kinds[kind], kinds, shapes) for kind in sorted(kinds)}
    return {"": _kind(service, data["service"], kinds, shapes), **described}


def _kind(name: str, definition: Any, kinds: Any, shapes: Any) -> dict[str, Any]:
    model = ResourceModel(name, definition, kinds)
    shape = shapes.shape_for(model.shape) if model.shape else None
    model.load_rename_map(shape)
    members = {each.member_name: each.name for each in model.identifiers if each.member_name}
    attributes = sorted(set(model.get_attributes(shape)) - set(members)) if shape else []
    subresources: list[Any] = model.subresources  # the stubs type them as what they are not
    makers = {each.name: _reference(each) for each in subresources}
    references = {each.name: _reference(each) for each in model.references}
    found = {
        "identifiers": [
            [each.name, raw["name"]]
            for each, raw in zip(model.identifiers, definition.get("identifiers", []), strict=True)
        ],
        "aliases": members,
        "load": _operation(model.load) if model.load else None,
        "actions": {each.name: _operation(each) for each in model.actions},
        "makers": makers,
        "references": references,
        "collections": {each.name: _collection(each) for each in model.collections},
        "waiters": {
            each.name: {"waiter": each.waiter_name, "parameters": _filled(each.params)}
            for each in model.waiters
        },
        "attributes": attributes,
    }
    return {key: value for key, value in found.items() if value}


def _collection(model: Any) -> dict[str, Any]:
    return {
        "listing": _operation(model),
        "batch": {each.name: _operation(each) for each in model.batch_actions},
    }


def _operation(model: Any) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operation": model.request.operation,
        "parameters": _filled(model.request.params),
    }
    if model.resource is not None:
        identifiers = model.resource.identifiers
        found["returns"] = model.resource.type
        found["identifiers"] = _filled(identifiers)
        found["loaded"] = bool(model.resource.path)
        found["many"] = any("[]" in (each.path or "") for each in identifiers)
    return found


def _reference(model: Any) -> dict[str, Any]:
    identifiers = model.resource.identifiers
    return {
        "returns": model.resource.type,
        "identifiers": _filled(identifiers),
        "loads": any(each.source == "data" for each in identifiers),
    }


def _filled(parameters: Any) -> list[list[str]]:
    """Return ``[target, source, value]`` for each."""
    found = []
    for each in parameters:
        value = getattr(each, "value", None)  # identifiers of resources have none
        target = each.target.replace("[*]", "[]")
        found.append([target, each.source, each.name or each.path or value or ""])
    return found


if __name__ == "__main__":
    main()
