"""strawberry-graphql's view for Chalice."""

import json

import pytest
import strawberry
from strawberry.chalice.views import GraphQLView

from chalice import Chalice
from chalice.test import Client


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "world") -> str:
        return f"hello {name}"

    @strawberry.field
    def agent(self, info: strawberry.Info) -> str:
        return info.context["request"].headers["user-agent"]

    @strawberry.field
    def broken(self) -> str:
        raise ValueError("no")


@pytest.fixture
def client():
    app = Chalice("graph")
    view = GraphQLView(schema=strawberry.Schema(query=Query))

    @app.route("/graphql", methods=["GET", "POST"], content_types=["application/json"])
    def graphql():
        return view.execute_request(app.current_request)

    return Client(app)


def post(client, query, **variables):
    return client.http.post(
        "/graphql",
        headers={"Content-Type": "application/json", "User-Agent": "test"},
        body=json.dumps({"query": query, "variables": variables}),
    )


def test_a_query_is_answered(client):
    query = "query ($name: String!) { hello(name: $name) agent }"
    answer = post(client, query, name="ann")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json_body == {"data": {"hello": "hello ann", "agent": "test"}}


def test_a_query_may_be_in_the_url(client):
    headers = {"Accept": "application/json"}
    answer = client.http.get("/graphql?query=%7Bhello%7D", headers=headers)
    assert answer.json_body == {"data": {"hello": "hello world"}}


def test_an_error_is_part_of_the_answer(client):
    answer = post(client, "{ broken }")
    assert answer.status_code == 200
    assert answer.json_body["errors"][0]["message"] == "no"


def test_what_is_no_query_is_refused(client):
    answer = client.http.post("/graphql", headers={"Content-Type": "application/json"}, body="{")
    assert (answer.status_code, answer.headers) == (400, {"Content-Type": "text/plain"})


def test_a_browser_gets_the_ide(client):
    answer = client.http.get("/graphql", headers={"Accept": "text/html"})
    assert answer.headers == {"Content-Type": "text/html"}
    assert b"<!DOCTYPE html>" in answer.body or b"<html" in answer.body
