"""pytest-chalice: its fixture `client`, which adds to the events of a LocalGateway."""

import json

import pytest

from chalice import Chalice, CognitoUserPoolAuthorizer


@pytest.fixture
def app():
    app = Chalice("tested")
    pool = CognitoUserPoolAuthorizer("pool", ["arn"])

    @app.route("/")
    def index():
        return {"hello": "world"}

    @app.route("/text")
    def text():
        return "text"

    @app.route("/echo", methods=["POST"])
    def echo():
        return app.current_request.json_body

    @app.route("/me", authorizer=pool)
    def me():
        return app.current_request.context["authorizer"]["claims"]

    return app


def test_a_view_answers(client):
    response = client.get("/")
    assert (response.status_code, response.json) == (200, {"hello": "world"})
    assert client.get("/text").body == "text"


def test_a_view_sees_headers_and_body(client):
    headers = {"Content-Type": "application/json"}
    assert client.post("/echo", headers=headers, body=json.dumps([1])).json == [1]


@pytest.mark.filterwarnings("ignore:CognitoUserPoolAuthorizer is not a supported")
def test_a_view_sees_a_context_of_the_tests_own(client):
    client.custom_context = {"authorizer": {"claims": {"sub": "ann"}}}
    assert client.get("/me").json == {"sub": "ann"}
