"""Blueprints: prefixes, properties, and registering more than once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice import Blueprint, Chalice, IAMAuthorizer
from chalice.app import AuthRequest, DecoratorAPI
from tests.runtime.events import new_app, rest_event


def index() -> str:
    """Greets."""
    return "hello"


def paths_with(url_prefix: str | None, path: str) -> list[str]:
    app, blueprint = new_app(), Blueprint("part")
    blueprint.route(path)(index)
    app.register_blueprint(blueprint, url_prefix=url_prefix)
    return list(app.routes)


@pytest.mark.parametrize(
    ("prefix", "path", "joined"),
    [
        (None, "/", "/"),
        (None, "/bar/", "/bar/"),
        ("/foo", "/", "/foo"),
        ("/foo/", "/", "/foo"),
        ("/foo", "/bar", "/foo/bar"),
        ("/foo/", "bar", "/foo/bar"),
        ("/foo", "/bar/", "/foo/bar"),
        ("/", "/", "/"),
        ("", "/bar", "/bar"),
        ("foo", "/", "/foo"),
        ("foo", "/bar", "/foo/bar"),
        ("//foo", "/bar", "/foo/bar"),
        ("/a/b", "/c/{d}", "/a/b/c/{d}"),
    ],
)
def test_a_url_prefix_is_joined_with_one_slash(prefix: str | None, path: str, joined: str) -> None:
    assert paths_with(prefix, path) == [joined]


SEGMENTS = st.text(alphabet="ab{}/", max_size=8)


@given(prefix=SEGMENTS, path=SEGMENTS)
def test_a_prefixed_path_starts_with_one_slash_and_ends_with_none(prefix: str, path: str) -> None:
    [joined] = paths_with(prefix, path)
    assert joined == "/" or (joined[0] == "/" and joined[1] != "/" and joined[-1] != "/")
    assert [part for part in joined.split("/") if part] == [
        part for part in f"{prefix}/{path}".split("/") if part
    ]


def test_routes_answer_under_their_prefix() -> None:
    app, blueprint = new_app(), Blueprint("part")
    assert blueprint.route("/bar", name="custom")(index) is index
    app.register_blueprint(blueprint, name_prefix="pre_", url_prefix="/foo")
    assert app(rest_event(path="/foo/bar"), None)["body"] == "hello"
    entry = app.routes["/foo/bar"]["GET"]
    assert (entry.uri_pattern, entry.view_name) == ("/foo/bar", "pre_custom")
    assert app.handler_map == {"pre_custom": index}


def test_a_blueprint_can_be_registered_twice_and_on_two_apps() -> None:
    blueprint = Blueprint("part")
    authorizer = IAMAuthorizer()
    blueprint.route(
        "/bar",
        methods=["POST"],
        authorizer=authorizer,
        cors=True,
        content_types=["text/plain"],
        api_key_required=True,
    )(index)
    first, second = new_app(), new_app()
    first.register_blueprint(blueprint, url_prefix="/v1")
    first.register_blueprint(blueprint, url_prefix="/v2", name_prefix="v2_")
    second.register_blueprint(blueprint)
    entries = [
        first.routes["/v1/bar"]["POST"],
        first.routes["/v2/bar"]["POST"],
        second.routes["/bar"]["POST"],
    ]
    for entry in entries:
        assert entry.authorizer is authorizer
        assert entry.cors is not None
        assert entry.content_types == ["text/plain"]
        assert entry.api_key_required is True


def test_cors_of_the_api_counts_when_the_blueprint_is_registered() -> None:
    app, blueprint = new_app(), Blueprint("part")
    blueprint.route("/")(index)
    app.api.cors = True
    app.register_blueprint(blueprint)
    assert app.routes["/"]["GET"].cors is not None


@pytest.mark.parametrize("name", ["log", "current_request", "current_app", "lambda_context"])
def test_properties_need_an_app(name: str) -> None:
    blueprint = Blueprint("part")
    with pytest.raises(RuntimeError) as caught:
        getattr(blueprint, name)
    assert str(caught.value) == (f"Can only access Blueprint.{name} if it's registered to an app.")


def test_properties_are_the_apps() -> None:
    app, blueprint = new_app(), Blueprint("part")
    app.register_blueprint(blueprint)
    assert blueprint.log is app.log
    assert blueprint.current_app is app
    assert blueprint.lambda_context is None
    with pytest.raises(RuntimeError, match=r"Blueprint\.current_request"):
        _ = blueprint.current_request
    app.route("/")(index)
    app(rest_event(), "context")
    assert blueprint.current_request is app.current_request
    assert blueprint.lambda_context == "context"


def test_error_handlers_of_a_blueprint_are_the_apps() -> None:
    app, blueprint = new_app(), Blueprint("part")
    blueprint.error(ZeroDivisionError)(lambda _error: "infinite")
    app.register_blueprint(blueprint)
    app.route("/")(lambda: 1 / 0)
    assert app(rest_event(), None)["body"] == "infinite"


def test_an_authorizer_is_deployed_from_the_blueprints_module() -> None:
    app, blueprint = new_app(), Blueprint("chalicelib.auth")

    @blueprint.authorizer(name="gate", ttl_seconds=5)
    def check(request: AuthRequest) -> dict[str, str]:
        return {"token": request.token}

    scoped = check.with_scopes(["read"])
    app.register_blueprint(blueprint, name_prefix="pre_")
    [config] = app.builtin_auth_handlers
    assert check.config is scoped.config is config
    assert (config.name, config.handler_string) == ("pre_gate", "chalicelib.auth.check")


def test_a_blueprint_has_every_decorator() -> None:
    public = {name for name in dir(DecoratorAPI) if not name.startswith("_")}
    assert public <= set(dir(Blueprint))
    assert public <= set(dir(Chalice))
