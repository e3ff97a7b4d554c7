"""What keeps an app from being deployed is found before anything is made, all at once."""

from __future__ import annotations

from pathlib import Path

from chalice.config.checks import check_app
from chalice.errors import ToolError
from tests.config.projects import write_project

PLAIN = """
from chalice import Chalice

app = Chalice(app_name="demo")


@app.route("/")
def index():
    return {}
"""
ROUTES = """
from chalice import Chalice, CORSConfig

app = Chalice(app_name="demo")


@app.route("")
def nothing():
    return {}


@app.route("/slash/")
def slash():
    return {}


@app.route("/options", methods=["GET", "OPTIONS"], cors=True)
def options():
    return {}


@app.route("/cors", cors=True)
def one():
    return {}


@app.route("/cors", methods=["POST"], cors=CORSConfig(allow_origin="https://example.com"))
def other():
    return {}


@app.route("/mixed", content_types=["application/json", "image/png"])
def mixed():
    return {}


@app.route("/same")
def same():
    return {}


@app.route("/same", methods=["POST"])
def same():  # noqa: F811
    return {}
"""


def found(directory: Path, app: str, **config: object) -> list[ToolError]:
    loaded = write_project(directory, app, **config)
    return list(check_app(loaded.chalice_app, loaded))


def summaries(directory: Path, app: str = PLAIN, **config: object) -> dict[str, str]:
    return {str(each.where): each.summary for each in found(directory, app, **config)}


def test_a_good_app_has_no_problems(tmp_path: Path) -> None:
    assert found(tmp_path, PLAIN) == []


def test_all_problems_of_routes_are_found_where_they_stand(tmp_path: Path) -> None:
    assert summaries(tmp_path, ROUTES) == {
        "app.py:7 in `nothing`": "a route must not be empty",
        "app.py:12 in `slash`": "route `/slash/` must not end with a slash",
        "app.py:17 in `options`": "route `/options` has CORS and also a view for OPTIONS",
        "app.py:27 in `other`": "the views of route `/cors` have different CORS configurations",
        "app.py:32 in `mixed`": "the `content_types` of `mixed` mix binary (image/png)"
        " and text (application/json)",
        "app.py:42 in `same`": "two views of route `/same` are called `same`",
    }


def test_views_that_agree_have_no_problems(tmp_path: Path) -> None:
    app = (
        PLAIN
        + """
app.api.binary_types.append("application/json")


@app.route("/both", cors=True, content_types=["application/json", "image/png"])
def read():
    return {}


@app.route("/both", methods=["POST", "PUT"], cors=True)
def write():
    return {}


@app.route("/bare", methods=["OPTIONS"], cors=False)
def preflight():
    return {}
"""
    )
    assert found(tmp_path, app) == []


def test_a_blueprint_is_checked_where_it_stands(tmp_path: Path) -> None:
    blueprint = """
from chalice import Blueprint

api = Blueprint("chalicelib.api")


@api.route("/list/")
def listing():
    return {}
"""
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "chalicelib" / "__init__.py").touch()
    (tmp_path / "chalicelib" / "api.py").write_text(blueprint)
    app = PLAIN + "from chalicelib.api import api\n\napp.register_blueprint(api)\n"
    assert list(summaries(tmp_path, app)) == ["chalicelib/api.py:7 in `listing`"]


def test_websockets_need_an_opt_in(tmp_path: Path) -> None:
    handlers = """

@app.on_ws_connect()
def opened(event):
    pass


@app.on_ws_message()
def said(event):
    pass
"""
    (error,) = found(tmp_path, PLAIN + handlers)
    assert error.summary == (
        "you are using experimental features without explicitly opting in: WEBSOCKETS"
    )
    assert error.where == "app.py:12 in `opened`"
    assert error.hint == "add this to app.py: app.experimental_feature_flags.update(['WEBSOCKETS'])"
    flags = "\napp.experimental_feature_flags.update(['WEBSOCKETS', 'BLUEPRINTS'])\n"
    assert found(tmp_path, PLAIN + flags + handlers) == []


def test_two_functions_of_one_name_are_an_error(tmp_path: Path) -> None:
    app = (
        PLAIN
        + """

@app.authorizer(name="check")
def first(request):
    return None


@app.authorizer(name="check")
def second(request):
    return None
"""
    )
    (error,) = found(tmp_path, app)
    assert error.summary == "2 functions are called `check`: app.first, app.second"


def test_names_that_lambda_refuses_are_errors(tmp_path: Path) -> None:
    assert summaries(tmp_path, app_name="my app", stages={"dev": {"api_gateway_stage": "a/b"}}) == {
        ".chalice/config.json:3": "`my app-dev` cannot name a Lambda function",
        ".chalice/config.json:6": "`a/b` cannot name an API's stage",
    }
    (error,) = found(tmp_path, PLAIN, app_name="x" * 61)
    assert error.summary.endswith("is too long for a Lambda function: 65 characters of 64")


def test_variables_that_lambda_refuses_are_errors(tmp_path: Path) -> None:
    variables = {"AWS_REGION": "x", "1A": "x", "AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrapper", "OK": ""}
    assert summaries(tmp_path, environment_variables=variables) == {
        ".chalice/config.json:5": "`AWS_REGION` is a reserved environment variable",
        ".chalice/config.json:6": "`1A` cannot name an environment variable",
    }


def test_a_role_must_come_from_somewhere(tmp_path: Path) -> None:
    assert summaries(tmp_path, manage_iam_role=False) == {
        ".chalice/config.json:4": "`manage_iam_role` is false and function `api_handler`"
        " has no `iam_role_arn`"
    }
    assert found(tmp_path, PLAIN, manage_iam_role=False, iam_role_arn="arn:aws:iam::1:role/x") == []


def test_a_network_needs_subnets_and_security_groups(tmp_path: Path) -> None:
    assert summaries(tmp_path, subnet_ids=["subnet-1"], security_group_ids=[]) == {
        ".chalice/config.json:4": "function `api_handler` has `subnet_ids` without"
        " `security_group_ids`"
    }
    both = {"subnet_ids": ["subnet-1"], "stages": {"dev": {"security_group_ids": ["sg-1"]}}}
    assert found(tmp_path, PLAIN, **both) == []


def test_a_private_api_must_say_who_may_call_it(tmp_path: Path) -> None:
    private = {"api_gateway_endpoint_type": "PRIVATE"}
    endpoint, policy = {"api_gateway_endpoint_vpce": "v"}, {"api_gateway_policy_file": "p.json"}
    assert found(tmp_path, PLAIN, **private, **endpoint) == []
    assert found(tmp_path, PLAIN, **private, **policy) == []
    assert list(summaries(tmp_path, **private).values()) == ["a private API that nothing may call"]
    assert len(found(tmp_path, PLAIN, **private, **endpoint, **policy)) == 1
    assert list(summaries(tmp_path, **endpoint).values()) == [
        "`api_gateway_endpoint_vpce` needs a private endpoint"
    ]
