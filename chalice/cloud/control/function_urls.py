"""Function URLs of the control plane.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunctionUrlConfig.html

moto has one configuration a function, and a URL that leads nowhere.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.awslambda.exceptions import InvalidParameterValueException, LambdaClientError
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.awslambda.responses import LambdaResponse
from moto.core.common_types import TYPE_RESPONSE

from chalice.cloud.control.function_policies import FunctionPolicy
from chalice.cloud.control.moto_settings import ACCOUNT
from chalice.gateway.deployment import FunctionUrl
from chalice.gateway.http.function_urls import PREFIX

_SETTINGS = ("AuthType", "Cors", "InvokeMode")
_CHOICES = {
    "AuthType": ("NONE", "AWS_IAM"),
    "InvokeMode": ("BUFFERED", "RESPONSE_STREAM"),
}
_PAGE = 50


class UrlNotFoundError(LambdaClientError):
    """The function has no URL."""

    code = 404

    def __init__(self) -> None:
        super().__init__("ResourceNotFoundException", "The resource you requested does not exist.")


class UrlExistsError(LambdaClientError):
    """The function has one already."""

    code = 409

    def __init__(self, arn: str) -> None:
        super().__init__(
            "ResourceConflictException",
            f"Failed to create function url config for [functionArn = {arn}]. Error message:  "
            "FunctionUrlConfig exists for this Lambda function",
        )


class UrlConfig:
    """The URL of a function, or of an alias of it (``qualifier``)."""

    def __init__(self, function_arn: str, qualifier: str | None, settings: Mapping[str, Any]):
        self.id = uuid.uuid4().hex
        self.qualifier = qualifier
        self.arn = f"{function_arn}:{qualifier}" if qualifier else function_arn
        self.settings: dict[str, Any] = {"InvokeMode": "BUFFERED"}
        self.created = _now()
        self.update(settings)
        self.modified = self.created

    def update(self, settings: Mapping[str, Any]) -> None:
        """Take on what ``settings`` names."""
        for name, choices in _CHOICES.items():
            if name in settings and settings[name] not in choices:
                raise InvalidParameterValueException(
                    f"Value '{settings[name]}' at '{name[:1].lower()}{name[1:]}' failed to satisfy "
                    f"constraint: Member must satisfy enum value set: [{', '.join(choices)}]"
                )
        self.settings.update(
            {name: settings[name] for name in _SETTINGS if settings.get(name) is not None}
        )
        self.modified = _now()

    def to_json(self, gateway_url: str) -> dict[str, Any]:
        """Return it as AWS shows it, with the URL that works here."""
        return {
            "FunctionUrl": f"{gateway_url}{PREFIX}{self.id}/",
            "FunctionArn": self.arn,
            "AuthType": self.settings["AuthType"],
            "InvokeMode": self.settings["InvokeMode"],
            "CreationTime": self.created,
            "LastModifiedTime": self.modified,
            **({"Cors": self.settings["Cors"]} if self.settings.get("Cors") else {}),
        }


class UrlActions(LambdaResponse):
    """The requests to Lambda that are about URLs. ``backend.gateway_url`` is where they lead."""

    def create_function_url_config(self) -> TYPE_RESPONSE:
        """Answer CreateFunctionUrlConfig."""
        function, qualifier = self._url_function(), self._qualifier()
        if "AuthType" not in self.json_body:
            raise InvalidParameterValueException("AuthType is required")
        urls = urls_of(function)
        arn = function.function_arn
        if (qualifier or "") in urls:
            raise UrlExistsError(f"{arn}:{qualifier}" if qualifier else arn)
        made = urls[qualifier or ""] = UrlConfig(arn, qualifier, self.json_body)
        return self._answer(201, made)

    def get_function_url_config(self) -> TYPE_RESPONSE:
        """Answer GetFunctionUrlConfig."""
        return self._answer(200, self._config())

    def update_function_url_config(self) -> TYPE_RESPONSE:  # type: ignore[override]
        """Answer UpdateFunctionUrlConfig."""
        config = self._config()
        config.update(self.json_body)
        return self._answer(200, config)

    def delete_function_url_config(self) -> TYPE_RESPONSE:
        """Answer DeleteFunctionUrlConfig."""
        self._config()
        del urls_of(self._url_function())[self._qualifier() or ""]
        return 204, {"status": "204"}, ""

    def list_function_url_configs(self) -> TYPE_RESPONSE:
        """Answer ListFunctionUrlConfigs."""
        query = parse_qs(self.parsed_url.query)
        marker, wanted = query.get("Marker", ["0"])[0], query.get("MaxItems", [str(_PAGE)])[0]
        start = int(marker) if marker.isdecimal() else 0
        end = start + (int(wanted) if wanted.isdecimal() else _PAGE)
        found = list(urls_of(self._url_function()).values())
        shown = [each.to_json(self._gateway_url) for each in found[start:end]]
        page: dict[str, Any] = {"FunctionUrlConfigs": shown}
        if end < len(found):
            page["NextMarker"] = str(end)
        return 200, {}, json.dumps(page)

    def _answer(self, status: int, config: UrlConfig) -> TYPE_RESPONSE:
        return status, {"status": str(status)}, json.dumps(config.to_json(self._gateway_url))

    @property
    def _gateway_url(self) -> str:
        url: str = self.backend.gateway_url  # type: ignore[attr-defined]  # of our backend
        return url

    def _url_function(self) -> LambdaFunction:
        """Return the function in ``/2021-10-31/functions/NAME/url``. Raises AWS's error."""
        return self.backend.get_function(unquote(self.path.rstrip("/").split("/")[-2]))

    def _qualifier(self) -> str | None:
        qualifier = parse_qs(self.parsed_url.query).get("Qualifier", [None])[0]
        if qualifier is not None:
            self.backend.get_function(self._url_function().function_name, qualifier)
        return qualifier

    def _config(self) -> UrlConfig:
        found = urls_of(self._url_function()).get(self._qualifier() or "")
        if found is None:
            raise UrlNotFoundError
        return found


class Urls:
    """Finds function URLs: the gateway's catalog."""

    def find(self, url_id: str) -> FunctionUrl | None:
        """Return the URL with that id, None when there is none."""
        found = next((each for each in _all() if each[2].id == url_id), None)
        if found is None:
            return None
        region, function, config = found
        policy = function.policy
        assert isinstance(policy, FunctionPolicy)
        statements = [{**each, "Resource": "*"} for each in policy.of(config.qualifier)]
        return FunctionUrl(
            url_id=url_id,
            function=config.arn,
            account=ACCOUNT,
            region=region,
            auth_type=config.settings["AuthType"],
            cors=config.settings.get("Cors"),
            policy={"Version": "2012-10-17", "Statement": statements} if statements else None,
        )


def urls_of(function: LambdaFunction) -> dict[str, UrlConfig]:
    """Return the URLs of a function by qualifier, the empty one for the function itself."""
    urls: dict[str, UrlConfig] = function.urls  # type: ignore[attr-defined]  # of ours
    return urls


def _all() -> Iterator[tuple[str, LambdaFunction, UrlConfig]]:
    for region, backend in list(lambda_backends[ACCOUNT].items()):
        for function in backend.list_functions():
            yield from ((region, function, config) for config in list(urls_of(function).values()))


def _now() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f+0000")
