"""The configuration file is checked whole: every problem with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalice.config import load
from chalice.config.document import parse
from chalice.errors import ToolError


def refusal(text: str) -> ToolError:
    with pytest.raises(ToolError) as caught:
        parse(text.encode())
    return caught.value


def problems(text: str) -> dict[str, str]:
    """Return the errors by place."""
    error = refusal(text)
    return {str(each.where): each.summary for each in error.problems or (error,)}


def warnings(text: str) -> dict[str, tuple[str, str | None]]:
    """Return the warnings by place: what they say, and the hint."""
    found = parse(text.encode()).warnings
    return {str(each.where): (each.summary, each.hint) for each in found}


def test_every_problem_is_reported_at_once_with_its_line() -> None:
    text = """{
  "version": "2.0",
  "lambda_timeout": "60",
  "stages": {
    "dev": {
      "environmental_variables": {},
      "environment_variables": {"A": 1},
      "lambda_functions": {
        "api_handler": {"lambda_memory_size": 64}
      }
    },
    "prod": {"layers": ["arn", 3],
             "api_gateway_endpoint_type": "REGINAL"}
  }
}"""
    error = refusal(text)
    assert error.summary == "6 problems"
    assert [(each.where, each.summary) for each in error.problems] == [
        (".chalice/config.json:1", "`app_name` is missing"),
        (
            ".chalice/config.json:3",
            '`lambda_timeout` must be a whole number of seconds from 1 to 900, not `"60"`',
        ),
        (
            ".chalice/config.json:7",
            "`environment_variables.A` must be a string, not `1`",
        ),
        (
            ".chalice/config.json:9",
            "`lambda_memory_size` must be a whole number of MiB from 128 to 10240, not `64`",
        ),
        (".chalice/config.json:12", "`layers[1]` must be a string, not `3`"),
        (
            ".chalice/config.json:13",
            "`api_gateway_endpoint_type` must be one of `EDGE`, `REGIONAL`, `PRIVATE`,"
            ' not `"REGINAL"`',
        ),
    ]
    assert error.problems[-1].hint == "did you mean `REGIONAL`?"
    assert [(each.where, each.hint) for each in error.warnings] == [
        (".chalice/config.json:6", "did you mean `environment_variables`?")
    ]


@pytest.mark.parametrize(
    ("entry", "summary"),
    [
        ('"version": "2.1"', '`version` must be a number up to 2.0, not `"2.1"`'),
        ('"version": "new"', '`version` must be a number up to 2.0, not `"new"`'),
        ('"version": NaN', "`version` must be a number up to 2.0, not `nan`"),
        ('"lambda_timeout": 901', "from 1 to 900, not `901`"),
        ('"lambda_timeout": 1.5', "from 1 to 900, not `1.5`"),
        ('"lambda_timeout": true', "from 1 to 900, not `true`"),
        ('"minimum_compression_size": 10485761', "bytes from 0 to 10485760, not `10485761`"),
        ('"reserved_concurrent_executions": -1', "of at least 0, not `-1`"),
        ('"log_retention_in_days": 2', "`log_retention_in_days` must be one of 0, 1, 3, "),
        ('"autogen_policy": "false"', "`autogen_policy` must be true, false"),
        ('"lambda_architecture": "arm"', "must be one of `x86_64`, `arm64`"),
        ('"subnet_ids": "subnet-1"', "`subnet_ids` must be a list of strings"),
        (
            '"api_gateway_endpoint_vpce": {}',
            "must be a string or a list of strings, not an object",
        ),
        ('"tags": ["a"]', "`tags` must be an object of strings, not a list"),
        ('"stages": []', "`stages` must be an object, not a list"),
        ('"stages": {"dev": "x"}', '`dev` must be an object, not `"x"`'),
        ('"api_gateway_stage": ""', "`api_gateway_stage` must not be empty"),
        (
            '"api_gateway_custom_domain": {"domain_name": "x"}',
            "`api_gateway_custom_domain` has no `certificate_arn`",
        ),
    ],
)
def test_a_value_that_cannot_be_is_refused(entry: str, summary: str) -> None:
    (found,) = problems(f'{{"app_name": "x",\n{entry}}}').items()
    assert found[0] == ".chalice/config.json:2"
    assert summary in found[1]


@pytest.mark.parametrize(
    "entry",
    [
        '"version": 2.0',
        '"version": "1.0"',
        '"lambda_timeout": null',
        '"_note": "ours"',
        '"$schema": "https://example.com/schema.json"',
        '"api_gateway_endpoint_vpce": ["vpce-1"], "api_gateway_endpoint_type": "PRIVATE"',
        '"log_retention_in_days": 0',
        '"reserved_concurrency": 0',
        '"environment_variables": {"EMPTY": ""}',
        '"stages": {"dev": null}',
    ],
)
def test_a_value_that_may_be_is_taken_without_a_word(entry: str) -> None:
    assert warnings(f'{{"app_name": "x", {entry}}}') == {}


def test_what_nothing_reads_is_a_warning_since_such_projects_deploy_today() -> None:
    text = """{"app_name": "x",
"lambda_arn": "arn",
"stages": {"dev": {"app_name": "y",
"automatic_layers": true,
"lambda_functions": {"job": {"api_gateway_stage": "v1"}},
"api_gateway_custom_domain": {"domain_name": "d", "certificate_arn": "c",
"security_policy": "x",
"tls_version": "TLS_1_2|TLS_1_0"}}},
"profile": "a",
"profile": "b"}"""
    found = warnings(text)
    assert {place: summary for place, (summary, _) in found.items()} == {
        ".chalice/config.json:2": "nothing reads `lambda_arn`",
        ".chalice/config.json:3": "`app_name` has no effect here",
        ".chalice/config.json:4": "nothing reads `automatic_layers`",
        ".chalice/config.json:5": "`api_gateway_stage` has no effect here",
        ".chalice/config.json:7": "nothing reads `security_policy`",
        ".chalice/config.json:8": '`tls_version` is `"TLS_1_2|TLS_1_0"`, which counts as `TLS_1_2`',
        ".chalice/config.json:10": "`profile` stands here twice; the last one counts",
    }
    assert found[".chalice/config.json:3"][1] == "move it to the top level of the file"
    assert found[".chalice/config.json:4"][1] == "did you mean `automatic_layer`?"


def test_broken_json_is_shown_where_it_breaks() -> None:
    error = refusal('{\n  "app_name": "x",\n  "stages": {"dev" {}}\n}')
    assert error.summary == "the file is not valid JSON: Expecting ':' delimiter"
    assert error.where == ".chalice/config.json:3:20"
    assert error.excerpt == '  "stages": {"dev" {}}\n                   ^'


@pytest.mark.parametrize(
    ("data", "summary"),
    [
        (b'["app_name"]', "the file must hold a JSON object"),
        (b"", "the file is not valid JSON: Expecting value"),
        (b'{"app_name":\n"\xff"}', "the file is not UTF-8"),
        (b"[" * 100_000, "the file is nested too deeply"),
    ],
)
def test_a_file_that_is_no_configuration_is_refused(data: bytes, summary: str) -> None:
    with pytest.raises(ToolError) as caught:
        parse(data)
    assert caught.value.summary == summary
    assert str(caught.value.where).startswith(".chalice/config.json")


def test_a_byte_order_mark_is_ignored() -> None:
    assert parse(b'\xef\xbb\xbf{"app_name": "x"}').values == {"app_name": "x"}


@settings(deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_are_a_configuration_or_an_error_for_people(data: bytes) -> None:
    try:
        document = parse(data)
    except ToolError:
        return
    assert json.loads(data.decode("utf-8-sig")) == document.values


def test_a_directory_without_a_configuration_is_no_project(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="is not a chalice project") as caught:
        load(tmp_path, "dev")
    assert "chalice new-project" in str(caught.value.hint)
    assert "--project-dir" in str(caught.value.hint)
    with pytest.raises(ToolError, match="there is no directory"):
        load(tmp_path / "nowhere", "dev")


def test_a_configuration_that_cannot_be_read_is_an_error_for_people(tmp_path: Path) -> None:
    (tmp_path / ".chalice" / "config.json").mkdir(parents=True)
    with pytest.raises(ToolError, match="cannot read"):
        load(tmp_path, "dev")
