"""Calls on the cloud's own APIs: in somebody's name, over HTTP, like anybody's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalice.cloud.access.sessions import Session
from chalice.cloud.stacks.errors import ResourceError
from chalice.cloud.stacks.shapes import shaped

Answer: TypeAlias = dict[str, Any]

_MISSING = frozenset(
    {
        "404",
        "AWS.SimpleQueueService.NonExistentQueue",
        "InvalidLayerVersion",
        "NoSuchBucket",
        "NoSuchEntity",
        "NotFound",
        "NotFoundException",
        "ParameterNotFound",
        "QueueDoesNotExist",
        "ResourceNotFoundException",
        "UserPoolNotFoundException",
    }
)
_MOST = 300  # clients
_ROOT = ("AKIACLOUDFORMATION00", "local")
"""An access key that nobody gave out is the root's."""


class CallError(ResourceError):
    """A service refused. ``is_missing`` says that what the call is about does not exist."""

    def __init__(self, sentence: str, code: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.is_missing = code in _MISSING


@dataclass(slots=True)
class Clients:
    """The clients of the cloud at ``endpoint_url``, which are kept.

    ``sessions`` finds the access key of who a call is made for, by access key or ARN of a role.
    """

    endpoint_url: str
    sessions: Callable[[str, str], Session | None]
    _made: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _session: Any = field(default_factory=botocore.session.Session)

    def find(self, service: str, region: str, who: str) -> Any:
        """Return a client that signs in the name of ``who``: an access key, or the ARN of a role;
        empty for the root.
        """
        session = self.sessions(who, region) if who else None
        key = (session.access_key, session.secret) if session else _ROOT
        with self._lock:
            made = self._made.get((service, region, key[0]))
            if made is None:
                if len(self._made) >= _MOST:  # of callers whose keys are no longer good
                    self._made.clear()
                made = self._session.create_client(
                    service,
                    region_name=region,
                    endpoint_url=self.endpoint_url,
                    aws_access_key_id=key[0],
                    aws_secret_access_key=key[1],
                    aws_session_token=session.token if session else None,
                    config=Config(
                        retries={"total_max_attempts": 1},
                        read_timeout=900,
                        parameter_validation=True,
                        s3={"addressing_style": "path"},
                    ),
                )
                self._made[service, region, key[0]] = made
        return made


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls in one region in the name of ``who``."""

    clients: Clients
    region: str
    who: str = ""

    def __call__(self, service: str, operation: str, values: Mapping[str, Any]) -> Answer:
        """Return what ``create_queue`` of ``sqs`` answers, with properties as its parameters.

        Raises ``CallError`` when the service refuses, ``ResourceError`` when the properties are
        none that it knows.
        """
        client = self.clients.find(service, self.region, self.who)
        name = client.meta.method_to_api_mapping[operation]
        shape = client.meta.service_model.operation_model(name).input_shape
        parameters = {} if shape is None else shaped(shape, values)
        try:
            answer: Answer = getattr(client, operation)(**parameters)
        except ClientError as error:
            told = error.response["Error"]
            status = error.response["ResponseMetadata"].get("HTTPStatusCode")
            code = str(told.get("Code", ""))
            sentence = (
                f"{told.get('Message') or code} (Service: {service}, Status Code: {status}, "
                f"Error Code: {code})"
            )
            raise CallError(sentence, code) from error
        except BotoCoreError as error:
            raise CallError(f"{error} (Service: {service})", type(error).__name__) from error
        return answer
