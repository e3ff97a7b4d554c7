"""Declaring routes: defaults, names, and what is refused."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from chalice import Blueprint, Chalice, CORSConfig
from chalice.app import APIGateway, RouteEntry
from tests.runtime.events import new_app, rest_event


def entry_of(app: Chalice, path: str = "/", method: str = "GET") -> RouteEntry:
    return app.routes[path][method]


def test_a_route_has_defaults() -> None:
    app = new_app()

    @app.route("/")
    def index() -> None:
        """Says nothing."""

    entry = entry_of(app)
    assert vars(entry) == {
        "view_function": index,
        "view_name": "index",
        "uri_pattern": "/",
        "method": "GET",
        "api_key_required": None,
        "view_args": [],
        "content_types": ["application/json"],
        "cors": None,
        "authorizer": None,
        "error_handlers": (),
    }
    assert app.handler_map == {"index": index}
    assert (index.__name__, index.__doc__) == ("index", "Says nothing.")


def test_decorators_stack() -> None:
    app = new_app()

    @app.route("/a")
    @app.route("/b", methods=["post"], name="other", api_key_required=True)
    def view() -> str:
        return "same"

    assert [(path, list(methods)) for path, methods in app.routes.items()] == [
        ("/b", ["POST"]),
        ("/a", ["GET"]),
    ]
    assert entry_of(app, "/b", "POST").view_name == "other"
    assert entry_of(app, "/b", "POST").api_key_required is True
    assert app(rest_event("POST", "/b"), None)["body"] == "same"


@pytest.mark.parametrize("content_types", ["application/xml", ("application/xml",), None])
def test_content_types_must_be_a_list(content_types: Any) -> None:
    app = new_app()
    with pytest.raises(ValueError) as caught:
        app.route("/", content_types=content_types, unknown=1)(index)  # type: ignore[call-arg]
    assert str(caught.value) == (
        f'In view function "index", the content_types value must be a list, '
        f"not {type(content_types)}: {content_types}"
    )


def index() -> str:
    return ""


def other() -> str:
    return ""


def test_unknown_arguments_are_named_when_the_view_is_decorated() -> None:
    app = new_app()
    decorate = app.route("/", unknown=1, another=2)  # type: ignore[call-arg]
    with pytest.raises(TypeError) as caught:
        decorate(index)
    assert str(caught.value) == (
        "TypeError: route() got unexpected keyword arguments: unknown, another"
    )
    assert app.routes == {}
    assert app.handler_map == {}


def test_a_method_has_one_view_for_a_path() -> None:
    app = new_app()
    app.route("/x")(index)
    with pytest.raises(ValueError) as caught:
        app.route("/x", methods=["POST", "GET"])(other)
    assert str(caught.value) == (
        "Duplicate method: 'GET' detected for route: '/x'\n"
        'between view functions: "index" and "other". '
        "A specific method may only be specified once for a particular path."
    )
    assert list(app.routes["/x"]) == ["GET", "POST"]
    assert "other" not in app.handler_map


def test_a_method_may_not_be_listed_twice() -> None:
    with pytest.raises(ValueError, match="Duplicate method: 'GET'"):
        new_app().route("/", methods=["GET", "get"])(index)


def test_methods_must_not_be_one_string() -> None:
    with pytest.raises(TypeError, match="methods must be a list"):
        new_app().route("/", methods="GET")(index)


def test_no_methods_mean_get() -> None:
    app = new_app()
    app.route("/", methods=None)(index)
    assert list(app.routes["/"]) == ["GET"]


def test_cors_must_be_a_bool_or_a_config() -> None:
    with pytest.raises(TypeError, match="cors must be"):
        new_app().route("/", cors="yes")(index)  # type: ignore[arg-type]


def test_the_api_decides_cors_of_routes_that_do_not() -> None:
    app = new_app()
    config = CORSConfig(allow_origin="https://example.com")
    app.api.cors_config = config
    app.route("/default")(index)
    app.route("/off", cors=False)(index)
    app.route("/own", cors=True)(index)
    assert entry_of(app, "/default").cors is config
    assert entry_of(app, "/off").cors is None
    assert entry_of(app, "/own").cors == CORSConfig()
    assert app.api.cors is config


def test_content_types_can_be_off() -> None:
    app = new_app()
    app.route("/", content_types=[])(lambda: "any")
    assert app(rest_event(headers={"content-type": "x/y"}), None)["body"] == "any"


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/foo/{bar}/baz/{qux}", ["bar", "qux"]),
        ("/x{y}", ["y"]),
        ("/{a}-{b}", ["a", "b"]),
        ("/{a-b}", []),
        ("/{a", []),
        ("/{}", []),
        ("/plain", []),
    ],
)
def test_view_arguments_come_from_the_path(path: str, names: list[str]) -> None:
    assert RouteEntry(index, "index", path, "GET").view_args == names


def test_a_greedy_segment_is_an_argument_if_the_view_takes_it() -> None:
    app = new_app()

    @app.route("/named/{proxy+}")
    def named(proxy: str) -> str:
        return proxy

    @app.route("/unnamed/{proxy+}")
    def unnamed() -> str:
        return str(app.current_request.uri_params)

    @app.route("/wrapped/{proxy+}")
    @functools.wraps(named)
    def wrapped(*args: Any, **kwargs: Any) -> str:
        return named(*args, **kwargs)

    uri = {"proxy": "a/b"}
    answers = [
        app(rest_event(path=f"/{name}/{{proxy+}}", uri=uri), None)["body"]
        for name in ("named", "unnamed", "wrapped")
    ]
    assert answers == ["a/b", "{'proxy': 'a/b'}", "a/b"]


def test_view_arguments_are_passed_by_name() -> None:
    app = new_app()

    @app.route("/{a}/{b}")
    def view(b: str, a: str) -> str:
        return f"{a}{b}"

    event = rest_event(path="/{a}/{b}", uri={"a": "1", "b": "2", "extra": "3"})
    assert app(event, None)["body"] == "12"


@pytest.mark.parametrize("uri", [None, {}, {"other": "1"}])
def test_a_missing_path_parameter_is_an_internal_error_without_cors(uri: Any) -> None:
    app = new_app()

    @app.route("/{a}", cors=True)
    def view(a: str) -> str:
        return a

    answer = app(rest_event(path="/{a}", uri=uri), None)
    assert (answer["statusCode"], answer["headers"]) == (500, {})


def test_a_callable_without_a_name_needs_one() -> None:
    app = new_app()
    view = functools.partial(str, "partial")
    with pytest.raises(TypeError, match="has no __name__: pass name="):
        app.route("/")(view)
    app.route("/", name="part")(view)
    assert app(rest_event(), None)["body"] == "partial"
    assert entry_of(app).view_name == "part"


def test_entries_are_equal_by_value() -> None:
    def entry(**changes: Any) -> RouteEntry:
        return RouteEntry(index, "index", "/", "GET", **changes)

    assert entry() == entry()
    assert hash(entry()) == hash(entry())
    assert entry() != entry(content_types=["text/plain"])
    assert entry() != 5


def test_an_unknown_path_leaves_no_trace() -> None:
    app = new_app()
    answer = app(rest_event(path="/nowhere"), None)
    assert (answer["statusCode"], answer["headers"]) == (405, {"Allow": ""})
    assert app.routes == {}


def test_binary_types_belong_to_their_api() -> None:
    first, second = APIGateway(), APIGateway()
    first.binary_types.append("image/avif")
    assert second.binary_types == second.default_binary_types
    assert len(first.default_binary_types) == 16
    with pytest.raises(AttributeError):
        first.default_binary_types = []  # type: ignore[misc]


def test_an_authorizer_may_be_named() -> None:
    app = new_app()
    with pytest.warns(DeprecationWarning, match="CognitoUserPoolAuthorizer"):
        app.define_authorizer(
            name="Pool",
            header="Authorization",
            auth_type="cognito_user_pools",
            provider_arns=["arn:aws:cognito:pool"],
        )
    app.route("/", authorizer_name="Pool")(index)
    authorizer = entry_of(app).authorizer
    assert authorizer is app.authorizers["Pool"]
    definition = authorizer.to_swagger()["x-amazon-apigateway-authorizer"]
    assert definition["providerARNs"] == ["arn:aws:cognito:pool"]
    with pytest.raises(ValueError, match="was not defined"):
        app.route("/other", authorizer_name="Nobody")(index)


def test_verbs_are_routes_of_one_method() -> None:
    app, blueprint = new_app(), Blueprint("part")
    app.get("/a", cors=True)(lambda: "got")
    app.post("/a", name="posted", content_types=["text/plain"])(lambda: "posted")
    blueprint.put("/b")(lambda: "put")
    blueprint.patch("/b", name="patched")(lambda: "patched")
    blueprint.delete("/b", name="deleted")(lambda: "deleted")
    app.register_blueprint(blueprint)
    methods = {path: list(entries) for path, entries in app.routes.items()}
    assert methods == {"/a": ["GET", "POST"], "/b": ["PUT", "PATCH", "DELETE"]}
    assert app.routes["/a"]["GET"].cors is not None
    assert app.routes["/a"]["POST"].content_types == ["text/plain"]
    assert app(rest_event("PATCH", "/b"), None)["body"] == "patched"


def test_a_verb_takes_no_methods() -> None:
    with pytest.raises(TypeError, match="multiple values for keyword argument 'methods'"):
        new_app().get("/", methods=["POST"])  # type: ignore[call-arg]
