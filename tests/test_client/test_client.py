from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import chalice.test
from chalice import AuthResponse, Chalice
from chalice.errors import ToolError
from chalice.test import Client

CONFIG = {
    "version": "2.0",
    "app_name": "tested",
    "lambda_timeout": 10,
    "environment_variables": {"CHALICE_WHERE": "top", "CHALICE_TOP": "top"},
    "stages": {
        "prod": {
            "lambda_memory_size": 512,
            "environment_variables": {"CHALICE_WHERE": "stage"},
            "lambda_functions": {
                "auth": {"environment_variables": {"CHALICE_WHERE": "auth"}},
                "api_handler": {"environment_variables": {"CHALICE_ROUTES": "yes"}},
            },
        }
    },
}


def where() -> dict[str, str | None]:
    return {name: os.environ.get(f"CHALICE_{name}") for name in ("WHERE", "TOP", "ROUTES")}


@pytest.fixture
def app() -> Chalice:
    app = Chalice("tested", configure_logs=False)

    @app.route("/where")
    def view() -> Any:
        context = app.lambda_context
        left = context.get_remaining_time_in_millis()
        return {**where(), "memory": context.memory_limit_in_mb, "enough": 9000 < left <= 10_000}

    @app.authorizer()
    def auth(_request: Any) -> AuthResponse:
        return AuthResponse(["*"], json.dumps(where()))

    return app


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(CONFIG))
    return tmp_path


def test_a_call_has_the_configuration_of_its_function(app: Chalice, project: Path) -> None:
    with Client(app, stage_name="prod", project_dir=str(project)) as client:
        response = client.http.get("/where")
        assert response.json_body == {
            "WHERE": "stage",
            "TOP": "top",
            "ROUTES": "yes",
            "memory": 512,
            "enough": True,
        }
        event = {"type": "TOKEN", "authorizationToken": "t", "methodArn": "a:b:c:d:e:f/g"}
        answer = client.lambda_.invoke("auth", event).payload
        assert json.loads(answer["principalId"]) == {"WHERE": "auth", "TOP": "top", "ROUTES": None}
    assert where() == {"WHERE": None, "TOP": None, "ROUTES": None}


def test_another_stage_has_another_configuration(app: Chalice, project: Path) -> None:
    said = Client(app, project_dir=project).http.get("/where").json_body
    assert (said["WHERE"], said["memory"]) == ("top", 128)


def test_subprocesses_of_a_view_have_its_environment(app: Chalice, project: Path) -> None:
    @app.route("/child")
    def child() -> Any:
        program = "import os; print(os.environ['CHALICE_WHERE'], end='')"
        return subprocess.run(
            [sys.executable, "-c", program], check=True, capture_output=True, text=True
        ).stdout

    assert Client(app, "prod", project).http.get("/child").body == b"stage"


def test_without_a_project_the_defaults_count(app: Chalice, tmp_path: Path) -> None:
    assert Client(app, project_dir=tmp_path / "none").http.get("/where").status_code == 200


@pytest.mark.parametrize("text", ["{", '{"version": "3.0", "app_name": "x"}'])
def test_a_project_file_that_is_not_valid_says_where(
    app: Chalice, project: Path, text: str
) -> None:
    (project / ".chalice" / "config.json").write_text(text)
    client = Client(app, project_dir=project)
    client.events.generate_sqs_event(["events need no configuration"])
    with pytest.raises(ToolError) as raised:
        _ = client.http
    assert raised.value.where is not None
    assert raised.value.where.startswith(".chalice/config.json:1")


def test_a_client_makes_its_parts_once(app: Chalice) -> None:
    client = Client(app)
    with client as entered:
        assert entered is client
    assert client.http is client.http
    assert client.lambda_ is client.lambda_
    assert client.events is client.events


def test_pytest_collects_no_class_of_ours() -> None:
    for name in chalice.test.__all__:
        if name.startswith("Test"):
            assert getattr(chalice.test, name).__test__ is False


def test_importing_it_loads_no_package_of_others() -> None:
    program = (
        "import sys; before = set(sys.modules); import chalice.test;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before};"
        "print(new - set(sys.stdlib_module_names) - {'chalice'}, 'asyncio' in sys.modules,"
        "'chalice.config' in sys.modules)"
    )
    root = Path(chalice.test.__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, cwd=root
    )
    assert done.stdout == "set() False False\n"


def test_a_test_module_may_import_every_name(tmp_path: Path) -> None:
    (tmp_path / "test_names.py").write_text(
        "from chalice.test import *\n\n\ndef test_names():\n    assert TestHTTPClient\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-W", "error", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(Path(chalice.test.__file__).parent.parent.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
