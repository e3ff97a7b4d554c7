"""Forms and files, against the standard library's e-mail parser where that can say."""

from __future__ import annotations

import email.parser
import email.policy
import json
from typing import Any
from urllib.parse import parse_qs, urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice import BadRequestError
from chalice.app import Request, UploadedFile
from chalice.runtime.forms import (
    MAXIMUM_FIELDS,
    MAXIMUM_PART_HEAD,
    MAXIMUM_PARTS,
    parse_urlencoded,
    read_form,
)
from tests.runtime.events import function_url_event, new_app, rest_event

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = 'multipart/form-data; boundary="b b"'


def part(head: str, content: bytes = b"") -> bytes:
    return b"--b b\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"


def form_of(content_type: str, body: str | bytes) -> Request:
    return Request(rest_event(headers={"content-type": content_type}, body=body))


def test_an_urlencoded_form_is_a_multi_dict() -> None:
    request = form_of(f"{URLENCODED}; charset=utf-8", "a=1&a=%C3%A9+x&b&=empty&&c=%FF")
    assert request.form.getlist("a") == ["1", "é x"]
    assert dict(request.form) == {"a": "é x", "b": "", "": "empty", "c": "\ufffd"}
    assert len(request.files) == 0


@pytest.mark.parametrize("content_type", ["", "application/json", "multipart/mixed; boundary=b"])
def test_what_is_no_form_has_no_fields(content_type: str) -> None:
    request = form_of(content_type, "a=1")
    assert (dict(request.form), dict(request.files)) == ({}, {})
    assert dict(Request({}).form) == {}


def test_a_browsers_multipart_form_has_fields_and_files() -> None:
    body = (
        b"preamble\r\n"
        + part('Content-Disposition: form-data; name="title"', "Über\r\n--b".encode())
        + part('content-disposition: form-data; name="tag"', b"one")
        + part('Content-Disposition: form-data; name="tag"', b"two")
        + part(
            'Content-Disposition: form-data; name="file"; filename="C:\\a\\b \\"c\\".txt"\r\n'
            "Content-Type: text/plain; charset=x",
            b"\x00\xff\r\n\r\n--b bc\r\n",
        )
        + part('Content-Disposition: form-data; name="file"; filename="two.bin"', b"2")
        + part('Content-Disposition: form-data; name="unchosen"; filename=""', b"")
        + part("Content-Disposition: form-data; name=plain; filename*=UTF-8''na%C3%AFve.txt")
        + b"--b b--\r\nepilogue"
    )
    request = form_of(MULTIPART, body)
    assert request.form.getlist("tag") == ["one", "two"]
    assert dict(request.form) == {"title": "Über\r\n--b", "tag": "two"}
    first, second = request.files.getlist("file")
    assert (first.filename, first.content_type) == ('b "c".txt', "text/plain; charset=x")
    assert first.body == b"\x00\xff\r\n\r\n--b bc\r\n"
    assert (second.content_type, second.body) == ("application/octet-stream", b"2")
    assert request.files["plain"].filename == "naïve.txt"
    assert "unchosen" not in request.files
    assert repr(second) == "UploadedFile('two.bin', 'application/octet-stream', 1 bytes)"


def test_what_a_client_sends_arrives_through_both_kinds_of_doors() -> None:
    app = new_app()

    @app.post("/", content_types=["multipart/form-data"])
    def upload() -> dict[str, Any]:
        request = app.current_request
        files = {name: [file.filename, file.body] for name, file in request.files.items()}
        return {"form": request.form, "files": files}

    sent = httpx.Request(
        "POST", "http://x/", data={"a": "ü"}, files={"f": ("n.txt", b"\xff", "text/plain")}
    )
    headers = {"content-type": sent.headers["content-type"]}
    import base64

    body = base64.b64encode(sent.read()).decode()
    expected = {"form": {"a": "ü"}, "files": {"f": ["n.txt", "/w=="]}}
    for event in (
        {**rest_event("POST", headers=headers, body=body), "isBase64Encoded": True},
        function_url_event("POST", "/", headers=headers, body=body, isBase64Encoded=True),
    ):
        assert json.loads(app(event, None)["body"]) == expected


GOOD = 'Content-Disposition: form-data; name="a"'


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        ("multipart/form-data", b"", "no boundary"),
        ("multipart/form-data; boundary=", b"", "no boundary"),
        ('multipart/form-data; boundary="é"', b"", "no boundary"),
        (f"multipart/form-data; boundary={'b' * 71}", b"", "no boundary"),
        ("multipart/form-data; boundary", b"", "broken parameters"),
        ('multipart/form-data; boundary="b', b"", "broken parameters"),
        (MULTIPART, b"", "no end"),
        (MULTIPART, b"--b b\r\n", "no end"),
        (MULTIPART, part(GOOD), "no end"),
        (MULTIPART, part(GOOD)[:-2] + b"--b b--", "without headers"),
        (MULTIPART, b"--b b\r\n\r\nx\r\n--b b--", "without headers"),
        (MULTIPART, part("X: " + "x" * MAXIMUM_PART_HEAD) + b"--b b--", "without headers"),
        (MULTIPART, part("no colon") + b"--b b--", "without a colon"),
        (MULTIPART, part("Content-Type: text/plain") + b"--b b--", "without a name"),
        (MULTIPART, part("Content-Disposition: file; name=a") + b"--b b--", "without a name"),
        (MULTIPART, part("Content-Disposition: form-data; filename=a") + b"--b b--", "a name"),
        (MULTIPART, part(f"{GOOD}; filename*=zip''a") + b"--b b--", "character set"),
        (MULTIPART, part(f'{GOOD}; x="') + b"--b b--", "broken parameters"),
        (MULTIPART, part(GOOD) * (MAXIMUM_PARTS + 1) + b"--b b--", "more than 1000 parts"),
        (URLENCODED, b"&" * MAXIMUM_FIELDS, "more than 10000 fields"),
    ],
)
def test_a_broken_form_is_a_bad_request(content_type: str, body: bytes, reason: str) -> None:
    with pytest.raises(BadRequestError, match=f"Error Parsing Form: .*{reason}"):
        _ = form_of(content_type, body).form


