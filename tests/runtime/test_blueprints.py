"""Blueprints: prefixes, properties, and registering more than once."""

from __future__ import annotations

from collections.abc import Callable

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


def test_error_handlers_of_a_blueprint_come_before_the_apps_and_serve_its_routes_only() -> None:
    app, outer, inner = new_app(), Blueprint("outer"), Blueprint("inner")
    for part in (app, outer, inner):
        part.route(f"/{type(part).__name__}-{part is inner}", name=f"divide{id(part)}")(
            lambda: 1 / 0
        )
    app.register_blueprint(outer)
    outer.register_blueprint(inner)
    app.error(ZeroDivisionError)(lambda _error: "app")

    def bodies() -> list[str]:
        return [app(rest_event(path=path), None)["body"] for path in app.routes]

    assert list(app.routes) == ["/Chalice-False", "/Blueprint-False", "/Blueprint-True"]
    assert bodies() == ["app", "app", "app"]
    outer.error(ArithmeticError)(lambda _error: "outer")
    assert bodies() == ["app", "outer", "outer"]
    inner.register_error_handler(Exception, lambda _error: "inner")
    assert bodies() == ["app", "outer", "inner"]


def nested(*, late: bool) -> Chalice:
    app = new_app()
    outer, inner = Blueprint("outer"), Blueprint("chalicelib.inner")
    steps: list[Callable[[], object]] = [
        lambda: inner.route("/leaf")(index),
        lambda: inner.authorizer(name="gate")(lambda request: request.token),
        lambda: outer.register_blueprint(inner, name_prefix="in_", url_prefix="/in/"),
        lambda: app.register_blueprint(outer, name_prefix="out_", url_prefix="out"),
    ]
    for step in reversed(steps) if late else steps:
        step()
    return app


@pytest.mark.parametrize("late", [False, True])
def test_prefixes_of_nested_blueprints_compose_in_any_order_of_registration(late: bool) -> None:
    app = nested(late=late)
    assert app(rest_event(path="/out/in/leaf"), None)["body"] == "hello"
    assert set(app.handler_map) == {"out_in_index", "out_in_gate"}
    [config] = app.builtin_auth_handlers
    assert config.name == "out_in_gate"
    assert config.handler_string.startswith("chalicelib.inner.")


@pytest.mark.parametrize(
    ("outer_prefix", "inner_prefix", "path"),
    [
        (None, None, "/leaf/"),
        ("/a", None, "/a/leaf"),
        (None, "b", "/b/leaf"),
        ("", "/b", "/b/leaf"),
        ("/", "/", "/leaf"),
        ("/a/", "/b/", "/a/b/leaf"),
    ],
)
def test_nested_url_prefixes(outer_prefix: str | None, inner_prefix: str | None, path: str) -> None:
    app, outer, inner = new_app(), Blueprint("outer"), Blueprint("inner")
    inner.route("/leaf/")(index)
    outer.register_blueprint(inner, url_prefix=inner_prefix)
    app.register_blueprint(outer, url_prefix=outer_prefix)
    assert list(app.routes) == [path]


def test_a_blueprint_nested_twice_has_its_routes_twice() -> None:
    app, outer, inner = new_app(), Blueprint("outer"), Blueprint("inner")
    inner.route("/leaf")(index)
    outer.register_blueprint(inner, url_prefix="/v1")
    outer.register_blueprint(inner, url_prefix="/v2", name_prefix="v2_")
    app.register_blueprint(outer)
    assert list(app.routes) == ["/v1/leaf", "/v2/leaf"]
    assert inner.current_app is app


def test_a_blueprint_cannot_be_inside_itself() -> None:
    outer, middle, inner = Blueprint("outer"), Blueprint("middle"), Blueprint("inner")
    with pytest.raises(ValueError, match="A blueprint cannot be registered on itself"):
        outer.register_blueprint(outer)
    outer.register_blueprint(middle)
    middle.register_blueprint(inner)
    with pytest.raises(ValueError, match="A blueprint cannot be registered on itself"):
        inner.register_blueprint(outer)


def test_an_authorizer_is_deployed_from_the_blueprints_module() -> None:
    app, blueprint = new_app(), Blueprint("chalicelib.auth")

    @blueprint.authorizer(name="gate", ttl_seconds=5)
    def check(request: AuthRequest) -> dict[str, str]:
        return {"token": request.token}

    scoped = check.with_scopes(["read"])
    assert check.name == scoped.name == "gate"
    app.register_blueprint(blueprint, name_prefix="pre_")
    assert check.name == scoped.name == check.with_scopes([]).name == "pre_gate"
    [config] = app.builtin_auth_handlers
    assert check.config is scoped.config is config
    assert (config.name, config.handler_string) == ("pre_gate", "chalicelib.auth.check")


def test_a_blueprint_has_every_decorator() -> None:
    public = {name for name in dir(DecoratorAPI) if not name.startswith("_")}
    assert public <= set(dir(Blueprint))
    assert public <= set(dir(Chalice))
