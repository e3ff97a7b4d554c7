"""Lambda functions: configuration that updates as a whole, code that is checked, no Docker.

moto forgets some settings on update, reads the code of an update twice and keeps it three times,
takes any bytes for a zip, and runs functions in containers.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import LambdaFunction, LayerDataType, lambda_backends
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
from chalice.cloud.control.layers import LayerBackend, LayerResponse
from chalice.cloud.control.service import CorrectedBackend, register
from chalice.cloud.control.zips import check_request, check_zip, fetching

_KEPT = frozenset(
    {
        *("CapacityProviderConfig", "DurableConfig", "FileSystemConfigs"),
        *("LoggingConfig", "RuntimeConfig", "SnapStart", "TenancyConfig"),
    }
)
"""Parameters that moto forgets and that do not change how a function runs here."""


class Runs(Protocol):
    """What runs the functions, asked from any thread."""

    def submit(self, arn: str, payload: bytes) -> str:
        """Deliver an event to the function with that ARN asynchronously; return its request id."""

    def forget(self, arn: str) -> None:
        """The function with that ARN was deleted."""


class VersionInUseError(LambdaClientError):
    """An alias means the version."""

    code = 409

    def __init__(self, arn: str, aliases: str) -> None:
        super().__init__(
            "ResourceConflictException",
            f"Version {arn} is used by these aliases: {aliases}. Change them first.",
        )


class ServedFunction(LambdaFunction):
    """A function whose code is one ``bytes`` object, run by the executor."""

    def __init__(self, account_id: str, spec: dict[str, Any], region: str, version: str) -> None:
        check_request(spec["Code"])
        with fetching():
            super().__init__(account_id, spec, region, version)
        check_zip(spec["Code"], self.code_bytes)
        self.policy: FunctionPolicy = FunctionPolicy(self)
        self.urls: dict[str, UrlConfig] = {}
        self.code = {name: value for name, value in self.code.items() if name != "ZipFile"}
        self.dead_letters = dead_letter_target(spec.get("DeadLetterConfig"))
        self.settings = {name: spec[name] for name in _KEPT & spec.keys()}
        self.versions_published = 0

    def get_configuration(self, on_create: bool = False) -> dict[str, Any]:
        """Return the function as GetFunctionConfiguration shows it."""
        logging = {"LogFormat": "Text", "LogGroup": self.logs_group_name}
        apply_on = self.settings.get("SnapStart", {}).get("ApplyOn", "None")
        is_snapshot = apply_on == "PublishedVersions" and str(self.version) != "$LATEST"
        return {
            **super().get_configuration(on_create),
            **self.settings,
            **({"DeadLetterConfig": {"TargetArn": self.dead_letters}} if self.dead_letters else {}),
            "LoggingConfig": {**logging, **self.settings.get("LoggingConfig", {})},
            "SnapStart": {
                "ApplyOn": apply_on,
                "OptimizationStatus": "On" if is_snapshot else "Off",
            },
        }

    def get_code(self) -> dict[str, Any]:
        """Return the function as GetFunction shows it."""
        found = super().get_code()
        if self.reserved_concurrency is not None:
            found["Concurrency"] = {"ReservedConcurrentExecutions": self.reserved_concurrency}
        return found

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
        if "KMSKeyArn" in updates:
            self.kms_key_arn = updates["KMSKeyArn"] or None
        self.settings = {
            **self.settings,
            **{name: updates[name] for name in _KEPT & updates.keys()},
        }
        if "DeadLetterConfig" in updates:
            self.dead_letters = dead_letter_target(updates["DeadLetterConfig"])
        self.last_modified = iso_8601_datetime_with_nanoseconds()
        super().update_configuration(updates)
        return self.get_configuration()

    def update_function_code(self, updated_spec: dict[str, Any]) -> dict[str, Any]:
        """Take on the code in an UpdateFunctionCode request."""
        check_request(updated_spec)
        before = self.code, self.code_bytes, self.code_size, self.code_sha_256, self.code_digest
        self.code = dict(self.code)
        try:
            with fetching():
                super().update_function_code(updated_spec)
            check_zip(updated_spec, self.code_bytes)
        except InvalidParameterValueException:
            self.code, self.code_bytes, self.code_size, self.code_sha_256, self.code_digest = before
            raise
        self.architectures = updated_spec.get("Architectures") or self.architectures
        self.code.pop("ZipFile", None)
        self.last_modified = iso_8601_datetime_with_nanoseconds()
        return self.get_configuration()

    def invoke(self, body: str, request_headers: Any, response_headers: Any) -> str:
        """Deliver the event of another service: asynchronously, as these services do."""
        backend = lambda_backends[self.account_id][self.region]
        assert isinstance(backend, ServedFunctionBackend)
        backend.runs.submit(self.function_arn, body.encode() if isinstance(body, str) else body)
        return ""

    def published(self) -> ServedFunction:
        """Return a version of the function as it is now."""
        self.versions_published += 1
        version = copy.copy(self)
        version.set_version(self.versions_published)
        return version

    def _get_layers_data(self, layers_versions_arns: list[str]) -> list[LayerDataType]:
        backend = lambda_backends[self.account_id][self.region]
        assert isinstance(backend, ServedFunctionBackend)
        # The function keeps what is in a layer: a version that is deleted runs on.
        self.layer_zips = backend.layer_zips(layers_versions_arns)
        return [
            {"Arn": layer.arn, "CodeSize": len(layer.content or b"")} for layer in self.layer_zips
        ]

    def _check_role(self, arn: str) -> None:
        try:
            iam_backends[self.account_id][self.partition].get_role_by_arn(arn)
        except NotFoundException:
            raise InvalidParameterValueException(
                "The role defined for the function cannot be assumed by Lambda."
            ) from None


class ServedFunctionBackend(EventInvokeBackend, MappingBackend, LayerBackend):
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
            return self.publish_version(function_name).get_configuration()
        return configuration

    def delete_function(self, function_name: str, qualifier: str | None = None) -> None:
        """Delete a function, or one version of it that no alias means, and what runs it."""
        found = self.get_function(function_name, qualifier)
        name, inner = self._named(function_name, qualifier)
        if inner is not None:
            aliases = [each for each in self.list_aliases(name) if each.function_version == inner]
            if aliases:
                listed = ", ".join(each.name for each in aliases)
                raise VersionInUseError(found.function_arn, listed)
        super().delete_function(function_name, qualifier)
        if inner is None:
            self.forget_event_configs(name)
        self.runs.forget(found.function_arn)

    def publish_version(self, function_name: str, description: str = "") -> LambdaFunction:
        """Publish the function, unless the newest version is the same; numbers come once."""
        latest = self._lambdas.get_function_by_name_or_arn_forbid_qualifier(function_name)
        assert isinstance(latest, ServedFunction)
        versions: list[LambdaFunction] = self._lambdas._functions[latest.function_name]["versions"]
        if versions and not latest.code_or_config_updated:
            return versions[-1]
        latest.code_or_config_updated = False
        made = latest.published()
        if description:
            made.description = description
        versions.append(made)
        self._lambdas._arns[made.function_arn] = made
        return made

    def add_permission(self, function_name: str, qualifier: str, raw: str) -> dict[str, Any]:
        """Add a statement to the policy of a function, or of one version or alias of it."""
        policy, inner = self._policy(function_name, qualifier)
        statement: dict[str, Any] = policy.add_statement(raw, inner)[0]
        return statement

    def remove_permission(
        self, function_name: str, sid: str, revision: str = "", qualifier: str | None = None
    ) -> None:
        """Remove a statement from the policy of a function, or of one version or alias of it."""
        policy, inner = self._policy(function_name, qualifier)
        policy.remove(sid, inner, revision)

    def get_policy(self, function_name: str, qualifier: str | None = None) -> str:
        """Return the policy of a function, or of one version or alias of it."""
        policy, inner = self._policy(function_name, qualifier)
        return policy.shown(inner)

    def _policy(
        self, function_name: str, qualifier: str | None
    ) -> tuple[FunctionPolicy, str | None]:
        found = self.get_function(function_name, qualifier)
        assert isinstance(found, ServedFunction)
        return found.policy, self._named(function_name, qualifier)[1]

    def _named(self, function: str, qualifier: str | None) -> tuple[str, str | None]:
        """Return the bare name and the qualifier of a function, given either way."""
        if function.startswith("arn:"):
            _, name, inner = self._lambdas.split_function_arn(function)
        else:
            name, _, inner = function.partition(":")
        qualifier = inner or qualifier
        return name, None if qualifier == "$LATEST" else qualifier


class ServedFunctionResponse(UrlActions, EventInvokeResponse, MappingResponse, LayerResponse):
    """One request to Lambda."""

    def remove_permission(self) -> TYPE_RESPONSE:
        """Answer RemovePermission."""
        *_, name, _, statement_id = unquote(self.path).split("/")
        query = parse_qs(self.parsed_url.query)
        backend = self.backend
        assert isinstance(backend, ServedFunctionBackend)
        backend.remove_permission(
            name, statement_id, query.get("RevisionId", [""])[0], query.get("Qualifier", [None])[0]
        )
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
