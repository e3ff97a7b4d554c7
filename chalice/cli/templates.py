"""What new projects begin with: file name to text."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

APP = """\
from chalice import Chalice

app = Chalice(app_name="{name}")


@app.route("/")
def index():
    return {{"hello": "world"}}


# A function under a route is called when somebody requests that path, and what it returns is
# sent back as JSON. Parts of the path in braces become arguments:
#
# @app.route("/hello/{{name}}")
# def hello(name):
#     return {{"hello": name}}
#
# `methods` says which HTTP methods it answers; the request is `app.current_request`:
#
# @app.route("/users", methods=["POST"])
# def create_user():
#     user = app.current_request.json_body
#     return {{"user": user}}
#
# Deploy what you have changed with `chalice deploy`, or, without an AWS account, to the cloud
# on this machine with `chalice deploy --local`.
"""

GITIGNORE = """\
.chalice/deployments/
.chalice/deployed/local/
.chalice/venv/
__pycache__/
"""


def legacy(name: str) -> Mapping[str, str]:
    """Return the files of the smallest project: one route, no tests."""
    stages = {"dev": {"api_gateway_stage": "api"}}
    config = {"version": "2.0", "app_name": name, "stages": stages}
    return {
        ".chalice/config.json": json.dumps(config, indent=2) + "\n",
        ".gitignore": GITIGNORE,
        "app.py": APP.format(name=name),
        "requirements.txt": "",
    }


TEMPLATES: Mapping[str, Callable[[str], Mapping[str, str]]] = {"legacy": legacy}
"""The project types by key: what makes the files of a project of that name."""
