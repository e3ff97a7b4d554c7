"""API Gateway: REST APIs, their deployments and stages.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_ApiGateway.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalice.cloud.stacks.errors import ResourceError
from chalice.cloud.stacks.kinds.kind import (
    Kind,
    Made,
    Properties,
    Site,
    changed,
    difference,
    keep,
    mapped,
    pick,
    set_of,
    without,
)
from chalice.cloud.stacks.shapes import text_of
from chalice.cloud.stacks.template import parse_text

SERVICE = "apigateway"
_PART = "AWS::ApiGateway::"


class RestApi(Kind):
    """``AWS::ApiGateway::RestApi``."""

    type = f"{_PART}RestApi"
    takes = set_of(
        "ApiKeySourceType BinaryMediaTypes Body BodyS3Location Description "
        "DisableExecuteApiEndpoint EndpointConfiguration FailOnWarnings MinimumCompressionSize "
        "Mode Name Parameters Policy Tags"
    )
    tags = "list"

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the API, and put its document."""
        document = _document(site, wanted)
        title = ((document or {}).get("info") or {}).get("title")
        name = wanted.get("Name") or title
        if not name:
            raise ResourceError("Name or Body/info/title has to be there")
        values: dict[str, Any] = {"name": name, "tags": mapped(wanted.get("Tags"))}
        described = ((document or {}).get("info") or {}).get("description")
        description = wanted.get("Description") or described
        if description:
            values["description"] = description
        if "ApiKeySourceType" in wanted:
            values["apiKeySource"] = wanted["ApiKeySourceType"]
        values |= pick(
            wanted,
            [
                *("BinaryMediaTypes", "DisableExecuteApiEndpoint", "EndpointConfiguration"),
                *("MinimumCompressionSize", "Policy"),
            ],
        )
        kind = (wanted.get("Parameters") or {}).get("endpointConfigurationTypes")
        if kind and "EndpointConfiguration" not in wanted:
            values["EndpointConfiguration"] = {"types": kind.split(",")}
        made = site.call(SERVICE, "create_rest_api", values)
        api = {"restApiId": made["id"]}
        try:
            if document is not None:
                self._put(site, api, wanted, document)
            return self._made(site, made["id"])
        except Exception:
            site.drop(SERVICE, "delete_rest_api", api)
            raise

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs; the document is put whenever one of them does."""
        api = {"restApiId": physical_id}
        document = _document(site, wanted)
        if document is not None:
            self._put(site, api, wanted, document)
        operations = list(_settings(before, wanted))
        if operations:
            site.call(SERVICE, "update_rest_api", {**api, "patchOperations": operations})
        arn = f"arn:{site.partition}:apigateway:{site.region}::/restapis/{physical_id}"
        retag(site, arn, before, wanted)
        return self._made(site, physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the API."""
        site.call(SERVICE, "delete_rest_api", {"restApiId": physical_id})

    def _put(
        self, site: Site, api: Properties, wanted: Properties, document: Mapping[str, Any]
    ) -> None:
        body = json.dumps(document).encode()
        mode = wanted.get("Mode", "overwrite")
        given = pick(wanted, ["Parameters", "FailOnWarnings"])
        site.call(SERVICE, "put_rest_api", {**api, **given, "mode": mode, "body": body})
        again = {"Name": wanted["Name"]} if "Name" in wanted else {}
        again |= pick(wanted, ["BinaryMediaTypes", "Description", "Policy"])
        operations = list(_settings({}, again))
        if operations:
            site.call(SERVICE, "update_rest_api", {**api, "patchOperations": operations})

    def _made(self, site: Site, api_id: str) -> Made:
        found = site.call(SERVICE, "get_resources", {"restApiId": api_id})["items"]
        root = next((each["id"] for each in found if each.get("path") == "/"), "")
        return Made(api_id, {"RestApiId": api_id, "RootResourceId": root})


def _document(site: Site, wanted: Properties) -> dict[str, Any] | None:
    body = wanted.get("Body")
    if body is None and "BodyS3Location" in wanted:
        place = wanted["BodyS3Location"]
        if not isinstance(place, Mapping):
            raise ResourceError("#/BodyS3Location: expected type: JSONObject")
        named = without(place, "ETag", "Version")
        if "Version" in place:
            named["VersionId"] = place["Version"]
        body = site.call("s3", "get_object", named)["Body"].read().decode()
    if isinstance(body, str):
        body = parse_text(body)
    return None if body is None else dict(body)


