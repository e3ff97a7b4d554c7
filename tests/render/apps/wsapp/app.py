"""A WebSocket API with a domain."""

from __future__ import annotations

from typing import Any

import boto3

from chalice import Chalice

app = Chalice(app_name="chatty")
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.websocket_api.session = boto3.session.Session()


@app.on_ws_connect()
def connected(event: Any) -> None: ...


@app.on_ws_message()
def message(event: Any) -> None:
    app.websocket_api.send(event.connection_id, event.body)


@app.on_ws_disconnect()
def bye(event: Any) -> None: ...
