"""What HTML forms send: text by name, and files.

https://url.spec.whatwg.org/#urlencoded-parsing and https://www.rfc-editor.org/rfc/rfc7578
"""

from __future__ import annotations

import re
from urllib.parse import unquote, unquote_plus

from chalice.runtime.datastructures import MultiDict
from chalice.runtime.errors import BadRequestError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

MAXIMUM_FIELDS = 10_000
"""Names with a value in an urlencoded form."""
MAXIMUM_PARTS = 1_000
"""Parts of a multipart form."""
MAXIMUM_PART_HEAD = 16 * 1024
"""Bytes of all headers of one part."""

_OPTION = re.compile(
    r""";[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;"]*))[ \t]*"""
)
_ESCAPE = re.compile(r'\\(["\\])')
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")


class UploadedFile:
    """A file of a form: its name on the client's machine without directories, type and bytes."""

    __slots__ = ("body", "content_type", "filename")

    def __init__(self, filename: str, content_type: str, body: bytes) -> None:
        self.filename = filename
        self.content_type = content_type
        self.body = body

    def __repr__(self) -> str:
        return f"UploadedFile({self.filename!r}, {self.content_type!r}, {len(self.body)} bytes)"


def read_form(content_type: str, body: bytes) -> tuple[MultiDict, MultiDict]:
    """The text fields, and the files (UploadedFile) of a form; empty for other content types.

    Text that is not UTF-8 has U+FFFD in it. Raises BadRequestError for what is no form, and for one
    that is over a limit.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        if body.count(b"&") >= MAXIMUM_FIELDS:
            raise _refusal(f"more than {MAXIMUM_FIELDS} fields")
        return MultiDict(parse_urlencoded(body.decode("utf-8", "replace"))), MultiDict(None)
    if kind == "multipart/form-data":
        return _read_multipart(body, _options(content_type)[1].get("boundary", ""))
    return MultiDict(None), MultiDict(None)


def parse_urlencoded(text: str) -> dict[str, list[str]]:
    """The decoded values of each name: `a=1&a=&b` is `{"a": ["1", ""], "b": [""]}`.

    Bytes that are not UTF-8 become U+FFFD.
    """
    values: dict[str, list[str]] = {}
    for part in text.split("&"):
        if part:
            name, _, value = part.partition("=")
            values.setdefault(unquote_plus(name), []).append(unquote_plus(value))
    return values


def _read_multipart(body: bytes, boundary: str) -> tuple[MultiDict, MultiDict]:
    if _BOUNDARY.fullmatch(boundary) is None:
        raise _refusal("no boundary")
    fields: dict[str, list[str]] = {}
    files: dict[str, list[UploadedFile]] = {}
    for head, content in _parts(body, boundary.encode("ascii")):
        headers = _part_headers(head)
        kind, options = _options(headers.get("content-disposition", ""))
        if kind != "form-data" or "name" not in options:
            raise _refusal("a part without a name")
        name, filename = options["name"], _filename(options)
        if filename is None:
            fields.setdefault(name, []).append(content.decode("utf-8", "replace"))
        elif filename:  # browsers send an empty one if no file was chosen
            type_ = headers.get("content-type", "application/octet-stream")
            files.setdefault(name, []).append(UploadedFile(filename, type_, content))
    return MultiDict(fields), MultiDict(files)


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The head and the content of each part."""
    delimiter = re.compile(rb"\r\n--" + re.escape(boundary) + rb"(--|[ \t]*\r\n)")
    text = b"\r\n" + body
    start = None
    for number, match in enumerate(delimiter.finditer(text)):
        if number > MAXIMUM_PARTS:
            raise _refusal(f"more than {MAXIMUM_PARTS} parts")
        if start is not None:
            end = text.find(b"\r\n\r\n", start, min(match.start(), start + MAXIMUM_PART_HEAD + 4))
            if end < 0:
                raise _refusal("a part without headers, or with too long ones")
            yield text[start:end], text[end + 4 : match.start()]
        if match[1] == b"--":
            return
        start = match.end()
    raise _refusal("no end")


def _part_headers(head: bytes) -> dict[str, str]:
    headers = {}
    unfolded = head.decode("utf-8", "replace").replace("\r\n ", " ").replace("\r\n\t", " ")
    for line in unfolded.split("\r\n"):
        name, colon, value = line.partition(":")
        if not colon:
            raise _refusal("a header without a colon")
        headers[name.strip().lower()] = value.strip()
    return headers


def _options(header: str) -> tuple[str, dict[str, str]]:
    """`form-data; name="a"` is `("form-data", {"name": "a"})`."""
    value, _, _ = header.partition(";")
    options: dict[str, str] = {}
    position = len(value)
    while position < len(header):
        match = _OPTION.match(header, position)
        if match is None:
            if header[position:].strip(" \t;"):
                raise _refusal("a header with broken parameters")
            break
        name, quoted, plain = match.groups()
        text = plain.strip() if quoted is None else _ESCAPE.sub(r"\1", quoted)
        options.setdefault(name.lower(), text)
        position = match.end()
    return value.strip().lower(), options


def _filename(options: dict[str, str]) -> str | None:
    name = options.get("filename")
    extended = options.get("filename*")
    if extended is not None:
        charset, _, rest = extended.partition("'")
        if charset.lower() not in ("utf-8", "iso-8859-1"):
            raise _refusal("a file name in an unknown character set")
        name = unquote(rest.partition("'")[2], charset, "replace")
    return None if name is None else name.replace("\\", "/").rpartition("/")[2]


def _refusal(reason: str) -> BadRequestError:
    return BadRequestError(f"Error Parsing Form: {reason}")
