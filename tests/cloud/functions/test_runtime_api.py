"""The Runtime API, asked by programs other than the runtime client."""

from __future__ import annotations

from tests.cloud.functions.lab import Lab, function

ASK = """
import http.client, json, os, socket
def ask(method, path, body=None):
    connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
    connection.request(method, '/2018-06-01/runtime/' + path, body)
    response = connection.getresponse()
    return [response.status, json.loads(response.read() or b'null')]
"""


def test_what_no_runtime_client_does_is_refused(lab: Lab, name: str) -> None:
    source = (
        f"{ASK}\n"
        "def handler(event, context):\n"
        " return [ask('GET', 'invocation/next'), ask('POST', 'invocation/unknown/response', '1'),\n"
        "  ask('GET', 'nothing/like\"it'), ask('DELETE', 'invocation/next')]"
    )
    answers = lab.answer(function(source, name))
    assert [(status, body["errorType"]) for status, body in answers] == [
        (403, "InvalidStateTransition"),
        (400, "InvalidRequestID"),
        (404, "NotFound"),
        (404, "NotFound"),
    ]


def test_an_invocation_has_one_answer(lab: Lab, name: str) -> None:
    source = (
        f"{ASK}\n"
        "def handler(event, context):\n"
        " ask('POST', f'invocation/{context.aws_request_id}/response', '\"first\"')\n"
        " return 'second'"
    )
    twice = function(source, name)
    assert lab.answer(twice) == "first"
    assert lab.answer(twice) == "first"  # the client that came second gave up, and was replaced


def test_bytes_that_are_not_http_get_a_refusal(lab: Lab, name: str) -> None:
    source = (
        "import os, socket\n"
        "def handler(event, context):\n"
        " host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')\n"
        " with socket.create_connection((host, int(port))) as plain:\n"
        "  plain.sendall(b'\\x00\\x01nonsense\\r\\n\\r\\n')\n"
        "  return plain.recv(100).decode()"
    )
    assert lab.answer(function(source, name)).startswith("HTTP/1.1 400 ")


def test_a_body_announced_with_expect_is_asked_for(lab: Lab, name: str) -> None:
    source = (
        "import os, socket\n"
        "def handler(event, context):\n"
        " host, port = os.environ['AWS_LAMBDA_RUNTIME_API'].split(':')\n"
        " with socket.create_connection((host, int(port))) as plain:\n"
        "  plain.sendall(b'POST /2018-06-01/runtime/invocation/x/response HTTP/1.1\\r\\n'\n"
        "   b'Content-Length: 1\\r\\nExpect: 100-continue\\r\\n\\r\\n')\n"
        "  return plain.recv(100).decode()"
    )
    assert lab.answer(function(source, name)) == "HTTP/1.1 100 Continue\r\n\r\n"
