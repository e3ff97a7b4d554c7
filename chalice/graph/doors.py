"""What the front door of the routes has not: HTTP APIs and function URLs can do less."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chalice.app import Chalice, IAMAuthorizer, RouteEntry
from chalice.config import Config
from chalice.config.places import place_of
from chalice.errors import ToolError
from chalice.graph.domains import base_path
from chalice.openapi import http_document

_REST_ONLY = {
    "api_gateway_endpoint_vpce": "private endpoints",
    "api_gateway_policy_file": "resource policies",
    "minimum_compression_size": "compression",
    "api_usage_plans": "usage plans",
}
_NAMES = {"rest": "REST API", "http": "HTTP API", "function_url": "function URL"}
_REST_HINT = 'set "api_gateway_type": "rest"'


def door_problems(app: Chalice, config: Config) -> Iterator[ToolError]:
    """Yield what the app or the configuration asks for and the door of its routes has not."""
    if not app.routes:
        return
    kind = config.api_gateway_type
    if kind != "rest":
        yield from _settings(config, kind)
        yield from _keys(app, config, kind)
    if kind == "http":
        yield from _document(app)
    if kind == "function_url":
        yield from _authorizers(app, config)
    if kind == "rest":
        yield from _domain(config)


def _settings(config: Config, kind: str) -> Iterator[ToolError]:
    for name, what in _REST_ONLY.items():
        if getattr(config, name):
            yield ToolError(
                f"`{name}` is set, and a{_article(kind)} {_NAMES[kind]} has no {what}",
                where=config.where(name),
                hint=f"remove it, or {_REST_HINT}",
            )
    if config.api_gateway_endpoint_type == "PRIVATE":
        yield ToolError(
            f"a{_article(kind)} {_NAMES[kind]} cannot be private",
            where=config.where("api_gateway_endpoint_type"),
            hint=_REST_HINT,
        )
    if kind == "function_url" and config.api_gateway_custom_domain is not None:
        yield ToolError(
            "a function URL cannot have a custom domain",
            where=config.where("api_gateway_custom_domain"),
            hint='set "api_gateway_type" to "http" or "rest"',
        )


def _keys(app: Chalice, config: Config, kind: str) -> Iterator[ToolError]:
    for path, method, entry in _entries(app):
        if entry.api_key_required:
            yield ToolError(
                f"`api_key_required` of {method} {path}: a{_article(kind)} {_NAMES[kind]} has no"
                " API keys",
                where=place_of(entry.view_function, Path(config.project_dir)),
                hint=f"remove it, or {_REST_HINT}",
            )


def _document(app: Chalice) -> Iterator[ToolError]:
    try:
        http_document(app, uri="", authorizer_uri=lambda name: name, tags={})
    except ToolError as error:
        yield error


def _authorizers(app: Chalice, config: Config) -> Iterator[ToolError]:
    entries = list(_entries(app))
    signed = [entry for *_, entry in entries if isinstance(entry.authorizer, IAMAuthorizer)]
    for path, method, entry in entries:
        where = place_of(entry.view_function, Path(config.project_dir))
        if entry.authorizer is not None and entry not in signed:
            yield ToolError(
                f"the authorizer of {method} {path}: a function URL knows none but IAM",
                where=where,
                hint='set "api_gateway_type" to "http" or "rest"',
            )
        elif entry.authorizer is None and signed:
            yield ToolError(
                f"{method} {path} has no IAMAuthorizer and other routes have one: a function URL"
                " wants signatures for all or for none",
                where=where,
                hint='give it one too, or set "api_gateway_type" to "http" or "rest"',
            )


def _domain(config: Config) -> Iterator[ToolError]:
    domain = config.api_gateway_custom_domain
    if domain is None:
        return
    where = config.where("api_gateway_custom_domain")
    if config.api_gateway_endpoint_type == "PRIVATE":
        yield ToolError(
            "a private API cannot have a custom domain here",
            where=where,
            hint="remove `api_gateway_custom_domain`, or choose another endpoint type",
        )
    if "/" in base_path(str(domain.get("url_prefix") or "")):
        yield ToolError(
            f"`url_prefix` of a REST API's domain is one segment: `{domain['url_prefix']}`",
            where=where,
            hint="use a prefix without a slash inside",
        )


def _entries(app: Chalice) -> Iterator[tuple[str, str, RouteEntry]]:
    for path, entries in app.routes.items():
        for method, entry in entries.items():
            yield path, method, entry


def _article(kind: str) -> str:
    return "n" if kind == "http" else ""
