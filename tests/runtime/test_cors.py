"""The headers that a CORSConfig stands for."""

from __future__ import annotations

from chalice import BadRequestError, CORSConfig
from tests.runtime.events import DEFAULT_CORS, new_app, rest_event


def test_the_default_allows_every_origin() -> None:
    assert CORSConfig().get_access_control_headers() == DEFAULT_CORS


def test_every_setting_has_its_header() -> None:
    config = CORSConfig(
        allow_origin="https://foo.example",
        allow_headers=["x", "A", "Authorization"],
        expose_headers=["Z", "B"],
        max_age=600,
        allow_credentials=True,
    )
    assert config.get_access_control_headers() == {
        "Access-Control-Allow-Origin": "https://foo.example",
        "Access-Control-Allow-Headers": (
            "A,Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key,x"
        ),
        "Access-Control-Expose-Headers": "Z,B",
        "Access-Control-Max-Age": "600",
        "Access-Control-Allow-Credentials": "true",
    }


def test_only_true_allows_credentials() -> None:
    headers = CORSConfig(allow_credentials=1).get_access_control_headers()  # type: ignore[arg-type]
    assert headers == DEFAULT_CORS


def test_all_headers_can_be_allowed_with_credentials() -> None:
    config = CORSConfig(allow_headers=["*"], allow_credentials=True)
    assert config.allow_headers.startswith("*,Authorization,")


def test_a_string_is_a_list_with_commas() -> None:
    assert CORSConfig(allow_headers="X-One, X-Two") == CORSConfig(allow_headers=["X-One", "X-Two"])


def test_configs_are_equal_by_their_headers() -> None:
    assert CORSConfig() == CORSConfig(allow_headers=["Content-Type"])
    assert hash(CORSConfig()) == hash(CORSConfig(allow_headers=["Content-Type"]))
    assert CORSConfig() != CORSConfig(max_age=1)
    assert CORSConfig() != 5


def test_an_origin_set_later_counts() -> None:
    config = CORSConfig()
    config.allow_origin = "https://later.example"
    assert config.get_access_control_headers()["Access-Control-Allow-Origin"] == (
        "https://later.example"
    )


def test_a_subclass_may_choose_headers_for_each_request() -> None:
    app = new_app()

    class Mirror(CORSConfig):
        def get_access_control_headers(self) -> dict[str, str]:
            return {"Access-Control-Allow-Origin": app.current_request.headers["origin"]}

    app.route("/", cors=Mirror())(lambda: {})
    answer = app(rest_event(headers={"Origin": "https://a.example"}), None)
    assert answer["headers"] == {"Access-Control-Allow-Origin": "https://a.example"}


def test_errors_of_the_route_have_cors() -> None:
    app = new_app()

    @app.route("/bad", cors=True)
    def bad() -> None:
        raise BadRequestError

    @app.route("/broken", cors=True)
    def broken() -> None:
        raise ValueError

    answers = [
        app(rest_event(path="/bad"), None),
        app(rest_event(path="/broken"), None),
        app(rest_event(path="/bad", headers={"content-type": "text/plain"}), None),
    ]
    assert [answer["statusCode"] for answer in answers] == [400, 500, 415]
    assert all(answer["headers"] == DEFAULT_CORS for answer in answers)


def test_the_class_is_at_hand_on_the_app() -> None:
    assert new_app().CORSConfig is CORSConfig
