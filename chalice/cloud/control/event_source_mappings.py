"""Event source mappings: which queue or stream is read for which function.

moto knows three kinds of source, forgets some settings, checks few, and cannot parse every ARN.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol
from urllib.parse import unquote

from moto.awslambda.exceptions import (
    GenericResourcNotFound,
    InvalidParameterValueException,
    LambdaClientError,
    UnknownAliasException,
    UnknownFunctionException,
)
from moto.awslambda.models import EventSourceMapping, LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.core.common_types import TYPE_RESPONSE
from moto.utilities.utils import get_partition

from chalice.cloud.control.mapped_sources import check_source, newest_positions
from chalice.cloud.control.mapping_settings import Kind, check, defaults, kind_of

_PAGE = 100
_NOT_SHOWN = frozenset({"Enabled", "FunctionName", "Tags"})
_CLEARED = frozenset({"FilterCriteria", "ScalingConfig", "ProvisionedPollerConfig"})
"""Settings that are gone once they are updated to an empty object."""


class Polls(Protocol):
    """What reads the sources, told from any thread."""

    def changed(self) -> None:
        """A mapping, a function or a source was made, changed or deleted."""


class MappingExistsError(LambdaClientError):
    """Another mapping has the same source and function."""

    code = 409

    def __init__(self, kind: Kind, source: str, function: str, taken_by: str) -> None:
        if kind in ("sqs", "sqs-fifo"):
            what = f'An event source mapping with SQS arn (" {source} ") and function '
            what += f'(" {function} ") already exists.'
        else:
            what = f'The event source arn (" {source} ") and function (" {function} ") provided '
            what += "mapping already exists."
        super().__init__(
            "ResourceConflictException",
            f"{what} Please update or delete the existing mapping with UUID {taken_by}",
        )


class ServedMapping(EventSourceMapping):
    """One mapping.

    ``settings`` are the parameters by AWS's names, replaced as a whole when one changes.
    ``positions`` are, by shard, the sequence numbers of the last records that were dealt with,
    one a lane (each lane has its part of the partition keys); a shard that is missing starts at
    its oldest record. ``last_result`` is what became of the last batch.
    """

    def __init__(self, kind: Kind, function_arn: str, settings: Mapping[str, Any], arn: str):
        # moto's own constructor refuses what it does not know.
        self.kind: Kind = kind
        self.settings = settings
        self.function_arn = function_arn
        self.arn = arn
        self.uuid = arn.rpartition(":")[2]
        self.tags: dict[str, str] = _tags(settings.get("Tags") or {})
        self.last_modified = time.time()
        self.last_result = "No records processed"
        self.positions: dict[str, list[int]] = {}

    @property  # type: ignore[misc]  # moto can change it
    def event_source_arn(self) -> str:
        """The ARN of the source, empty for Kafka outside AWS."""
        return str(self.settings.get("EventSourceArn", ""))

    @property
    def enabled(self) -> bool:
        """Whether the source is read."""
        return bool(self.settings["Enabled"])

    @property
    def function_name(self) -> str:
        """The name of the function."""
        return self.function_arn.split(":")[6]

    def get_configuration(self) -> dict[str, Any]:
        """Return what the API shows."""
        shown = {name: value for name, value in self.settings.items() if name not in _NOT_SHOWN}
        return {
            "UUID": self.uuid,
            **shown,
            "EventSourceMappingArn": self.arn,
            "FunctionArn": self.function_arn,
            "LastModified": self.last_modified,
            "LastProcessingResult": self.last_result,
            "State": "Enabled" if self.enabled else "Disabled",
            "StateTransitionReason": "USER_INITIATED",
        }

    def update(self, kind: Kind, function_arn: str, settings: Mapping[str, Any]) -> None:
        """Be what an update makes of the mapping."""
        self.kind, self.function_arn, self.settings = kind, function_arn, settings
        self.last_modified = time.time()


class MappingBackend(LambdaBackend):
    """The event source mappings of one region. ``polls`` reads their sources; ``missing`` says
    what a role (an ARN) lacks to read a source (an ARN), in AWS's words, None if nothing.
    """

    polls: Polls
    missing: Callable[[str, str], str | None]

    def create_event_source_mapping(self, spec: dict[str, Any]) -> ServedMapping:
        """Make a mapping and begin to read its source."""
        kind = kind_of(spec)
        function, arn = self._find_mapped(str(spec.get("FunctionName") or ""))
        settings = {**defaults(kind), **_without_empty(spec)}
        check(kind, spec, settings)
        check_source(kind, settings, function, self.account_id)
        self._check_role(function, settings)
        self._check_free(kind, settings, arn)
        name = str(uuid.uuid4())
        if kind == "kafka":
            _name_consumer_group(settings, name)
        partition = get_partition(self.region_name)
        mapping = ServedMapping(  # type: ignore[abstract]  # of CloudFormation
            kind,
            arn,
            settings,
            f"arn:{partition}:lambda:{self.region_name}:{self.account_id}"
            f":event-source-mapping:{name}",
        )
        if kind in ("kinesis", "dynamodb") and settings["StartingPosition"] == "LATEST":
            mapping.positions = newest_positions(kind, mapping.event_source_arn, self.account_id)
        self._event_source_mappings[name] = mapping
        self.polls.changed()
        return mapping

    def get_event_source_mapping(self, uuid: str) -> ServedMapping:
        """Return a mapping. Raises what AWS answers when there is none."""
        mapping = self._event_source_mappings.get(uuid)
        if not isinstance(mapping, ServedMapping):
            raise GenericResourcNotFound
        return mapping

    def update_event_source_mapping(self, uuid: str, spec: dict[str, Any]) -> ServedMapping:
        """Change the settings that are in ``spec``."""
        mapping = self.get_event_source_mapping(uuid)
        changes = {name: value for name, value in spec.items() if name != "UUID"}
        kept = {
            name: value
            for name, value in mapping.settings.items()
            if name not in changes or name not in _CLEARED
        }
        settings = {**kept, **_without_empty(changes)}
        arn = mapping.function_arn
        function: LambdaFunction | None = None
        if "FunctionName" in changes:
            function, arn = self._find_mapped(str(changes["FunctionName"]))
        check(mapping.kind, changes, settings)
        if function is not None:
            check_source(mapping.kind, settings, function, self.account_id)
            self._check_role(function, settings)
            self._check_free(mapping.kind, settings, arn, unless=uuid)
        mapping.update(mapping.kind, arn, settings)
        self.polls.changed()
        return mapping

    def delete_event_source_mapping(self, uuid: str) -> ServedMapping:
        """Delete a mapping: its source is no longer read."""
        mapping = self.get_event_source_mapping(uuid)
        self._event_source_mappings.pop(uuid, None)
        self.polls.changed()
        return mapping

    def list_event_source_mappings(
        self, event_source_arn: str, function_name: str
    ) -> Iterable[ServedMapping]:
        """Return the mappings, perhaps only those of one source or function."""
        return [
            mapping
            for mapping in list(self._event_source_mappings.values())
            if isinstance(mapping, ServedMapping)
            and (not event_source_arn or mapping.event_source_arn == event_source_arn)
            and (not function_name or _is_named(mapping.function_arn, function_name))
        ]

    def _find_mapped(self, name: str) -> tuple[LambdaFunction, str]:
        """Return a function, and its ARN with the version or alias that ``name`` has."""
        try:
            function = self.get_function(name)
        except (UnknownFunctionException, UnknownAliasException):
            raise InvalidParameterValueException("Function does not exist") from None
        parts = name.split(":")
        unqualified = f"{function.function_arn}".split(":")[:7]
        qualified = len(parts) == 8 or len(parts) in (2, 4)
        return function, ":".join([*unqualified, *(parts[-1:] if qualified else [])])

    def _check_role(self, function: LambdaFunction, settings: Mapping[str, Any]) -> None:
        problem = self.missing(function.role, str(settings.get("EventSourceArn", "")))
        if problem is not None:
            raise InvalidParameterValueException(problem)

    def _check_free(
        self, kind: Kind, settings: Mapping[str, Any], arn: str, unless: str = ""
    ) -> None:
        for other in self.list_event_source_mappings("", ""):
            same = other.function_arn == arn and _source(other.settings) == _source(settings)
            if same and other.uuid != unless:
                name = arn.split(":", 6)[6]
                raise MappingExistsError(kind, _source(settings)[0], name, other.uuid)


class MappingResponse(LambdaResponse):
    """The requests to event source mappings. Each state is reached at once, and said to come."""

    def create_event_source_mapping(self) -> TYPE_RESPONSE:
        """Answer CreateEventSourceMapping."""
        made = self.backend.create_event_source_mapping(self.json_body)
        return _reply(202, {**made.get_configuration(), "State": "Creating"})

    def get_event_source_mapping(self) -> TYPE_RESPONSE:
        """Answer GetEventSourceMapping."""
        found = self.backend.get_event_source_mapping(self._uuid())
        assert found is not None
        return _reply(200, found.get_configuration())

    def update_event_source_mapping(self) -> TYPE_RESPONSE:
        """Answer UpdateEventSourceMapping."""
        updated = self.backend.update_event_source_mapping(self._uuid(), self.json_body)
        assert updated is not None
        return _reply(202, {**updated.get_configuration(), "State": "Updating"})

    def delete_event_source_mapping(self) -> TYPE_RESPONSE:
        """Answer DeleteEventSourceMapping."""
        deleted = self.backend.delete_event_source_mapping(self._uuid())
        assert deleted is not None
        return _reply(202, {**deleted.get_configuration(), "State": "Deleting"})

    def list_event_source_mappings(self) -> str:
        """Answer ListEventSourceMappings, a page at a time."""
        found = self.backend.list_event_source_mappings(
            self._get_param("EventSourceArn") or "", self._get_param("FunctionName") or ""
        )
        shown = [mapping.get_configuration() for mapping in found]
        marker, count = self._get_param("Marker") or "0", self._get_param("MaxItems") or _PAGE
        try:
            begin, end = int(marker), int(marker) + min(int(count), _PAGE)
        except ValueError:
            raise InvalidParameterValueException(f"Invalid marker: {marker}") from None
        page: dict[str, Any] = {"EventSourceMappings": shown[begin:end]}
        if end < len(shown):
            page["NextMarker"] = str(end)
        return json.dumps(page)

    def _uuid(self) -> str:
        return unquote(self.path.rstrip("/").rpartition("/")[2])


def _reply(status: int, content: Mapping[str, Any]) -> TYPE_RESPONSE:
    return status, {"status": str(status)}, json.dumps(content)


def _tags(given: Mapping[str, str] | list[dict[str, str]]) -> dict[str, str]:
    """Return tags, which CloudFormation gives as a list."""
    if isinstance(given, list):
        return {each["Key"]: each["Value"] for each in given}
    return dict(given)


def _without_empty(spec: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in spec.items()
        if value is not None and not _is_empty(name, value)
    }


def _is_empty(name: str, value: object) -> bool:
    if name == "FilterCriteria" and isinstance(value, Mapping):
        return not value.get("Filters")
    return name in _CLEARED and not value


def _source(settings: Mapping[str, Any]) -> tuple[str, object]:
    """What a mapping reads: the ARN, else the brokers, and for Kafka the topics."""
    brokers = json.dumps(settings.get("SelfManagedEventSource", ""), sort_keys=True)
    return str(settings.get("EventSourceArn") or brokers), settings.get("Topics")


def _is_named(arn: str, name: str) -> bool:
    """Whether ``name``, in one of the forms that Lambda takes, means the function of ``arn``."""
    named = arn.split(":", 6)[6]  # orders, or orders:live
    account = arn.split(":")[4]
    return name in (arn, named, f"{account}:function:{named}")


def _name_consumer_group(settings: dict[str, Any], name: str) -> None:
    managed = "EventSourceArn" in settings
    key = "AmazonManagedKafkaEventSourceConfig" if managed else "SelfManagedKafkaEventSourceConfig"
    settings[key] = {"ConsumerGroupId": name, **(settings.get(key) or {})}
