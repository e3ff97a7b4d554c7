"""API keys and usage plans of the configuration, as `chalice local` enforces them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.local.program import Program, make_project, running

APP = """
from chalice import Chalice

app = Chalice(app_name="keys")

@app.route("/", api_key_required=True)
def index():
    identity = app.current_request.context["identity"]
    return [identity["apiKey"], identity["apiKeyId"]]
"""
SLOW = {"rate_limit": 1, "burst_limit": 2, "api_keys": ["mobile"]}
SMALL = {"quota_limit": 3, "quota_period": "DAY", "api_keys": ["partner"]}
THROTTLED = (429, "TooManyRequestsException", {"message": "Too Many Requests"})
EXCEEDED = (429, "LimitExceededException", {"message": "Limit Exceeded"})


def project(folder: Path, **config: Any) -> Path:
    return make_project(folder, APP, json.dumps(config))


def configure(folder: Path, program: Program, plans: Any, partner: str) -> None:
    """Save the configuration alone, and wait until it counts."""
    keys = {"api_keys": {"partner": partner}}
    config = {"version": "2.0", "app_name": "keys", "api_usage_plans": plans, "local": keys}
    (folder / ".chalice" / "config.json").write_text(json.dumps(config))
    program.out.wait_for("Serving what")


def ask(program: Program, key: str) -> object:
    answer = program.get(**{"x-api-key": key})
    if answer.status_code == 200:
        return answer.json()
    return answer.status_code, answer.headers["x-amzn-errortype"], answer.json()


def test_keys_have_the_plans_that_the_configuration_gives_them(tmp_path: Path) -> None:
    plans = {"slow": SLOW, "small": SMALL}
    project(tmp_path, api_usage_plans=plans, local={"api_keys": {"mobile": "m-key"}})
    arguments = ("--api-key", "partner=p-key", "--api-key", "free", "--api-key", "a=b")
    with running(tmp_path, "--no-autoreload", *arguments) as program:
        answers = [ask(program, "m-key") for _ in range(8)]
        assert answers[:2] == [["m-key", "mobile"]] * 2
        assert THROTTLED in answers
        answers = [ask(program, "p-key") for _ in range(4)]
        assert answers == [["p-key", "partner"]] * 3 + [EXCEEDED]
        assert [ask(program, "free") for _ in range(5)] == [["free", "free"]] * 5
        assert ask(program, "a=b") == ["a=b", "a=b"]
        assert ask(program, "mobile") == (403, "ForbiddenException", {"message": "Forbidden"})


def test_a_key_without_a_name_has_the_only_plan(tmp_path: Path) -> None:
    project(tmp_path, api_usage_plans={"small": SMALL})
    with running(tmp_path, "--no-autoreload", "--api-key", "x") as program:
        assert [ask(program, "x") for _ in range(4)] == [["x", "x"]] * 3 + [EXCEEDED]


def test_what_a_key_has_used_is_remembered_when_a_file_is_saved(tmp_path: Path) -> None:
    project(tmp_path, api_usage_plans={"small": SMALL}, local={"api_keys": {"partner": "p"}})
    with running(tmp_path) as program:
        assert [ask(program, "p") for _ in range(3)] == [["p", "partner"]] * 3
        larger = {**SMALL, "quota_limit": 4}
        configure(tmp_path, program, {"s": larger}, "q")
        assert ask(program, "p") == (403, "ForbiddenException", {"message": "Forbidden"})
        configure(tmp_path, program, {"small": larger}, "p")
        assert [ask(program, "p") for _ in range(2)] == [["p", "partner"], EXCEEDED]
