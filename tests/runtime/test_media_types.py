"""Matching Content-Type and Accept headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.app import _matches_content_type

TOKENS = st.text(alphabet="abcxyzABC0123456789.+-", min_size=1, max_size=8)
TYPES = st.builds("{}/{}".format, TOKENS, TOKENS)


@pytest.mark.parametrize(
    ("header", "types", "matches"),
    [
        ("application/json", ["application/json"], True),
        ("application/json; charset=utf-8", ["application/json"], True),
        ("IMAGE/png", ["image/png"], True),
        ("image/png", ["IMAGE/PNG"], True),
        ("text/html, image/png;q=0.5", ["image/png"], True),
        ("text/html,*/*;q=0.8", ["image/png"], True),
        ("anything", ["*/*"], True),
        ("", ["*/*"], True),
        ("image/png", ["image/*"], True),
        ("image/*", ["image/png"], False),
        ("imagery/png", ["image/*"], False),
        ("", ["image/png"], False),
        ("text/plain", [], False),
        ("text/plain; x=image/png", ["image/png"], False),
    ],
)
def test_matching(header: str, types: list[str], matches: bool) -> None:
    assert _matches_content_type(header, types) is matches


@given(types=st.lists(TYPES, min_size=1), others=st.lists(TYPES), data=st.data())
def test_a_header_that_lists_one_of_the_types_matches(
    types: list[str], others: list[str], data: st.DataObject
) -> None:
    wanted = data.draw(st.sampled_from(types))
    spelled = data.draw(st.sampled_from([wanted.upper(), wanted.lower(), wanted]))
    parameter = data.draw(st.sampled_from(["", ";q=0.1", " ; charset=utf-8"]))
    elements = [*others, spelled + parameter]
    header = data.draw(st.sampled_from([",", ", ", " , "])).join(elements)
    assert _matches_content_type(header, types)


@given(types=st.lists(TYPES), header=st.lists(TYPES))
def test_a_header_that_lists_none_of_the_types_does_not(
    types: list[str], header: list[str]
) -> None:
    known = {name.lower() for name in types}
    expected = any(name.lower() in known for name in header)
    assert _matches_content_type(",".join(header), types) is expected


@given(header=st.text(), types=st.lists(st.text()))
def test_nothing_crashes_it(header: str, types: list[str]) -> None:
    assert _matches_content_type(header, types) in (True, False)
