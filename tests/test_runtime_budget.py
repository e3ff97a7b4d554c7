"""What ships to Lambda stands alone, and a first answer loads no module that it does not need."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import chalice
from tests.runtime.lambda_events import sqs_event

ROOT = Path(chalice.__file__).parent
SHIPPED = (ROOT / "__init__.py", ROOT / "app.py", *sorted((ROOT / "runtime").rglob("*.py")))

PROGRAM = """
import json, sys
sys.path.append(sys.argv[2])
import awslambdaric.bootstrap
sys.path.pop()
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
from chalice import Chalice
app = Chalice("budget")
HANDLER
event = json.loads(sys.argv[3])
answer = handler(event, None)
print(json.dumps([answer, sorted(set(sys.modules) - before)]))
"""
VIEW = """
@app.route("/{name}", cors=CORS)
def index(name):
    return {"hello": name}
handler = app
"""
QUEUE = """
@app.on_sqs_message("orders", each=True)
def handler(record):
    assert record.body == "order"
"""
EVENT = {
    "requestContext": {"httpMethod": "GET", "resourcePath": "/{name}"},
    "pathParameters": {"name": "world"},
    "headers": {"Accept": "application/json", "User-Agent": "curl"},
    "multiValueQueryStringParameters": None,
    "body": None,
}
NEEDED = {
    "_contextvars",
    "chalice",
    "chalice.runtime",
    "chalice.runtime.app",
    "chalice.runtime.decorators",
    "chalice.runtime.encoding",
    "chalice.runtime.errors",
    "chalice.runtime.http",
    "chalice.runtime.mediatypes",
    "chalice.runtime.request",
    "chalice.runtime.response",
    "chalice.runtime.routing",
}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that holds what ships and nothing else."""
    root = tmp_path_factory.mktemp("bundle")
    for path in SHIPPED:
        target = root / "chalice" / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    return root


def first_answer(bundle: Path, handler: str, event: object) -> tuple[dict[str, Any], set[str]]:
    """The answer, and the modules that it took on top of the runtime client's."""
    client = pytest.importorskip("awslambdaric")
    site_packages = str(Path(client.__file__).parent.parent)
    program = PROGRAM.replace("HANDLER", handler)
    command = [sys.executable, "-I", "-S", "-c", program, str(bundle), site_packages]
    done = subprocess.run([*command, json.dumps(event)], check=True, capture_output=True, text=True)
    answer, modules = json.loads(done.stdout)
    return answer, set(modules)


def test_a_first_answer_loads_only_what_it_needs(bundle: Path) -> None:
    answer, modules = first_answer(bundle, VIEW.replace("CORS", "None"), EVENT)
    assert answer["body"] == '{"hello":"world"}'
    assert modules <= NEEDED


def test_a_first_answer_with_cors_loads_one_module_more(bundle: Path) -> None:
    answer, modules = first_answer(bundle, VIEW.replace("CORS", "True"), EVENT)
    assert answer["headers"]["Access-Control-Allow-Origin"] == "*"
    assert modules <= NEEDED | {"chalice.runtime.cors"}


def test_the_first_event_of_a_queue_loads_no_other_source(bundle: Path) -> None:
    answer, modules = first_answer(bundle, QUEUE, sqs_event("order"))
    assert answer == {"batchItemFailures": []}
    assert modules <= NEEDED | {
        "chalice.runtime.events",
        "chalice.runtime.events.batch",
        "chalice.runtime.events.handler",
        "chalice.runtime.events.registration",
        "chalice.runtime.events.sqs",
        "chalice.runtime.middleware",
    }


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules imported at run time: not those for type checkers only."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            for statement in node.orelse:
                yield from imported(statement)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
        else:
            yield from imported(node)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_ships_imports_the_standard_library_and_itself(path: Path) -> None:
    foreign = [
        module
        for module in imported(ast.parse(path.read_text(encoding="utf-8")))
        if module.partition(".")[0] not in sys.stdlib_module_names
        and module != "chalice"
        and not module.startswith("chalice.runtime")
    ]
    assert foreign == []
