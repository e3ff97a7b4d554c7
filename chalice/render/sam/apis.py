"""APIs of routes: REST APIs, HTTP APIs, function URLs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalice.constants import DEFAULT_HANDLER_NAME
from chalice.model.apis import FunctionUrl, HttpApi, RestApi
from chalice.model.functions import Function
from chalice.model.values import Document, refs
from chalice.render.sam.draft import Draft, Properties

DEFAULT_STAGE = "$default"
_HOST = "execute-api.${AWS::Region}.${AWS::URLSuffix}"


def add_rest_api(api: RestApi, draft: Draft) -> None:
    """Add the REST API; SAM deploys its stage again whenever the document changes."""
    id_ = draft.id(api.name)
    properties: Properties = {
        "Name": api.title,
        "EndpointConfiguration": api.endpoint_type,
        "StageName": api.stage_name,
        "DefinitionBody": draft.value(api.document),
        "Tags": tags_of_functions(api.document, draft),
    }
    if api.minimum_compression_size is not None:
        properties["MinimumCompressionSize"] = api.minimum_compression_size
    if api.tracing:
        properties["TracingEnabled"] = True
    draft.add(id_, "AWS::Serverless::Api", properties, api.name)
    draft.output(f"{id_}Id", {"Ref": id_})
    _add_handler_outputs(draft)
    draft.output("EndpointURL", endpoint_url("https", id_, api.stage_name))


def add_http_api(api: HttpApi, draft: Draft) -> None:
    """Add the HTTP API, whose stage always serves what the document says."""
    assert isinstance(api.document, Mapping)
    document = {key: value for key, value in api.document.items() if key != "tags"}
    id_ = draft.id(api.name)
    properties: Properties = {
        "StageName": api.stage_name,
        "DefinitionBody": draft.value(document),
        "Tags": tags_of_functions(document, draft),
    }
    draft.add(id_, "AWS::Serverless::HttpApi", properties, api.name)
    draft.output(f"{id_}Id", {"Ref": id_})
    _add_handler_outputs(draft)
    draft.output("EndpointURL", endpoint_url("https", id_, api.stage_name))


def add_function_url(url: FunctionUrl, draft: Draft) -> None:
    """Add the URL of the function."""
    id_ = draft.id(url.name)
    properties = {"AuthType": url.auth_type, "TargetFunctionArn": draft.value(url.function)}
    draft.add(id_, "AWS::Lambda::Url", properties, url.name)
    _add_handler_outputs(draft)
    draft.output("EndpointURL", {"Fn::GetAtt": [id_, "FunctionUrl"]})


def endpoint_url(scheme: str, api_id: str, stage_name: str) -> Mapping[str, str]:
    """Return the URL of a stage of an API, with a slash at its end."""
    path = "" if stage_name == DEFAULT_STAGE else f"{stage_name}/"
    return {"Fn::Sub": f"{scheme}://${{{api_id}}}.{_HOST}/{path}"}


def tags_of_functions(document: Document, draft: Draft) -> Mapping[str, Any]:
    """Return the tags that all functions have to which a document refers."""
    tags: list[tuple[str, str]] | None = None
    for name in refs(document):
        function = draft.resources[name]
        if isinstance(function, Function):
            own = list(function.tags.items())
            tags = own if tags is None else [each for each in tags if each in own]
    return dict(tags or ())


def _add_handler_outputs(draft: Draft) -> None:
    id_ = draft.id(DEFAULT_HANDLER_NAME)
    draft.output(f"{id_}Name", {"Ref": id_})
    draft.output(f"{id_}Arn", {"Fn::GetAtt": [id_, "Arn"]})
