"""The recorded state of stages before there was a file for each: ``.chalice/deployed.json``.

An example, with all that is read of it::

    {"dev": {"api_handler_arn": "arn:aws:lambda:us-west-2:1:function:demo-dev",
             "api_handler_name": "demo-dev",
             "rest_api_id": "abc", "api_gateway_stage": "api",
             "lambda_functions": {
                 "demo-dev-job": {"type": "pure_lambda", "arn": "arn:aws:lambda:…"},
                 "demo-dev-gate": "arn:aws:lambda:…"}}}

Stages without routes have none of the first four.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.model.state import Record, State

_API_STAGE = "api"
"""What a stage of an API was called that has no name of its own there."""


def state_of(document: Mapping[str, Any], stage: str) -> State:
    """Return what the file records of a stage. Raises KeyError or the like for a broken one."""
    records = {record.name: record for record in _records(document.get(stage, {}), stage)}
    return State(records=records)


def _records(recorded: Mapping[str, Any], stage: str) -> Iterator[Record]:
    handler_arn: str | None = recorded.get("api_handler_arn")
    prefix = f"{recorded['api_handler_name']}-" if "api_handler_name" in recorded else None
    for name, entry in recorded.get("lambda_functions", {}).items():
        arn = entry if isinstance(entry, str) else entry["arn"]
        yield Record(_handler(name, prefix, stage), "Function", {"lambda_arn": str(arn)})
    if handler_arn is not None:
        yield Record(DEFAULT_HANDLER_NAME, "Function", {"lambda_arn": handler_arn})
        if "rest_api_id" in recorded:
            id_ = str(recorded["rest_api_id"])
            api_stage = recorded.get("api_gateway_stage") or _API_STAGE
            url = f"https://{id_}.{_host(handler_arn)}/{api_stage}/"
            yield Record("rest_api", "RestApi", {"rest_api_id": id_, "rest_api_url": url})


def _handler(name: str, prefix: str | None, stage: str) -> str:
    """Return the handler of a function, whose name may begin with app and stage."""
    if prefix is not None:
        return name.removeprefix(prefix)
    _, separator, handler = name.partition(f"-{stage}-")
    return handler if separator else name


def _host(arn: str) -> str:
    """Return where APIs are that are beside this function."""
    _, partition, _, region, *_ = arn.split(":")
    return f"execute-api.{region}.amazonaws.com" + (".cn" if partition == "aws-cn" else "")
