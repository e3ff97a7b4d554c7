"""Programs of the kind that workshops have: a page, a log, an uploaded photo."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest

from chalice import (
    AuthResponse,
    Chalice,
    ChaliceViewError,
    CORSConfig,
    Response,
)
from chalice.app import AuthRequest
from chalice.test import Client
from tests.programs.conftest import Ask
from tests.programs.doors import JSON


def test_a_page_and_a_posted_document(app: Chalice, ask: Ask) -> None:
    @app.route("/guests/{name}", methods=["GET"])
    def page(name: str) -> Response:
        body = "<h2>Room of {0}</h2>".format(name)  # noqa: UP030, UP032  # as older programs write it
        return Response(
            body=body, status_code=200, headers={"Content-Type": "text/html; charset=utf-8"}
        )

    @app.route("/guests", methods=["POST"])
    def arrive() -> Response:
        return Response(
            body=app.current_request.json_body,
            status_code=200,
            headers={"Content-Type": "application/json; charset=utf-8"},
        )

    answer = ask("GET", "/guests/Zoë")
    assert answer.body.decode() == "<h2>Room of Zoë</h2>"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    answer = ask("POST", "/guests", headers=JSON, body=b'{"name": "Zo", "nights": 3}')
    assert answer.data == {"name": "Zo", "nights": 3}
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"


def test_requests_are_logged_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hotel = Chalice(app_name="hotel", env={})
    hotel.debug = True
    hotel.log.setLevel(logging.DEBUG)

    @hotel.route("/guests/{name}", methods=["GET"])
    def page(name: str) -> Any:
        request = hotel.current_request
        hotel.log.debug(request.method)
        hotel.log.debug(request.to_dict())
        return {}

    response = Client(hotel).http.get("/guests/Zo", headers={"Accept": "*/*"})
    hotel.log.handlers.clear()
    assert response.status_code == 200
    method, request = capsys.readouterr().out.splitlines()
    assert method == "hotel - DEBUG - GET"
    assert re.fullmatch(
        r"hotel - DEBUG - \{'query_params': None, 'headers': \{'accept': '\*/\*'\}, "
        r"'uri_params': \{'name': 'Zo'\}, 'method': 'GET', 'context': \{'httpMethod': 'GET', "
        r"'resourcePath': '/guests/\{name\}', 'identity': \{'sourceIp': '127.0.0.1'\}, "
        r"'path': '/guests/Zo', .*\}, 'stage_vars': \{\}, .*\}",
        request,
    )


MULTIPART = {"Content-Type": "multipart/form-data; boundary=frame", "Authorization": "key-7"}
PHOTO = (
    b"--frame\r\n"
    b'Content-Disposition: form-data; name="title"\r\n\r\nSunset.JPG\r\n'
    b"--frame\r\n"
    b'Content-Disposition: form-data; name="file"; filename="Sunset.JPG"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\xff\xe0\r\n"
    b"--frame--\r\n"
)


def test_a_photo_is_uploaded_by_somebody_known(app: Chalice, client: Client) -> None:
    albums: dict[str, dict[str, bytes]] = {"guest-7": {}}
    cors = CORSConfig(
        allow_origin="*",
        allow_headers=["*"],
        max_age=600,
        expose_headers=["X-Album"],
        allow_credentials=True,
    )

    @app.authorizer()
    def door_key(auth_request: AuthRequest) -> AuthResponse:
        kind, _, number = auth_request.token.partition("-")
        if kind == "key":
            return AuthResponse(routes=["*"], principal_id=f"guest-{number}")
        return AuthResponse(routes=[""], principal_id="")

    @app.route(
        "/album/photo",
        methods=["POST"],
        cors=cors,
        authorizer=door_key,
        content_types=["multipart/form-data"],
    )
    def upload() -> Response:
        request = app.current_request
        try:
            guest = request.context["authorizer"]["principalId"]
            title = request.form["title"].lower()
            albums[guest][title] = request.files["file"].body
            return Response(
                status_code=200, body={"ok": True}, headers={"Content-Type": "application/json"}
            )
        except Exception as error:
            raise ChaliceViewError(error) from error

    def post(token: str, body: bytes = PHOTO) -> Any:
        headers = {**MULTIPART, "Authorization": token}
        return client.http.post("/album/photo", headers=headers, body=body)

    stored = post("key-7")
    assert (stored.status_code, stored.json_body) == (200, {"ok": True})
    assert stored.headers["Access-Control-Allow-Credentials"] == "true"
    assert albums == {"guest-7": {"sunset.jpg": b"\xff\xd8\xff\xe0"}}
    failed = post("key-8")
    assert failed.status_code == 500
    assert failed.json_body == {"Code": "ChaliceViewError", "Message": "'guest-8'"}
    assert failed.headers["Access-Control-Allow-Origin"] == "*"
    assert post("crowbar").status_code == 403
    unnamed = client.http.post("/album/photo", headers={"Authorization": "key-7", **JSON})
    assert unnamed.status_code == 415
