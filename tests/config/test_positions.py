"""Every key and item of a JSON text is found on the line where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from chalice.config.kinds import Path
from chalice.config.positions import locate

SPACE = st.text(" \t\n\r", max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
    ),
    max_leaves=12,
)


def laid_out(value: object, space: Iterator[str]) -> str:
    """Write ``value`` as JSON with the given white space between its tokens."""
    if isinstance(value, dict):
        items = [
            f"{next(space)}{json.dumps(key)}{next(space)}:{laid_out(item, space)}{next(space)}"
            for key, item in value.items()
        ]
        return f"{next(space)}{{{','.join(items) or next(space)}}}"
    if isinstance(value, list):
        items = [laid_out(item, space) + next(space) for item in value]
        return f"{next(space)}[{','.join(items) or next(space)}]"
    return next(space) + json.dumps(value, ensure_ascii=False)


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    yield path
    if isinstance(value, dict):
        for key, item in value.items():
            yield from paths(item, (*path, key))
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from paths(item, (*path, index))


@settings(deadline=None)
@given(VALUES, st.data())
def test_each_key_and_item_has_the_line_where_it_stands(value: object, data: st.DataObject) -> None:
    text = laid_out(value, iter(lambda: data.draw(SPACE), None))
    assert json.loads(text) == value
    positions = locate(text)
    assert set(positions.lines) == set(paths(value))
    assert not positions.repeated
    lines = text.split("\n")
    for path, line in positions.lines.items():
        if path and isinstance(path[-1], str):
            assert json.dumps(path[-1]) in lines[line - 1]


def test_a_key_that_stands_twice_is_reported_and_has_its_last_line() -> None:
    positions = locate('{"a": 1,\n "b": {"a": 1},\n "a": 2}')
    assert positions.repeated == [("a",)]
    assert positions.line(("a",)) == 3
    assert positions.line(("b", "a")) == 2


def test_what_is_not_in_the_text_has_the_line_of_what_is_around_it() -> None:
    positions = locate('{\n "stages": {\n  "dev": {}}}')
    assert positions.line(("stages", "dev", "tags", "team")) == 3
    assert positions.line(("nothing",)) == 1
