"""AWS's descriptions of its services, as the analysis of source code asks for them.

Operations and waiters are botocore's data. Resources are boto3's, which is not installed with the
tool: `resource_models.json` is written from it by `tools/resource_models.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import DataNotFoundError, UnknownServiceError

from chalice.model.services import (
    CollectionModel,
    Filled,
    Operation,
    Reference,
    ResourceModel,
    WaiterModel,
)

_RESOURCES = Path(__file__).with_name("resource_models.json")


class BotocoreModels:
    """Implements `chalice.policy.analysis.ServiceModels`; each service is read when asked for."""

    def __init__(self) -> None:
        self._session = botocore.session.Session()
        self._operations: dict[str, Mapping[str, str] | None] = {}
        self._waiters: dict[str, Mapping[str, str]] = {}
        self._resources: dict[tuple[str, str], ResourceModel] = {}
        self._definitions: Mapping[str, Any] | None = None

    def operations(self, service: str) -> Mapping[str, str] | None:
        """As in the port."""
        if service not in self._operations:
            self._operations[service] = self._read_operations(service)
        return self._operations[service]

    def _read_operations(self, service: str) -> Mapping[str, str] | None:
        if service not in self._session.get_available_services():
            return None
        model = self._loaded(service, "service-2")
        return {xform_name(name): name for name in model["operations"]}

    def waiter(self, service: str, name: str) -> str | None:
        """As in the port."""
        if service not in self._waiters:
            try:
                waiters = self._loaded(service, "waiters-2")["waiters"]
            except (UnknownServiceError, DataNotFoundError):
                waiters = {}
            self._waiters[service] = {
                xform_name(each): model["operation"] for each, model in waiters.items()
            }
        return self._waiters[service].get(name)

    def resource(self, service: str, kind: str | None) -> ResourceModel | None:
        """As in the port."""
        key = (service, kind or "")
        if key not in self._resources:
            definition = self._definition(service).get(kind or "")
            if definition is None:
                return None
            self._resources[key] = self._resource(service, definition)
        return self._resources[key]

    def _definition(self, service: str) -> Mapping[str, Any]:
        if self._definitions is None:
            self._definitions = json.loads(_RESOURCES.read_text(encoding="utf-8"))["services"]
        found: Mapping[str, Any] = self._definitions.get(service, {})
        return found

    def _loaded(self, service: str, kind: str) -> Any:
        return self._session.get_component("data_loader").load_service_model(service, kind)

    def _resource(self, service: str, definition: Mapping[str, Any]) -> ResourceModel:
        load = definition.get("load")
        return ResourceModel(
            identifiers=dict(definition.get("identifiers", ())),
            aliases=definition.get("aliases", {}),
            load=None if load is None else _operation(load),
            actions=_each(definition, "actions", _operation),
            makers=_each(definition, "makers", _reference),
            references=_each(definition, "references", _reference),
            collections=_each(definition, "collections", _collection),
            waiters={
                name: WaiterModel(
                    self.waiter(service, xform_name(each["waiter"])) or "",
                    _filled(each["parameters"]),
                )
                for name, each in definition.get("waiters", {}).items()
            },
            attributes=frozenset(definition.get("attributes", ())),
        )


def _each(definition: Mapping[str, Any], key: str, read: Any) -> dict[str, Any]:
    return {name: read(each) for name, each in definition.get(key, {}).items()}


def _operation(definition: Mapping[str, Any]) -> Operation:
    return Operation(
        definition["operation"],
        _filled(definition["parameters"]),
        definition.get("returns"),
        _filled(definition.get("identifiers", ())),
        definition.get("many", False),
        definition.get("loaded", False),
    )


def _reference(definition: Mapping[str, Any]) -> Reference:
    return Reference(definition["returns"], _filled(definition["identifiers"]), definition["loads"])


def _collection(definition: Mapping[str, Any]) -> CollectionModel:
    batch = {name: _operation(each) for name, each in definition["batch"].items()}
    return CollectionModel(_operation(definition["listing"]), batch)


def _filled(parameters: Sequence[Any]) -> Sequence[Filled]:
    return tuple(Filled(*each) for each in parameters)
