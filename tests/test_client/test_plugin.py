"""The fixtures, in pytest runs of their own on projects in folders."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.command import ROOT, chalice, environment

APP = """
import os

import boto3
from chalice import Chalice

app = Chalice(app_name="shop")
WHEN_IMPORTED = os.environ.get("TABLE")


@app.route("/")
def index():
    return {"table": os.environ.get("TABLE"), "imported": WHEN_IMPORTED}


@app.lambda_function()
def put(event, context):
    boto3.client("s3").put_object(Bucket="photos", Key=event["key"], Body=b"")
    return event


@app.lambda_function()
def broken(event, context):
    raise LookupError("broken")
"""
CONFIG = """
{
  "version": "2.0",
  "app_name": "shop",
  "environment_variables": {"TABLE": "orders"},
  "stages": {"beta": {"environment_variables": {"TABLE": "orders-beta"}}}
}
"""


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PYTHONPATH where pytest finds the plugin, as it finds it where chalice is installed."""
    folder = tmp_path_factory.mktemp("installed")
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    entry_points = re.search(r"entry-points\.pytest11\]\n(.*?)\n\n", project, re.DOTALL)
    assert entry_points is not None
    metadata = folder / "chalice_tested-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: chalice-tested\nVersion: 1\n")
    points = entry_points[1].replace('"', "")
    (metadata / "entry_points.txt").write_text(f"[pytest11]\n{points}\n")
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "chalice").rglob("*.py"))
    (metadata / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    return f"{ROOT}{os.pathsep}{folder}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write(tmp_path, {"app.py": APP, ".chalice/config.json": CONFIG, "requirements.txt": ""})
    return tmp_path


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")


def run(installed: str, folder: Path, *arguments: str, code: int = 0) -> str:
    """Run pytest in a folder and return what it printed."""
    uv = {name: os.environ[name] for name in ("UV_CACHE_DIR",) if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-W", "error", *arguments],
        cwd=folder,
        env=environment(**uv, PYTHONPATH=installed, AWS_EC2_METADATA_DISABLED="true"),
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_it_costs_nothing_until_a_test_asks_for_it(installed: str, project: Path) -> None:
    write(
        project,
        {
            "test_nothing.py": """
            import sys

            def test_nothing_is_imported():
                ours = {name for name in sys.modules if name.partition(".")[0] == "chalice"}
                assert ours == {"chalice", "chalice.pytest_plugin"}
                assert not {"botocore", "boto3", "click", "uvicorn"} & sys.modules.keys()
            """
        },
    )
    assert "1 passed" in run(installed, project)


def test_a_client_of_the_project_that_pytest_runs_in(installed: str, project: Path) -> None:
    write(
        project,
        {
            "tests/test_app.py": """
            def test_the_routes_answer(chalice_client):
                said = chalice_client.http.get("/").json_body
                assert said == {"table": "orders", "imported": "orders"}

            def test_it_is_the_app_of_the_project(chalice_app):
                from app import app

                assert chalice_app is app
            """
        },
    )
    assert "2 passed" in run(installed, project, "tests")


def test_settings_name_the_app_the_stage_and_the_project(installed: str, project: Path) -> None:
    write(
        project,
        {
            "service/app.py": APP.replace("app = ", "shop = app = "),
            "service/.chalice/config.json": CONFIG,
            "app.py": "raise SystemExit",
            "pytest.ini": """
            [pytest]
            chalice_app = app:shop
            chalice_stage = beta
            chalice_project = service
            """,
            "tests/test_app.py": """
            def test_the_stage_has_its_variables(chalice_client):
                said = chalice_client.http.get("/").json_body
                assert said == {"table": "orders-beta", "imported": "orders-beta"}
            """,
        },
    )
    assert "1 passed" in run(installed, project)


def test_a_fixture_of_the_same_name_gives_another_app(installed: str, project: Path) -> None:
    write(
        project,
        {
            "test_app.py": """
            import pytest
            from chalice import Chalice

            @pytest.fixture
            def chalice_app():
                app = Chalice("other")
                app.route("/")(lambda: "other")
                return app

            def test_it_is_called(chalice_client):
                assert chalice_client.http.get("/").body == b"other"
            """
        },
    )
    assert "1 passed" in run(installed, project)


def test_without_a_project_it_says_what_is_missing(installed: str, tmp_path: Path) -> None:
    write(tmp_path, {"test_app.py": "def test_it(chalice_client): pass\n"})
    assert "no Chalice project in" in run(installed, tmp_path, code=1)
    write(tmp_path, {"app.py": "app = 1\n"})
    assert "which is no Chalice app: 1" in run(installed, tmp_path, code=1)


def test_the_tests_of_new_projects_may_ask_for_it(installed: str, tmp_path: Path) -> None:
    assert chalice("new-project", "fresh", "-t", "rest-api", cwd=tmp_path).returncode == 0
    write(
        tmp_path / "fresh",
        {
            "tests/test_more.py": """
            def test_the_fixture_has_the_app(chalice_client, chalice_app):
                assert chalice_app.app_name == "fresh"
            """
        },
    )
    assert "2 passed" in run(installed, tmp_path / "fresh")


CLOUD_TESTS = """
import json
import os
import urllib.request
from pathlib import Path

import boto3
import pytest
from chalice.errors import ToolError

PROJECT = Path(__file__).parent


@pytest.fixture(scope="module")
def shop(chalice_cloud):
    boto3.client("s3").create_bucket(Bucket="photos")
    return chalice_cloud.deploy(PROJECT)


def test_the_routes_answer(shop):
    with urllib.request.urlopen(shop.url) as answer:
        assert json.load(answer)["table"] == "orders"


def test_functions_reach_the_cloud(shop):
    assert shop.invoke("put", {"key": "a"}) == {"key": "a"}
    (found,) = shop.client("s3").list_objects_v2(Bucket="photos")["Contents"]
    assert found["Key"] == "a"
    with pytest.raises(ToolError, match="LookupError: broken"):
        shop.invoke("broken")
    with pytest.raises(ToolError, match="no function is called"):
        shop.invoke("none")


def test_another_stage_has_its_configuration(chalice_cloud, shop):
    app = PROJECT / "app.py"
    app.write_text(app.read_text().replace('"imported": WHEN', '"edited": WHEN'))
    beta = chalice_cloud.deploy(PROJECT, stage="beta")
    assert beta.url != shop.url
    with urllib.request.urlopen(beta.url) as answer:
        assert json.load(answer) == {"table": "orders-beta", "edited": "orders-beta"}
    with pytest.raises(ToolError, match="has websocket_api_url"):
        beta.websocket_url
    beta.delete()


def test_the_project_has_no_record_of_it(shop):
    assert not (PROJECT / ".chalice" / "deployed").exists()
"""


@pytest.mark.slow
def test_an_app_is_deployed_to_a_cloud_of_the_tests_own(
    installed: str, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    homes = tmp_path_factory.mktemp("homes")
    write(project, {"test_cloud.py": CLOUD_TESTS})
    told = run(installed, project, "--basetemp", str(homes / "one"))
    assert "4 passed" in told
    cloud = homes / "one" / "chalice-cloud0" / "cloud"
    assert (cloud / "cloud.log").exists()
    assert not (cloud / "cloud.json").exists()  # it was stopped


@pytest.mark.slow
def test_each_worker_has_its_own_cloud(
    installed: str, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    test = """
    import os

    import boto3

    def test_the_cloud_is_empty(chalice_cloud):
        assert os.environ["AWS_ENDPOINT_URL"] == chalice_cloud.endpoint_url
        s3 = boto3.client("s3")
        assert s3.list_buckets()["Buckets"] == []
        s3.create_bucket(Bucket="photos")
    """
    write(project, {"test_one.py": test, "test_two.py": test})
    homes = tmp_path_factory.mktemp("homes")
    options = ["-n", "2", "--dist", "loadfile", "--basetemp", str(homes / "two")]
    assert "2 passed" in run(installed, project, *options)
