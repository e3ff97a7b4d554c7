"""Lambda functions: configuration that updates as a whole, code that is checked, no Docker.

moto forgets some settings on update, reads the code of an update twice and keeps it three times,
takes any bytes for a zip, and runs functions in containers.
"""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.core.common_types import TYPE_RESPONSE
from moto.core.utils import iso_8601_datetime_with_nanoseconds
from moto.iam.exceptions import NotFoundException
from moto.iam.models import iam_backends

from chalice.cloud.control.event_invoke import (
    EventInvokeBackend,
    EventInvokeResponse,
    dead_letter_target,
)
from chalice.cloud.control.event_source_mappings import MappingBackend, MappingResponse, Polls
from chalice.cloud.control.function_policies import FunctionPolicy
from chalice.cloud.control.function_urls import UrlActions, UrlConfig
from chalice.cloud.control.service import CorrectedBackend, register

MAX_ZIP = 50 * 1024 * 1024
"""Bytes of a zip in a request."""
MAX_UNZIPPED = 250 * 1024 * 1024
"""Bytes of the code once unpacked."""


class Runs(Protocol):
    """What runs the functions, asked from any thread."""

    def submit(self, arn: str, payload: bytes) -> str:
        """Deliver an event to the function with that ARN asynchronously; return its request id."""

    def forget(self, arn: str) -> None:
        """The function with that ARN was deleted."""


class RequestTooLargeError(LambdaClientError):
    """The zip in the request is too large."""

    code = 413

    def __init__(self) -> None:
        super().__init__(
            "RequestEntityTooLargeException",
            f"The zip file is larger than the {MAX_ZIP} bytes that a request may hold.",
        )


class ServedFunction(LambdaFunction):
    """A function whose code is one ``bytes`` object, run by the executor."""

    def __init__(self, account_id: str, spec: dict[str, Any], region: str, version: str) -> None:
        _check_code(spec["Code"])
        super().__init__(account_id, spec, region, version)
        self.policy: FunctionPolicy = FunctionPolicy(self)
        self.urls: dict[str, UrlConfig] = {}
        self.code = {name: value for name, value in self.code.items() if name != "ZipFile"}
        self.dead_letters = dead_letter_target(spec.get("DeadLetterConfig"))

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        """Return the configuration as AWS shows it."""
        configuration = super().get_configuration(on_create)
        if self.dead_letters:
            configuration["DeadLetterConfig"] = {"TargetArn": self.dead_letters}
        return configuration

    def update_configuration(self, config_updates: dict[str, Any]) -> dict[str, Any]:
        """Take on the settings in an UpdateFunctionConfiguration request."""
        updates = dict(config_updates)
        if "Environment" in updates:
            updates["Environment"] = {"Variables": updates["Environment"].get("Variables") or {}}
        if "Role" in updates:
            self._check_role(updates["Role"])
        self.tracing_config = updates.get("TracingConfig", self.tracing_config)
        if "EphemeralStorage" in updates:
            self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        if "DeadLetterConfig" in updates:
            self.dead_letters = dead_letter_target(updates["DeadLetterConfig"])
        self.last_modified = iso_8601_datetime_with_nanoseconds()
        super().update_configuration(updates)
        return self.get_configuration()

    def update_function_code(self, updated_spec: dict[str, Any]) -> dict[str, Any]:
        """Take on the code in an UpdateFunctionCode request."""
        _check_code(updated_spec)
        super().update_function_code(updated_spec)
        self.code.pop("ZipFile", None)
        self.last_modified = iso_8601_datetime_with_nanoseconds()
        return self.get_configuration()

    def invoke(self, body: str, request_headers: Any, response_headers: Any) -> str:
        """Deliver the event of another service: asynchronously, as these services do."""
        backend = lambda_backends[self.account_id][self.region]
        assert isinstance(backend, ServedFunctionBackend)
        backend.runs.submit(self.function_arn, body.encode() if isinstance(body, str) else body)
        return ""

    def _check_role(self, arn: str) -> None:
        try:
            iam_backends[self.account_id][self.partition].get_role_by_arn(arn)
        except NotFoundException:
            raise InvalidParameterValueException(
                "The role defined for the function cannot be assumed by Lambda."
            ) from None


