"""chalice-spec: an app and a blueprint that describe their routes with pydantic models."""

import json

import pytest
from apispec import APISpec
from chalice_spec import PydanticPlugin
from chalice_spec.blueprint import chalice_spec_blueprint
from chalice_spec.chalice import BlueprintWithSpec, ChaliceWithSpec
from chalice_spec.docs import Docs, Operation
from pydantic import BaseModel

from chalice.test import Client


class Note(BaseModel):
    text: str


@pytest.fixture
def client():
    spec = APISpec(title="Notes", openapi_version="3.0.1", version="1", plugins=[PydanticPlugin()])
    app = ChaliceWithSpec(app_name="notes", spec=spec)

    @app.route(
        "/notes/{name}",
        methods=["PUT"],
        docs=Docs(put=Operation(request=Note, response=Note)),
    )
    def save(name):
        """Save a note.

        It is gone tomorrow.
        """
        return Note.model_validate(app.current_request.json_body).model_dump()

    more = BlueprintWithSpec(__name__, tags=["more"])

    @more.route("/hello", docs=Docs(get=Note))
    def hello():
        return {"text": more.current_request.path}

    app.register_blueprint(more, url_prefix="/more")
    app.register_blueprint(chalice_spec_blueprint(spec, enable_swagger=True))
    return Client(app)


def test_the_app_describes_its_routes(client):
    paths = client.http.get("/openapi.json").json_body["paths"]
    put = paths["/notes/{name}"]["put"]
    assert (put["summary"], put["description"]) == ("Save a note.", "It is gone tomorrow.")
    assert paths["/more/hello"]["get"]["tags"] == ["more"]
    assert client.http.get("/docs").headers == {"Content-Type": "text/html"}


def test_its_views_answer(client):
    answer = client.http.put(
        "/notes/list",
        headers={"Content-Type": "application/json"},
        body=json.dumps({"text": "milk", "more": 1}),
    )
    assert answer.json_body == {"text": "milk"}
    assert client.http.get("/more/hello").json_body == {"text": "/more/hello"}