def _settings(before: Properties, wanted: Properties) -> Iterator[dict[str, str]]:
    """Yield the patch operations for what is not in the document."""
    for name, path in (
        ("ApiKeySourceType", "apiKeySource"),
        ("Description", "description"),
        ("DisableExecuteApiEndpoint", "disableExecuteApiEndpoint"),
        ("MinimumCompressionSize", "minimumCompressionSize"),
        ("Name", "name"),
        ("Policy", "policy"),
    ):
        if name in wanted and before.get(name) != wanted[name]:
            yield patch(path, wanted[name])
        elif name in before and name not in wanted and name != "Name":
            yield {"op": "replace", "path": f"/{path}", "value": _UNSET.get(name, "")}
    old, new = set(before.get("BinaryMediaTypes") or []), set(wanted.get("BinaryMediaTypes") or [])
    for op, several in (("add", new - old), ("remove", old - new)):
        for each in sorted(several):
            yield {"op": op, "path": f"/binaryMediaTypes/{each.replace('/', '~1')}"}
    types = (wanted.get("EndpointConfiguration") or {}).get("Types")
    was = (before.get("EndpointConfiguration") or {}).get("Types")
    if before and types and was and types != was:
        yield patch(f"endpointConfiguration/types/{was[0]}", types[0])
    if before:
        old, new = _endpoints(before), _endpoints(wanted)
        for op, several in (("add", new - old), ("remove", old - new)):
            for each in sorted(several):
                path = "/endpointConfiguration/vpcEndpointIds"
                yield {"op": op, "path": path, "value": each}


def _endpoints(values: Properties) -> set[str]:
    return set((values.get("EndpointConfiguration") or {}).get("VpcEndpointIds") or [])


_UNSET = {"ApiKeySourceType": "HEADER", "DisableExecuteApiEndpoint": "false"}


class Deployment(Kind):
    """``AWS::ApiGateway::Deployment``."""

    type = f"{_PART}Deployment"
    takes = set_of("Description RestApiId StageDescription StageName")
    needs = set_of("RestApiId")
    fixed = set_of("RestApiId StageDescription StageName")
    follows = frozenset(f"{_PART}{each}" for each in ("Method", "Resource", "Authorizer"))

    def create(self, site: Site, wanted: Properties) -> Made:
        """Deploy the API as it is now."""
        stage = dict(wanted.get("StageDescription") or {})
        unknown = sorted(set(stage) - {"Description", "TracingEnabled", "Variables"})
        if unknown:
            raise ResourceError(f"Encountered unsupported property StageDescription/{unknown[0]}")
        values = pick(wanted, ["Description", "RestApiId", "StageName"])
        values |= pick(stage, ["TracingEnabled", "Variables"])
        if "Description" in stage:
            values["stageDescription"] = stage["Description"]
        made = site.call(SERVICE, "create_deployment", values)
        return Made(made["id"], {"DeploymentId": made["id"]})

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change the description."""
        operation = patch("description", wanted.get("Description", ""))
        values = {
            "restApiId": wanted["RestApiId"],
            "deploymentId": physical_id,
            "patchOperations": [operation],
        }
        site.call(SERVICE, "update_deployment", values)
        return Made(physical_id, {"DeploymentId": physical_id})

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the deployment, and the stage that was made with it."""
        api = {"restApiId": held["RestApiId"]}
        if held.get("StageName"):
            stage = {**api, "stageName": held["StageName"]}
            site.drop(SERVICE, "delete_stage", stage)
        site.call(SERVICE, "delete_deployment", {**api, "deploymentId": physical_id})


