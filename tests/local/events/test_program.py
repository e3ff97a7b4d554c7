"""`chalice local --aws` as a program: its beginning, its crashes, its end."""

from __future__ import annotations

import json
import os
import shutil
import signal
from pathlib import Path

import httpx
from websockets.sync.client import connect

from tests.cli.command import chalice
from tests.cloud.waiting import wait_for_end
from tests.local.events.program import living
from tests.local.program import SECONDS, make_project, running, write

APP = """
import boto3
from chalice import Chalice

app = Chalice(app_name="demo")
s3 = boto3.client("s3")

@app.route("/")
def index():
    return [each["Name"] for each in s3.list_buckets()["Buckets"]]

@app.on_s3_event("seen", prefix="in/")
def made(event):
    s3.put_object(Bucket="seen", Key="made", Body=b"1")

@app.lambda_function()
def job(event, context):
    return event
"""


def test_a_view_that_is_called_at_once_finds_what_triggers_name(tmp_path: Path) -> None:
    make_project(tmp_path, APP)
    with running(tmp_path, "--aws", "--no-autoreload") as program:
        assert program.get().json() == ["seen"]
        assert program.interrupt() == 1
    assert not (tmp_path / ".chalice/local-aws/dev/cloud/cloud.json").exists()


def test_the_configuration_can_ask_for_it_and_the_command_line_refuse(tmp_path: Path) -> None:
    make_project(tmp_path, APP, '{"stages": {"test": {"local": {"aws": true}}}}')
    with running(tmp_path, "--stage", "test") as program:
        program.out.wait_for("AWS on http://127.0.0.1:")
        assert program.get().json() == ["seen"]
    with running(
        tmp_path, "--stage", "test", "--no-aws", AWS_DEFAULT_REGION="us-east-1"
    ) as program:
        line = program.err.wait_for("wait for events")
        assert line == (
            "made and job wait for events: `chalice local --aws` delivers them, "
            "`chalice invoke --local NAME` runs one handler"
        )
    assert "AWS on" not in program.out.text


def test_a_stage_has_one_server_with_a_cloud_and_a_port_in_use_begins_none(tmp_path: Path) -> None:
    make_project(tmp_path, APP)
    with living(tmp_path) as live:
        done = chalice("local", "--aws", "--port", "0", cwd=tmp_path)
        assert done.returncode == 1
        process = live.program.process.pid
        assert f"process {process} has the embedded cloud of this stage already" in done.stderr
        assert "another `--stage`" in done.stderr
        port = str(live.program.port)
        done = chalice("local", "--aws", "--port", port, "--stage", "other", cwd=tmp_path)
        assert f"error: port {port} is in use" in done.stderr
        assert not (tmp_path / ".chalice/local-aws/other").exists()
        with running(tmp_path, "--aws", "--stage", "other") as other:
            assert other.get().json() == ["seen"]
        assert live.program.get().json() == ["seen"]


def test_a_cloud_that_is_killed_comes_back_with_its_data(tmp_path: Path) -> None:
    make_project(tmp_path, APP)
    with living(tmp_path) as live:
        live.program.err.wait_for("made gets ")
        live.s3.put_object(Bucket="seen", Key="before", Body=b"1")
        snapshot = tmp_path / ".chalice/local-aws/dev/cloud/state/snapshot"
        live.wait_until(lambda: snapshot.exists() and b"before" in snapshot.read_bytes())
        os.kill(live.cloud_pid, signal.SIGKILL)
        assert live.program.get().json() == ["seen"]
        warning = live.program.err.wait_for("warning: ")
        assert warning == "warning: the embedded cloud ended by signal 9; it is started anew"
        live.s3.put_object(Bucket="seen", Key="in/after", Body=b"1")
        assert live.seen("made") == 1
        assert "before" in live.notes()


def test_deleting_the_folder_empties_the_cloud_while_it_runs(tmp_path: Path) -> None:
    make_project(tmp_path, APP)
    with living(tmp_path) as live:
        live.program.err.wait_for("made gets ")
        live.s3.put_object(Bucket="seen", Key="before", Body=b"1")
        shutil.rmtree(tmp_path / ".chalice/local-aws")
        live.program.err.wait_for("created bucket `seen`")
        live.s3.put_object(Bucket="seen", Key="in/after", Body=b"1")
        assert live.seen("made") == 1
        assert "before" not in live.notes()
        assert live.program.interrupt() == 0


def test_no_cloud_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    make_project(tmp_path, APP)
    with living(tmp_path) as live:
        assert live.program.get().json() == ["seen"]
        pid, url = live.cloud_pid, live.url
        live.program.process.kill()
        live.program.process.wait()
        with living(tmp_path) as again:
            assert again.url == url
            assert again.program.get().json() == ["seen"]
    wait_for_end(pid)


FORKED = """
import os
import time

if os.fork() == 0:
    os.closerange(0, 3)
    time.sleep(10)
    os._exit(0)
"""


def test_no_cloud_outlives_it_though_a_child_of_the_app_does(tmp_path: Path) -> None:
    make_project(tmp_path, FORKED + APP)
    with living(tmp_path) as live:
        assert live.program.get().json() == ["seen"]
        pid = live.cloud_pid
        live.program.process.kill()
        wait_for_end(pid)


def test_an_app_that_cannot_be_loaded_is_waited_for(tmp_path: Path) -> None:
    make_project(tmp_path, "import")
    with living(tmp_path) as live:
        live.wait_until(lambda: httpx.get(f"{live.url}/_chalice/health").json()["ready"])
        assert live.program.get().status_code == 502
        write(tmp_path, "app.py", APP)
        live.program.out.wait_for("Serving what app.py says now")
        assert live.program.get().json() == ["seen"]
        live.s3.put_object(Bucket="seen", Key="in/a", Body=json.dumps(1).encode())
        assert live.seen("made") == 1


CHAT = """
import boto3
from chalice import Chalice

app = Chalice(app_name="demo")
app.experimental_feature_flags.update(["WEBSOCKETS"])
app.websocket_api.session = boto3.session.Session()
sqs = boto3.client("sqs")

@app.on_ws_message()
def said(event):
    url = sqs.get_queue_url(QueueName="said")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=f"{event.connection_id} {event.body}")

@app.on_sqs_message("said")
def answer(event):
    for record in event:
        client, _, text = record.body.partition(" ")
        app.websocket_api.send(client, text.upper())
"""


def test_a_handler_of_a_queue_sends_to_a_client_of_the_websocket_api(tmp_path: Path) -> None:
    make_project(tmp_path, CHAT)
    with living(tmp_path) as live, connect(live.program.url.replace("http", "ws")) as client:
        client.send("hello")
        assert client.recv(SECONDS) == "HELLO"
