"""Sample events for the handlers of an app."""

from __future__ import annotations

from collections.abc import Mapping

from chalice.errors import ToolError
from chalice.gateway.sockets.api import host_of
from chalice.graph.handlers import name_prefix
from chalice.local.console.calling import BadRequestError
from chalice.local.console.handlers import records_of
from chalice.local.served import ACCOUNT, Served, region
from chalice.model.values import Place
from chalice.sources.occasions import Occasion
from chalice.sources.samples import kind, options, sample


def sample_of(
    served: Served | None, name: str, given: Mapping[str, str], connection: str
) -> dict[str, object]:
    """Return ``{"event": {…}, "options": {"key": "the key of the object"}}``.

    ``given`` are options. Events of WebSockets are about ``connection``, the id of one, unless that
    is empty. Raises KeyError for a handler that the app has not, BadRequestError for
    an option that AWS would not send to it.
    """
    record = None if served is None else records_of(served.app).get(name)
    if served is None or record is None:
        raise KeyError(f"handler {name}")
    config = served.config
    occasion = Occasion(
        place=Place("aws", region(), ACCOUNT),
        prefix=name_prefix(config),
        api_stage=config.api_gateway_stage,
    )
    known = options(record)
    if "connection" in known and connection:
        given = {"connection": connection, **given}
    try:
        event = sample(record, given, occasion=occasion)
    except ToolError as problem:
        hint = "" if problem.hint is None else f": {problem.hint}"
        raise BadRequestError(f"{problem.summary}{hint}") from problem
    if served.sockets is not None and kind(record) == "websocket":
        # Apps remember the API of the first event: it is the one that sends to clients here.
        api = {"apiId": served.sockets.api_id, "domainName": host_of(served.sockets)}
        event["requestContext"].update(api)
    return {"event": event, "options": dict(known)}
