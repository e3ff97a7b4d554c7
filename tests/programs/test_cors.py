"""Programs that browsers of other origins may use."""

from __future__ import annotations

from typing import Any

import pytest

from chalice import BadRequestError, Chalice, CORSConfig, Response
from chalice.test import Client
from tests.programs.conftest import Ask
from tests.programs.doors import JSON

USUAL = "Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key"
ORIGIN = "Access-Control-Allow-Origin"


def test_a_route_may_be_open_to_every_origin(app: Chalice, ask: Ask, client: Client) -> None:
    @app.route("/open", methods=["PUT"], cors=True)
    def open_to_all() -> Any:
        return {}

    @app.route("/fails", cors=True)
    def fails() -> Any:
        raise BadRequestError("no")

    answer = ask("PUT", "/open")
    assert (answer.headers[ORIGIN], answer.headers["Access-Control-Allow-Headers"]) == ("*", USUAL)
    assert ask("GET", "/fails").headers[ORIGIN] == "*"
    preflight = client.http.options("/open")
    assert (preflight.status_code, preflight.body) == (200, b"")
    assert preflight.headers == {
        ORIGIN: "*",
        "Access-Control-Allow-Headers": USUAL,
        "Access-Control-Allow-Methods": "PUT,OPTIONS",
    }


def test_a_route_may_say_all_of_it(app: Chalice, ask: Ask, client: Client) -> None:
    config = CORSConfig(
        allow_origin="https://shop.example",
        allow_headers=["X-Basket"],
        max_age=300,
        expose_headers=["X-Total"],
        allow_credentials=True,
    )

    @app.route("/basket", methods=["GET"], cors=config)
    def basket() -> Any:
        return {"items": 0}

    expected = {
        ORIGIN: "https://shop.example",
        "Access-Control-Allow-Headers": f"{USUAL},X-Basket",
        "Access-Control-Expose-Headers": "X-Total",
        "Access-Control-Max-Age": "300",
        "Access-Control-Allow-Credentials": "true",
    }
    assert expected.items() <= ask("GET", "/basket").headers.items()
    assert expected.items() <= client.http.options("/basket").headers.items()


def test_credentials_and_every_header(app: Chalice, ask: Ask) -> None:
    config = CORSConfig(
        allow_origin="*",
        allow_headers=["*"],
        max_age=600,
        expose_headers=["X-Total"],
        allow_credentials=True,
    )

    @app.route("/enter", methods=["POST"], cors=config)
    def enter() -> Any:
        return {"ok": True}

    answer = ask("POST", "/enter", headers=JSON, body=b"{}")
    assert answer.body == b'{"ok":true}'
    assert dict(answer.headers) == {
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Allow-Headers": f"*,{USUAL}",
        ORIGIN: "*",
        "Access-Control-Expose-Headers": "X-Total",
        "Access-Control-Max-Age": "600",
    }


@pytest.mark.parametrize("attribute", ["cors", "cors_config"])
def test_an_api_may_say_it_for_all_routes(app: Chalice, ask: Ask, attribute: str) -> None:
    config = CORSConfig(
        allow_origin="https://shop.example",
        allow_headers=["Content-Type", "Authorization"],
        allow_credentials=True,
        max_age=600,
    )
    setattr(app.api, attribute, config)
    assert app.api.cors is app.api.cors_config is config

    @app.route("/prices")
    def prices() -> Any:
        return {}

    @app.route("/staff", cors=False)
    def staff() -> Any:
        return {}

    assert ask("GET", "/prices").headers[ORIGIN] == "https://shop.example"
    assert ORIGIN not in ask("GET", "/staff").headers


def test_routes_may_differ_with_the_class_from_the_app(app: Chalice, ask: Ask) -> None:
    @app.route("/everyone", cors=True)
    def everyone() -> Any:
        return {"data": 1}

    @app.route("/partner", cors=app.CORSConfig(allow_origin="https://partner.example"))
    def partner() -> Any:
        return {"data": 2}

    assert app.CORSConfig is CORSConfig
    assert ask("GET", "/everyone").headers[ORIGIN] == "*"
    assert ask("GET", "/partner").headers[ORIGIN] == "https://partner.example"


def test_a_view_may_choose_among_origins(app: Chalice, ask: Ask) -> None:
    known = {"https://one.example", "https://two.example"}

    @app.route("/picky", methods=["GET"])
    def picky() -> Any:
        origin = app.current_request.to_dict()["headers"].get("origin", "")
        if origin in known:
            return Response(body="welcome\n", headers={ORIGIN: origin})
        return "who is %s?\n" % origin  # noqa: UP031  # as older programs write it

    answer = ask("GET", "/picky", headers={"Origin": "https://two.example"})
    assert (answer.body, answer.headers[ORIGIN]) == (b"welcome\n", "https://two.example")
    answer = ask("GET", "/picky", headers={"Origin": "https://three.example"})
    assert answer.body == b"who is https://three.example?\n"
    assert ORIGIN not in answer.headers
