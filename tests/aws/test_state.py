"""The file that records a stage."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from chalice.aws.state import StateFile
from chalice.errors import ToolError
from chalice.model.state import Intent, Record, State

ROLE = Record("default-role", "Role", {"role_arn": "arn:aws:iam::1:role/a", "role_name": "a"})
FUNCTION = Record(
    "api_handler",
    "Function",
    {"lambda_arn": "arn:aws:lambda:us-east-1:1:function:a"},
    tag_keys=("aws-chalice",),
    parameter_keys=("Description", "LoggingConfig.LogGroup"),
    adopted=True,
)
API = Record("rest_api", "RestApi", {"rest_api_id": "x", "rest_api_url": "https://x/api/"})
LAYER = Record(
    "managed-layer", "Layer", {"layer_version_arn": "arn:aws:lambda:us-east-1:1:layer:a:1"}
)
ALIAS = Record("a-live", "Alias", {"function": "f", "invoke_arn": "f:live"})
GRANT = Record("p", "Permission", {"function": "f", "statement_id": "s"})
FULL = State(
    records={record.name: record for record in (ROLE, LAYER, FUNCTION, ALIAS, API, GRANT)},
    retired=(Record("old", "Role", {"role_arn": "r", "role_name": "n"}),),
    intents={"new": Intent("new", "Role", {"role_name": "new"})},
)


def test_a_state_reads_back_as_it_was_written(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "deployed" / "dev.json")
    assert file.load() == State()
    file.save(FULL)
    assert file.load() == FULL
    assert [path.name for path in file.path.parent.iterdir()] == ["dev.json"]


def test_the_file_keeps_the_documented_shape(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "dev.json")
    file.save(State(records={"default-role": ROLE, "rest_api": API}))
    assert json.loads(file.path.read_text()) == {
        "resources": [
            {
                "name": "default-role",
                "resource_type": "iam_role",
                "role_arn": "arn:aws:iam::1:role/a",
                "role_name": "a",
            },
            {
                "name": "rest_api",
                "resource_type": "rest_api",
                "rest_api_id": "x",
                "rest_api_url": "https://x/api/",
            },
        ],
        "schema_version": "2.0",
        "backend": "api",
    }
    assert file.path.read_text().endswith("}\n")


def test_rows_of_unknown_types_are_kept_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    row = {"name": "q", "resource_type": "mqtt_event", "topic": "q"}
    path.write_text(json.dumps({"resources": [row], "schema_version": "2.0", "backend": "api"}))
    file = StateFile(path)
    state = file.load()
    assert state.foreign == (row,)
    file.save(state)
    assert json.loads(path.read_text())["resources"] == [row]


def test_mappings_have_the_documented_rows(tmp_path: Path) -> None:
    rows = [
        {
            "name": "consume-sqs-event-source",
            "resource_type": "sqs_event",
            "queue_arn": "arn:aws:sqs:us-west-2:1:orders",
            "queue": "orders",
            "event_uuid": "u1",
            "lambda_arn": "arn:aws:lambda:us-west-2:1:function:demo-dev-consume",
        },
        {
            "name": "watch-kinesis-event-source",
            "resource_type": "kinesis_event",
            "kinesis_arn": "arn:aws:kinesis:us-west-2:1:stream/clicks",
            "stream": "clicks",
            "event_uuid": "u2",
            "lambda_arn": "arn:aws:lambda:us-west-2:1:function:demo-dev-watch",
        },
        {
            "name": "sync-dynamodb-event-source",
            "resource_type": "dynamodb_event",
            "stream_arn": "arn:aws:dynamodb:us-west-2:1:table/orders/stream/2026",
            "event_uuid": "u3",
            "lambda_arn": "arn:aws:lambda:us-west-2:1:function:demo-dev-sync",
        },
    ]
    path = tmp_path / "dev.json"
    path.write_text(json.dumps({"resources": rows, "schema_version": "2.0", "backend": "api"}))
    file = StateFile(path)
    state = file.load()
    assert [record.kind for record in state.records.values()] == ["EventSourceMapping"] * 3
    file.save(state)
    assert json.loads(path.read_text())["resources"] == rows


def test_the_row_of_a_domain_holds_its_mappings(tmp_path: Path) -> None:
    row = {
        "name": "api_gateway_custom_domain",
        "resource_type": "domain_name",
        "hosted_zone_id": "Z1",
        "alias_domain_name": "d-1.execute-api.us-west-2.amazonaws.com",
        "certificate_arn": "arn:aws:acm:us-west-2:1:certificate/1",
        "security_policy": "TLS_1_2",
        "domain_name": "api.example.com",
        "api_mapping": [{"key": "/v1"}],
    }
    path = tmp_path / "dev.json"
    path.write_text(json.dumps({"resources": [row], "schema_version": "2.0", "backend": "api"}))
    file = StateFile(path)
    state = file.load()
    assert state.records["api_gateway_custom_domain-mapping"].outputs == {
        "domain_name": "api.example.com",
        "key": "v1",
        "protocol": "REST",
    }
    file.save(state)
    assert json.loads(path.read_text())["resources"] == [row]
    assert file.load() == state


LEGACY = {
    "prod": {
        "api_handler_arn": "arn:aws:lambda:us-west-2:1:function:demo-prod",
        "api_handler_name": "demo-prod",
        "rest_api_id": "abc",
        "api_gateway_stage": "v1",
        "backend": "api",
        "lambda_functions": {
            "demo-prod-job": {
                "type": "pure_lambda",
                "arn": "arn:aws:lambda:us-west-2:1:function:demo-prod-job",
            },
            "demo-prod-gate": "arn:aws:lambda:us-west-2:1:function:demo-prod-gate",
        },
    },
    "dev": {
        "lambda_functions": {
            "demo-dev-tick": {
                "type": "scheduled_event",
                "arn": "arn:aws:lambda:us-west-2:1:function:demo-dev-tick",
            }
        }
    },
}


def test_the_file_of_all_stages_is_read_where_a_stage_has_none_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "deployed.json").write_text(json.dumps(LEGACY))
    folder = tmp_path / "deployed"
    prod = StateFile(folder / "prod.json").load()
    arn = "arn:aws:lambda:us-west-2:1:function:demo-prod"
    assert {name: record.outputs for name, record in prod.records.items()} == {
        "job": {"lambda_arn": f"{arn}-job"},
        "gate": {"lambda_arn": f"{arn}-gate"},
        "api_handler": {"lambda_arn": arn},
        "rest_api": {
            "rest_api_id": "abc",
            "rest_api_url": "https://abc.execute-api.us-west-2.amazonaws.com/v1/",
        },
    }
    dev = StateFile(folder / "dev.json")
    assert list(dev.load().records) == ["tick"]
    assert StateFile(folder / "beta.json").load() == State()
    assert StateFile(folder / "local" / "prod.json").load() == State()
    dev.save(State())
    assert dev.load() == State()


def test_a_damaged_file_of_all_stages_is_refused(tmp_path: Path) -> None:
    (tmp_path / "deployed.json").write_text('{"dev": {"lambda_functions": {"a": {}}}}')
    with pytest.raises(ToolError, match="damaged"):
        StateFile(tmp_path / "deployed" / "dev.json").load()


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"schema_version": "1.0"}', '{"schema_version": "2.0", "resources": [{}]}'],
)
def test_a_damaged_file_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "dev.json"
    path.write_text(text)
    with pytest.raises(ToolError, match="damaged"):
        StateFile(path).load()
    assert path.read_text() == text


def test_a_write_that_fails_leaves_the_old_state(tmp_path: Path) -> None:
    path = tmp_path / "dev.json"
    StateFile(path).save(FULL)
    before = path.read_text()
    program = (
        "import resource, signal\n"
        "from pathlib import Path\n"
        "from chalice.aws.state import StateFile\n"
        "from chalice.errors import ToolError\n"
        f"file = StateFile(Path({str(path)!r}))\n"
        "state = file.load()\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n"
        "    file.save(state)\n"
        "except ToolError as error:\n"
        "    raise SystemExit(error.summary)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert done.stderr == "cannot write the recorded state: File too large\n"
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_two_commands_cannot_change_one_stage_at_once(tmp_path: Path) -> None:
    file = StateFile(tmp_path / "dev.json")
    other_stage = StateFile(tmp_path / "prod.json")
    refused = pytest.raises(ToolError, match="another chalice command")
    with file.locked(), other_stage.locked(), refused, file.locked():
        pass
    with file.locked():
        pass
