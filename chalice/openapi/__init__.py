"""The API documents of an app: its routes as a REST API, and as an HTTP API."""

from chalice.openapi.http import http_document
from chalice.openapi.rest import document, invocation_uri, preflight_headers

__all__ = ["document", "http_document", "invocation_uri", "preflight_headers"]