def test_forms_may_be_as_large_as_the_limits() -> None:
    fields, _ = read_form(MULTIPART, part(GOOD, b"1") * MAXIMUM_PARTS + b"--b b--")
    assert len(fields.getlist("a")) == MAXIMUM_PARTS
    fields, _ = read_form(URLENCODED, b"&".join([b"a=1"] * MAXIMUM_FIELDS))
    assert len(fields.getlist("a")) == MAXIMUM_FIELDS
    assert dict(read_form(MULTIPART, b"--b b--\r\n")[0]) == {}


def test_a_body_that_is_no_base64_is_a_bad_request() -> None:
    event = {**rest_event(headers={"content-type": URLENCODED}, body="A"), "isBase64Encoded": True}
    with pytest.raises(BadRequestError, match="not base64"):
        _ = Request(event).form


# Each would take minutes, were the time quadratic in its size.
@pytest.mark.parametrize(
    "body",
    [
        b"\r\n--b b" * 600_000,
        b"\r\n--b b" + b" " * 5_000_000,
        b"\r\n" * 2_500_000,
        b"--b b\r\n" + b"\r\n" * 2_500_000,
        part(f"{GOOD}; x=" + "; " * 7_000) * 900,
        part(f"{GOOD};" + '"\\' * 7_000) * 900,
        part("A:\r\n " * 3_000) * 900,
    ],
    ids=["delimiters", "padding", "lines", "blank", "options", "quotes", "folds"],
)
def test_a_hostile_multipart_body_takes_no_quadratic_time(body: bytes) -> None:
    with pytest.raises(BadRequestError):
        read_form(MULTIPART, body)


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters='"\\\r\n\x00', exclude_categories=["C"]),
    min_size=1,
    max_size=9,
)
TOKENS = st.text("abc.-_~", min_size=1, max_size=9).map(lambda token: f"f{token}")
CONTENTS = st.binary(max_size=30) | st.sampled_from(
    [b"\r\n", b"\r\n--", b"--boundary", b"\r\n\r\n", b"\r\n--boundary-x\r\n", b"-"]
)


@given(st.lists(st.tuples(TOKENS, st.none() | TOKENS, CONTENTS), max_size=5))
def test_multipart_forms_are_read_as_by_the_email_parser(
    parts: list[tuple[str, str | None, bytes]],
) -> None:
    body = b""
    for name, filename, content in parts:
        extra = "" if filename is None else f'; filename="{filename}"'
        head = f'Content-Disposition: form-data; name="{name}"{extra}\r\nContent-Type: x/y'
        body += b"--boundary-\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n"
    body += b"--boundary---\r\n"
    header = 'multipart/form-data; boundary="boundary-"'
    fields, files = read_form(header, body)
    ours = [("", value) for name in fields for value in fields.getlist(name)]
    ours += [(file.filename, file.body) for name in files for file in files.getlist(name)]
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        f"Content-Type: {header}\r\n\r\n".encode() + body
    )
    theirs: list[tuple[str, bytes]] = [
        (piece.get_filename() or "", piece.get_payload(decode=True))  # type: ignore[misc]
        for piece in (message.iter_parts() if parts else ())
    ]
    assert sorted(
        (filename, content if filename else content.encode()) for filename, content in ours
    ) == sorted(
        (filename, content if filename else content.decode("utf-8", "replace").encode())
        for filename, content in theirs
    )


@given(st.lists(st.tuples(NAMES, st.binary(max_size=20)), max_size=5))
def test_multipart_forms_of_a_client_are_read_back(files: list[tuple[str, bytes]]) -> None:
    sent = httpx.Request(
        "POST", "http://x/", files=[(name, ("a.bin", content)) for name, content in files]
    )
    if files:
        _, read = read_form(sent.headers["content-type"], sent.read())
        found = [(name, file.body) for name in read for file in read.getlist(name)]
        assert sorted(found) == sorted(files)


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=8))
def test_urlencoded_forms_are_read_as_by_the_standard_library(
    pairs: list[tuple[str, str]],
) -> None:
    text = urlencode(pairs, errors="replace")
    assert parse_urlencoded(text) == parse_qs(text, keep_blank_values=True)


@given(st.text(max_size=40) | st.just(MULTIPART), st.binary(max_size=60))
def test_any_form_is_read_or_a_bad_request(content_type: str, body: bytes) -> None:
    for kind in (content_type, f"multipart/form-data{content_type}"):
        try:
            _, files = read_form(kind, b"--b b\r\n" + body + b"\r\n--b b--")
        except BadRequestError:
            continue
        assert all(isinstance(file, UploadedFile) for file in files.values())
