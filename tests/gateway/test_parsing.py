from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.gateway.answers import encode_headers
from chalice.gateway.compression import takes_gzip
from chalice.gateway.event import request_time
from chalice.gateway.media import MediaTypes
from chalice.gateway.request import parse_query


@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5)), max_size=5))
def test_a_query_gives_back_what_was_encoded(pairs: list[tuple[str, str]]) -> None:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    assert parse_query(urlencode(pairs)) == grouped


@given(st.text("ab=&+%20F\xe9", max_size=20))
def test_any_query_is_decoded_as_by_the_standard_library(query: str) -> None:
    grouped: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        grouped.setdefault(name, []).append(value)
    assert parse_query(query) == grouped


@given(st.text(max_size=10), st.text(max_size=10))
def test_no_header_can_break_out_of_its_line(name: str, value: str) -> None:
    try:
        headers = encode_headers([(name, value)])
    except ValueError:
        return
    for part in (part for header in headers for part in header):
        assert not set(part) & {0, 10, 13}
        assert part == part.strip()


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("gzip", True),
        ("GZIP ; Q=0.5", True),
        ("deflate, gzip", True),
        ("*", True),
        ("identity", False),
        ("", False),
        ("gzip;q=0", False),
        ("gzip; q=0.000", False),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
    ],
)
def test_gzip_is_taken_when_the_client_says_so(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


@pytest.mark.parametrize(
    ("types", "header", "matches"),
    [
        (["image/png"], "image/png", True),
        (["Image/PNG"], " image/png ; q=1", True),
        (["image/png"], "image/*", False),
        (["image/*"], "image/png", True),
        (["image/png"], "*/*", False),
        (["image/png"], "", False),
        (["*/*"], "", True),
        (["*/*"], "text/html", True),
        ([], "text/html", False),
    ],
)
def test_a_media_type_is_binary_when_listed(types: list[str], header: str, matches: bool) -> None:
    assert MediaTypes(types).match(header) is matches


def test_a_request_time_is_in_the_common_log_format() -> None:
    assert request_time(1428582896.7) == "09/Apr/2015:12:34:56 +0000"
