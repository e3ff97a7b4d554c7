"""An example of a pattern is let through by it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.cloud.delivery.patterns import Pattern
from chalice.sources.examples import example


@pytest.mark.parametrize(
    "pattern",
    [
        {"a": ["x", "y"], "b": [True], "c": [None], "d": [1.5]},
        {"a": [{"prefix": "p"}], "b": [{"suffix": "s"}], "c": [{"equals-ignore-case": "E"}]},
        {"a": [{"prefix": {"equals-ignore-case": "P"}}]},
        {"a": [{"exists": True}], "b": [{"exists": False}]},
        {"a": [{"anything-but": ["sample", "x"]}], "b": [{"anything-but": [1, 7]}]},
        {"a": [{"anything-but": {"prefix": "sam"}}], "b": [{"anything-but": 3}]},
        {"a": [{"numeric": ["=", 3]}], "b": [{"numeric": [">", 3, "<", 4]}]},
        {"a": [{"numeric": [">", 3]}], "b": [{"numeric": ["<", 3]}]},
        {"a": [{"cidr": "10.0.0.0/8"}], "b": [{"wildcard": "a*b\\*c"}]},
        {"a": {"b": {"c": ["d"]}}, "$or": [{"e": ["f"]}, {"g": ["h"]}]},
    ],
)
def test_an_example_is_let_through_by_its_pattern(pattern: dict[str, Any]) -> None:
    assert Pattern(pattern).matches(example(pattern)), example(pattern)


WORDS = st.text(alphabet="abxyz-", min_size=1, max_size=4)
NUMBERS = st.integers(-9, 9)
WANTED = st.one_of(
    WORDS,
    NUMBERS,
    st.booleans(),
    st.none(),
    st.fixed_dictionaries({"prefix": WORDS}),
    st.fixed_dictionaries({"suffix": WORDS}),
    st.fixed_dictionaries({"equals-ignore-case": WORDS}),
    st.fixed_dictionaries({"wildcard": st.lists(WORDS, min_size=2, max_size=3).map("*".join)}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"anything-but": st.lists(WORDS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"anything-but": st.lists(NUMBERS, min_size=1, max_size=3)}),
    st.fixed_dictionaries({"anything-but": st.fixed_dictionaries({"prefix": WORDS})}),
    st.fixed_dictionaries({"numeric": st.tuples(st.sampled_from("=<>"), NUMBERS).map(list)}),
    st.fixed_dictionaries(
        {"numeric": NUMBERS.flatmap(lambda low: st.just([">", low, "<=", low + 1]))}
    ),
)
PATTERNS = st.recursive(
    st.lists(WANTED, min_size=1, max_size=2),
    lambda inner: st.dictionaries(WORDS, inner, min_size=1, max_size=3),
    max_leaves=8,
).filter(lambda pattern: isinstance(pattern, dict))


@given(PATTERNS)
def test_an_example_of_any_pattern_is_let_through(pattern: Any) -> None:
    assert Pattern(pattern).matches(example(pattern)), example(pattern)
