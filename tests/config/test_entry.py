"""An app may be in any module, under any name."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalice.config.entry import Entry
from chalice.errors import ToolError
from chalice.graph import handlers
from tests.config.projects import write_files, write_project

APP = """
from chalice import Chalice

shop = Chalice(app_name="demo")

@shop.route("/")
def index():
    return {}

@shop.lambda_function()
def clean(event, context):
    return {}
"""


def test_the_configuration_names_a_module_and_a_variable(tmp_path: Path) -> None:
    write_files(tmp_path, {"store/__init__.py": "", "store/web.py": APP})
    config = write_project(tmp_path, "1 / 0", app="store.web:shop")
    located = config.entry.located
    names = {each.name: located(each.entry) for each in handlers(config.chalice_app)}
    assert names == {"api_handler": "store.web.shop", "clean": "store.web.clean"}


@pytest.mark.parametrize(
    ("app", "summary", "where"),
    [
        ("store.gone:shop", "the project has no store/gone.py", ".chalice/config.json:4"),
        ("store.web:other", "store/web.py has no variable `other`", "store/web.py"),
        (
            "store/web.py",
            "`app` is `store/web.py`, which names no variable of a module",
            ".chalice/config.json:4",
        ),
    ],
)
def test_an_app_that_is_not_there_is_told_with_its_place(
    tmp_path: Path, app: str, summary: str, where: str
) -> None:
    write_files(tmp_path, {"store/__init__.py": "", "store/web.py": APP})
    with pytest.raises(ToolError) as caught:
        assert write_project(tmp_path, "", app=app).chalice_app
    assert (caught.value.summary, caught.value.where) == (summary, where)


@pytest.mark.parametrize(
    ("entry", "handler", "expected"),
    [
        (Entry(), "app.app", "app.app"),
        (Entry(), "app.job", "app.job"),
        (Entry("shop.main", "application"), "app.app", "shop.main.application"),
        (Entry("shop.main", "application"), "app.job", "shop.main.job"),
        (Entry("app.main", "app"), "app.jobs.clean", "app.jobs.clean"),
        (Entry("app.main", "app"), "chalicelib.jobs.clean", "chalicelib.jobs.clean"),
    ],
)
def test_handlers_are_found_where_the_app_is(entry: Entry, handler: str, expected: str) -> None:
    assert entry.located(handler) == expected
