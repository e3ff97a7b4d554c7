"""What reaches CloudWatch Logs."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.cloud.functions.lab import Lab, eventually, function


def test_start_end_and_report_frame_an_invocation(lab: Lab, name: str) -> None:
    quiet = function("def handler(event, context): pass", name)
    cold, warm = lab.invoke(quiet), lab.invoke(quiet)
    start, end, report, start2, end2, report2 = lab.messages(name)
    assert start == f"START RequestId: {cold.request_id} Version: $LATEST\n"
    assert end == f"END RequestId: {cold.request_id}\n"
    common = (
        r"REPORT RequestId: {}\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\t"
        r"Memory Size: 128 MB\tMax Memory Used: \d+ MB\t"
    )
    assert re.fullmatch(common.format(cold.request_id) + r"Init Duration: [\d.]+ ms\t\n", report)
    assert re.fullmatch(common.format(warm.request_id) + r"\n", report2)
    assert (start2, end2) == (start.replace(cold.request_id, warm.request_id), end2)


def test_events_go_to_the_functions_group_and_the_environments_stream(lab: Lab, name: str) -> None:
    lab.invoke(function("print(1)\ndef handler(e, c): pass", name, region="eu-west-1", account="1"))
    batches = [batch for batch in lab.batches if batch.function_name == name]
    assert {(batch.group, batch.region, batch.account) for batch in batches} == {
        (f"/aws/lambda/{name}", "eu-west-1", "1")
    }
    (stream,) = {batch.stream for batch in batches}
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)
    times = [event.timestamp for batch in batches for event in batch.events]
    assert times == sorted(times)


def test_lines_and_log_records_keep_their_order_and_records_stay_whole(lab: Lab, name: str) -> None:
    source = (
        "import logging, os, sys\n"
        "print('while loading')\n"
        "def handler(event, context):\n"
        " print('one\\ntwo')\n"
        " logging.warning('three\\nfour')\n"
        " sys.stderr.write('five\\n')\n"
        " logging.error('six')\n"
        " os.write(1, b'seven, unfinished')"
    )
    invocation = lab.invoke(function(source, name))
    prefix = rf"\[(?:WARNING|ERROR)\]\t[^\t]+Z\t{invocation.request_id}\t"
    messages = [re.sub(prefix, "", message) for message in lab.messages(name)[:-2]]
    assert messages[0] == "while loading\n"
    assert messages[2:] == [
        "one\n",
        "two\n",
        "three\nfour\n",
        "five\n",
        "six\n",
        "seven, unfinished",
    ]


def test_an_exceptions_record_is_one_event(lab: Lab, name: str) -> None:
    lab.invoke(function("def handler(event, context):\n  return 1 / 0", name))
    (record,) = [message for message in lab.messages(name) if message.startswith("[ERROR]")]
    assert record.startswith("[ERROR] ZeroDivisionError: division by zero\nTraceback")
    assert "return 1 / 0" in record


def test_the_tail_is_the_last_four_kilobytes_of_this_invocation(lab: Lab, name: str) -> None:
    source = "def handler(event, context):\n for n in range(event): print('line', n)"
    chatty = function(source, name)
    long, short = lab.invoke(chatty, 5000), lab.invoke(chatty, 1)
    assert len(long.log) == 4096
    assert b"line 4999\nEND RequestId" in long.log
    assert short.log.startswith(f"START RequestId: {short.request_id}".encode())


def test_nothing_is_lost_of_a_flood(lab: Lab, name: str) -> None:
    source = "def handler(event, context):\n for n in range(20000): print(n, 'x' * 50)"
    lab.invoke(function(source, name, timeout=30))
    lines = [message for message in lab.messages(name) if "xxx" in message]
    assert lines == [f"{n} {'x' * 50}\n" for n in range(20000)]


def test_a_line_longer_than_an_event_is_split_between_characters(lab: Lab, name: str) -> None:
    source = (
        "import logging\n"
        "def handler(event, context):\n"
        " print('-' + 'é' * 300_000)\n"
        " logging.error('ñ' * 150_000)"
    )
    lab.invoke(function(source, name))
    messages = lab.messages(name)
    assert all(len(message.encode()) <= 256 * 1024 for message in messages)
    assert "".join(messages).count("é") == 300_000
    assert "".join(messages).count("ñ") == 150_000


def test_binary_output_that_looks_like_a_record_is_no_trap(lab: Lab, name: str) -> None:
    source = (
        "import os\n"
        "def handler(event, context):\n"
        " os.write(1, b'\\xa5\\x5a\\x00' + b'\\xff' * 20 + b'\\n')\n"
        " os.write(1, b'\\xa5\\x5a\\x00\\x03' + b'\\x00' * 5)"
    )
    lab.invoke(function(source, name))
    assert any(message.endswith("\ufffd\n") for message in lab.messages(name))
    assert lab.messages(name)[-1].startswith("REPORT")


def test_what_is_written_between_invocations_is_delivered_too(lab: Lab, name: str) -> None:
    source = (
        "import threading\n"
        "def handler(event, context): threading.Timer(0.1, print, ['afterwards']).start()"
    )
    lab.invoke(function(source, name))
    eventually(lambda: "afterwards\n" in lab.messages(name))


def test_a_sink_that_fails_costs_no_invocation(open_lab: Callable[..., Lab]) -> None:
    def fail(batch: object) -> None:
        raise OSError("disk full")

    lab = open_lab(log_sink=fail)
    assert lab.answer(function("def handler(event, context): print('x'); return 1")) == 1
