"""Lambda functions: https://docs.aws.amazon.com/lambda/latest/api/"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from chalice.aws.calls import doing, once_assumable, or_none
from chalice.aws.function_parameters import FIXED, update_parameters
from chalice.aws.session import Session
from chalice.aws.uploads import Uploads
from chalice.errors import ToolError
from chalice.model.functions import Code, Function
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs

TAG = "aws-chalice"
_CODE_FIELDS = frozenset({"code", "architecture"})
_CONFIGURATION_FIELDS = frozenset(
    {
        "runtime",
        "handler",
        "role",
        "timeout",
        "memory_size",
        "environment",
        "tracing",
        "subnet_ids",
        "security_group_ids",
        "layers",
        "ephemeral_storage",
        "snap_start",
        "dead_letter",
        "kms_key_arn",
        "more",
    }
)
_USUAL_STORAGE = 512
_PUBLISHED = "PublishedVersions"
_WAIT = {"Delay": 1, "MaxAttempts": 300}


class Functions:
    """Functions, created and updated as far as they differ."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._uploads = Uploads(session)

    @property
    def _lambda(self) -> Any:
        return self._session.client("lambda")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the function of that name."""
        found = self._get(identity["function_name"])
        return None if found is None else _outputs(found["Configuration"])

    def read(self, record: Record) -> Found | None:
        """Return the function with all its tags. It is ours if it carries our tag."""
        found = self._get(record.outputs["lambda_arn"])
        if found is None:
            return None
        configuration = found["Configuration"]
        vpc = configuration.get("VpcConfig", {})
        concurrency = found.get("Concurrency", {})
        function = Function(
            name=record.name,
            function_name=configuration["FunctionName"],
            runtime=configuration.get("Runtime", ""),
            handler=configuration.get("Handler", ""),
            role=configuration["Role"],
            code=Code(configuration["CodeSha256"], Path()),
            architecture=configuration.get("Architectures", ["x86_64"])[0],
            timeout=configuration["Timeout"],
            memory_size=configuration["MemorySize"],
            environment=configuration.get("Environment", {}).get("Variables", {}),
            tags=found.get("Tags", {}),
            tracing=configuration.get("TracingConfig", {}).get("Mode") == "Active",
            subnet_ids=tuple(sorted(vpc.get("SubnetIds", []))),
            security_group_ids=tuple(sorted(vpc.get("SecurityGroupIds", []))),
            layers=tuple(layer["Arn"] for layer in configuration.get("Layers", [])),
            reserved_concurrency=concurrency.get("ReservedConcurrentExecutions"),
            ephemeral_storage=configuration.get("EphemeralStorage", {}).get("Size", _USUAL_STORAGE),
            snap_start=configuration.get("SnapStart", {}).get("ApplyOn") == _PUBLISHED,
            dead_letter=configuration.get("DeadLetterConfig", {}).get("TargetArn", ""),
            kms_key_arn=configuration.get("KMSKeyArn", ""),
            more=configuration,
        )
        return Found(function, _outputs(configuration), ours=TAG in function.tags)

    def create(self, function: Function) -> Outputs:
        """Create the function and wait until it can be invoked."""
        what = f"creating Lambda function {function.function_name}"
        content = self._uploads.content(function.code)
        with doing(what):
            made = once_assumable(
                lambda: self._lambda.create_function(
                    FunctionName=function.function_name,
                    Code=content,
                    Architectures=[function.architecture],
                    Tags=dict(function.tags),
                    **_configuration(function, {**_optional(function, ()), **function.more}),
                ),
                self._session.pause,
            )
            self._wait(made, "State", "Active", "function_active_v2")
        if function.reserved_concurrency is not None:
            self._set_concurrency(function)
        return _outputs(made)

    def update(self, function: Function, record: Record, fields: Collection[str]) -> Outputs:
        """Send what changed: code, configuration, concurrency, tags."""
        name = function.function_name
        changed = set(fields)
        if "more" in changed:
            self._refuse_fixed(function, record)
        if changed & _CODE_FIELDS:
            content = self._uploads.content(function.code)
            with doing(f"uploading the code of Lambda function {name}"):
                made = self._lambda.update_function_code(
                    FunctionName=name,
                    **content,
                    Architectures=[function.architecture],
                )
                self._wait(made, "LastUpdateStatus", "Successful", "function_updated_v2")
        if changed & _CONFIGURATION_FIELDS:
            more = update_parameters(function, record.parameter_keys)
            configuration = _configuration(function, {**_optional(function, changed), **more})
            with doing(f"updating the configuration of Lambda function {name}"):
                made = once_assumable(
                    lambda: self._lambda.update_function_configuration(
                        FunctionName=name, **configuration
                    ),
                    self._session.pause,
                )
                self._wait(made, "LastUpdateStatus", "Successful", "function_updated_v2")
        if "reserved_concurrency" in changed:
            self._set_concurrency(function)
        if "tags" in changed:
            self._set_tags(function, record)
        return record.outputs

    def delete(self, record: Record) -> None:
        """Delete the function."""
        arn = record.outputs["lambda_arn"]
        with doing(f"deleting Lambda function {arn}"):
            or_none(lambda: self._lambda.delete_function(FunctionName=arn))

    def _refuse_fixed(self, function: Function, record: Record) -> None:
        """Raise ToolError when a parameter changed that only a new function can have."""
        recorded = {path.partition(".")[0] for path in record.parameter_keys}
        for name in sorted(FIXED & (function.more.keys() | recorded)):
            found = self._get(function.function_name) or {"Configuration": {}}
            if found["Configuration"].get(name) != function.more.get(name):
                raise ToolError(
                    f"`{name}` of Lambda function {function.function_name} cannot change: "
                    "AWS takes it when a function is made, and never again",
                    hint="put `lambda_config` back as it was, or give the handler another name",
                )

    def _get(self, name: str) -> Any:
        with doing(f"reading Lambda function {name}"):
            return or_none(lambda: self._lambda.get_function(FunctionName=name))

    def _wait(self, made: Mapping[str, Any], key: str, value: str, waiter: str) -> None:
        if made.get(key) != value:
            self._lambda.get_waiter(waiter).wait(
                FunctionName=made["FunctionName"], WaiterConfig=_WAIT
            )

    def _set_concurrency(self, function: Function) -> None:
        name, reserved = function.function_name, function.reserved_concurrency
        with doing(f"setting the concurrency of Lambda function {name}"):
            if reserved is None:
                self._lambda.delete_function_concurrency(FunctionName=name)
            else:
                self._lambda.put_function_concurrency(
                    FunctionName=name, ReservedConcurrentExecutions=reserved
                )

    def _set_tags(self, function: Function, record: Record) -> None:
        arn = record.outputs["lambda_arn"]
        unwanted = sorted(set(record.tag_keys) - function.tags.keys())
        with doing(f"tagging Lambda function {function.function_name}"):
            self._lambda.tag_resource(Resource=arn, Tags=dict(function.tags))
            if unwanted:
                self._lambda.untag_resource(Resource=arn, TagKeys=unwanted)


def _outputs(configuration: Any) -> Outputs:
    return {"lambda_arn": configuration["FunctionArn"]}


def _configuration(function: Function, more: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Runtime": function.runtime,
        "Handler": function.handler,
        "Role": function.role,
        "Timeout": function.timeout,
        "MemorySize": function.memory_size,
        "Environment": {"Variables": dict(function.environment)},
        "TracingConfig": {"Mode": "Active" if function.tracing else "PassThrough"},
        "Layers": list(function.layers),
        **more,
        "VpcConfig": {
            **more.get("VpcConfig", {}),
            "SubnetIds": list(function.subnet_ids),
            "SecurityGroupIds": list(function.security_group_ids),
        },
    }


def _optional(function: Function, changed: Collection[str]) -> dict[str, Any]:
    """Return what not every region knows, as far as it is wanted or among the ``changed``."""
    parameters: dict[str, Any] = {}
    if "ephemeral_storage" in changed or function.ephemeral_storage != _USUAL_STORAGE:
        parameters["EphemeralStorage"] = {"Size": function.ephemeral_storage}
    if "snap_start" in changed or function.snap_start:
        parameters["SnapStart"] = {"ApplyOn": _PUBLISHED if function.snap_start else "None"}
    if "dead_letter" in changed or function.dead_letter:
        parameters["DeadLetterConfig"] = {"TargetArn": function.dead_letter}
    if "kms_key_arn" in changed or function.kms_key_arn:
        parameters["KMSKeyArn"] = function.kms_key_arn
    return parameters