class ServedFunctionBackend(EventInvokeBackend, MappingBackend):
    """The functions of one region."""

    def __init__(
        self,
        region_name: str,
        account_id: str,
        runs: Runs,
        polls: Polls,
        missing: Callable[[str, str], str | None],
        gateway_url: str,
    ) -> None:
        super().__init__(region_name, account_id)
        self.runs = runs
        self.polls = polls
        self.missing = missing
        self.gateway_url = gateway_url

    def create_function(self, spec: dict[str, Any]) -> ServedFunction:
        """Make a function, active at once."""
        fn = ServedFunction(  # type: ignore[abstract]  # of CloudFormation
            self.account_id, spec, self.region_name, "$LATEST"
        )
        self._lambdas.put_function(fn)
        if spec.get("Publish"):
            self.publish_version(fn.function_name)
        return fn

    def update_function_code(
        self, function_name: str, qualifier: str, body: dict[str, Any]
    ) -> dict[str, Any]:
        """Replace the code of a function."""
        fn = self.get_function(function_name, qualifier)
        configuration = fn.update_function_code(body)
        if body.get("Publish"):
            published = self.publish_version(function_name)
            return published.get_configuration() if published else configuration
        return configuration

    def delete_function(self, function_name: str, qualifier: str | None = None) -> None:
        """Delete a function, or one version of it, and what runs it."""
        arn = self.get_function(function_name, qualifier).function_arn
        super().delete_function(function_name, qualifier)
        if qualifier is None:
            self.forget_event_configs(arn.rpartition(":")[2])
        self.runs.forget(arn)


class ServedFunctionResponse(UrlActions, EventInvokeResponse, MappingResponse):
    """One request to Lambda."""

    def remove_permission(self) -> TYPE_RESPONSE:
        """Answer RemovePermission."""
        *_, name, _, statement_id = unquote(self.path).split("/")
        revision = parse_qs(self.parsed_url.query).get("RevisionId", [""])[0]
        self.backend.remove_permission(name, statement_id, revision)
        return 204, {"status": "204"}, ""

    def delete_function(self) -> TYPE_RESPONSE:
        """Answer DeleteFunction."""
        super().delete_function()
        return 204, {"status": "204"}, ""

    def put_function_concurrency(self) -> TYPE_RESPONSE:
        """Answer PutFunctionConcurrency."""
        wanted = self.json_body.get("ReservedConcurrentExecutions")
        if not isinstance(wanted, int) or wanted < 0:
            raise InvalidParameterValueException("ReservedConcurrentExecutions must be 0 or more")
        return super().put_function_concurrency()


class CorrectedFunctionBackend(CorrectedBackend, ServedFunctionBackend):
    """moto's Lambda behind our responses."""

    service_package = "moto.awslambda"
    response = ServedFunctionResponse
    unsaved = frozenset({"runs", "polls", "missing", "gateway_url"})
    more_paths = (r"{0}/(?P<api_version>[^/]+)/functions/(?P<function_name>[\w_:%-]+)/urls/?$",)


def correct_lambda(
    runs: Runs, polls: Polls, missing: Callable[[str, str], str | None], gateway_url: str
) -> None:
    """Let moto serve Lambda with all of this. ``runs`` runs the functions, whose URLs lead to
    ``gateway_url``. ``polls`` reads the sources that are mapped to them, ``missing`` says what a
    role lacks to read a source.
    """

    def make(region_name: str, account_id: str) -> CorrectedFunctionBackend:
        return CorrectedFunctionBackend(region_name, account_id, runs, polls, missing, gateway_url)

    register(lambda_backends, make)


def _check_code(code: Mapping[str, Any]) -> None:
    """Raise what AWS answers when the ``ZipFile`` in ``code`` is too large or not a zip."""
    if "ZipFile" not in code:
        return
    try:
        content = base64.b64decode(code["ZipFile"], validate=True)
        if len(content) > MAX_ZIP:
            raise RequestTooLargeError
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unzipped = sum(member.file_size for member in archive.infolist())
    except (binascii.Error, zipfile.BadZipFile):
        raise InvalidParameterValueException(
            "Could not unzip uploaded file. Please check your file, then try to upload again."
        ) from None
    if unzipped > MAX_UNZIPPED:
        raise InvalidParameterValueException(
            f"Unzipped size must be smaller than {MAX_UNZIPPED} bytes"
        )