class Stage(Kind):
    """``AWS::ApiGateway::Stage``."""

    type = f"{_PART}Stage"
    takes = set_of(
        "AccessLogSetting CacheClusterEnabled CacheClusterSize ClientCertificateId DeploymentId "
        "Description MethodSettings RestApiId StageName Tags TracingEnabled Variables"
    )
    needs = set_of("RestApiId")
    fixed = set_of("RestApiId StageName")
    tags = "list"
    follows = frozenset({f"{_PART}Account"})

    def create(self, site: Site, wanted: Properties) -> Made:
        """Make the stage."""
        name = wanted.get("StageName", "default")
        values = without(
            wanted, "AccessLogSetting", "ClientCertificateId", "MethodSettings", "Tags"
        )
        values |= {"StageName": name, "tags": mapped(wanted.get("Tags"))}
        site.call(SERVICE, "create_stage", values)
        self._patch(site, name, _rest_of_stage({}, wanted), wanted)
        return Made(name)

    def update(self, site: Site, physical_id: str, wanted: Properties, before: Properties) -> Made:
        """Change what differs."""
        operations = list(_rest_of_stage(before, wanted))
        for name, unset in (
            ("DeploymentId", ""),
            ("Description", ""),
            ("TracingEnabled", "false"),
            ("CacheClusterEnabled", "false"),
            ("CacheClusterSize", "0.5"),
        ):
            if changed(before, wanted, name):
                operations.append(patch(name[0].lower() + name[1:], wanted.get(name, unset)))
        old, new = before.get("Variables") or {}, wanted.get("Variables") or {}
        for name, value in new.items():
            if old.get(name) != value:
                operations.append(patch(f"variables/{name}", value))
        operations += [
            {"op": "remove", "path": f"/variables/{name}"} for name in old if name not in new
        ]
        self._patch(site, physical_id, iter(operations), wanted)
        api = f"restapis/{wanted['RestApiId']}/stages/{physical_id}"
        arn = f"arn:{site.partition}:apigateway:{site.region}::/{api}"
        retag(site, arn, before, wanted)
        return Made(physical_id)

    def delete(self, site: Site, physical_id: str, held: Properties) -> None:
        """Delete the stage."""
        values = {"restApiId": held["RestApiId"], "stageName": physical_id}
        site.call(SERVICE, "delete_stage", values)

    def _patch(
        self, site: Site, name: str, operations: Iterator[dict[str, str]], wanted: Properties
    ) -> None:
        found = list(operations)
        if found:
            values = {"restApiId": wanted["RestApiId"], "stageName": name}
            site.call(SERVICE, "update_stage", {**values, "patchOperations": found})


def _rest_of_stage(before: Properties, wanted: Properties) -> Iterator[dict[str, str]]:
    """Yield the operations for what only a patch can set: logs, and settings of methods."""
    logs, old = wanted.get("AccessLogSetting") or {}, before.get("AccessLogSetting") or {}
    for name, path in (("DestinationArn", "destinationArn"), ("Format", "format")):
        if name in logs and logs[name] != old.get(name):
            yield patch(f"accessLogSettings/{path}", logs[name])
    if old and not logs:
        yield {"op": "remove", "path": "/accessLogSettings"}
    keep(before, wanted, "ClientCertificateId")
    if "ClientCertificateId" in wanted and changed(before, wanted, "ClientCertificateId"):
        yield patch("clientCertificateId", wanted["ClientCertificateId"])
    if changed(before, wanted, "MethodSettings"):
        keep(_method_settings(before), _method_settings(wanted), *_method_settings(before))
        for each in wanted.get("MethodSettings") or []:
            path = str(each.get("ResourcePath", "/*")).lstrip("/").replace("/", "~1")
            where = f"{'~1' if path != '*' else ''}{path}/{each.get('HttpMethod', '*')}"
            for name, value in each.items():
                if name in ("ResourcePath", "HttpMethod"):
                    continue
                if name not in _METHOD_SETTINGS:
                    raise ResourceError(f"#/MethodSettings: extraneous key [{name}]")
                yield patch(f"{where}/{_METHOD_SETTINGS[name]}", value)


def _method_settings(values: Properties) -> dict[str, Any]:
    """Return what is set, by a name that says of which method."""
    found = {}
    for each in values.get("MethodSettings") or []:
        where = f"{each.get('HttpMethod', '*')} {each.get('ResourcePath', '/*')}"
        known = pick(each, _METHOD_SETTINGS)
        found.update({f"MethodSettings {where} {name}": value for name, value in known.items()})
    return found


_METHOD_SETTINGS = {
    "CacheDataEncrypted": "caching/dataEncrypted",
    "CacheTtlInSeconds": "caching/ttlInSeconds",
    "CachingEnabled": "caching/enabled",
    "DataTraceEnabled": "logging/dataTrace",
    "LoggingLevel": "logging/loglevel",
    "MetricsEnabled": "metrics/enabled",
    "ThrottlingBurstLimit": "throttling/burstLimit",
    "ThrottlingRateLimit": "throttling/rateLimit",
}


def patch(path: str, value: Any) -> dict[str, str]:
    """Return a patch operation that sets a member."""
    return {"op": "replace", "path": f"/{path}", "value": text_of(value)}


def retag(site: Site, arn: str, before: Properties, wanted: Properties) -> None:
    """Change the tags of something of API Gateway."""
    added, removed = difference(before, wanted)
    if removed:
        site.call(SERVICE, "untag_resource", {"resourceArn": arn, "tagKeys": removed})
    if added:
        site.call(SERVICE, "tag_resource", {"resourceArn": arn, "tags": added})
