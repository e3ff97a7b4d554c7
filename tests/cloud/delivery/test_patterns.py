"""Event patterns: what each operator matches, and what is no pattern."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.cloud.delivery.patterns import InvalidPatternError, Pattern

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.text())

# Wanted values of a field, values that match, values that do not.
OPERATORS: dict[str, tuple[list[Any], list[Any], list[Any]]] = {
    "strings": (["a", "b"], ["a", "b", ["x", "b"]], ["c", "A", "", None, ["x"], {"a": "a"}]),
    "numbers": ([5, 1.5], [5, 5.0, 1.5], [6, "5", True]),
    "true": ([True], [True], [1, "true", False]),
    "null": ([None], [None, [1, None]], ["", 0, False]),
    "empty string": ([""], [""], [None, " "]),
    "prefix": ([{"prefix": "us-"}], ["us-east-1", "us-"], ["eu-us-", "US-", 5]),
    "prefix, any case": ([{"prefix": {"equals-ignore-case": "Us"}}], ["uS-1", "US"], ["eu"]),
    "suffix": ([{"suffix": ".png"}], ["a.png", ".png"], ["a.PNG", "a.png.gz", None]),
    "suffix, any case": ([{"suffix": {"equals-ignore-case": ".png"}}], ["a.PNG"], ["a.gif"]),
    "any case": ([{"equals-ignore-case": "Alice"}], ["aLICE"], ["alices", 1]),
    "anything but one": ([{"anything-but": "a"}], ["b", 1, None, ["a", "b"]], ["a", ["a"]]),
    "anything but some": ([{"anything-but": ["a", "b"]}], ["c", 5], ["a", "b"]),
    "anything but numbers": ([{"anything-but": [1, 2]}], [3, "1"], [1, 2.0]),
    "anything but a prefix": ([{"anything-but": {"prefix": "a"}}], ["ba"], ["ab"]),
    "anything but prefixes": ([{"anything-but": {"prefix": ["a", "b"]}}], ["c"], ["ab", "b"]),
    "anything but a suffix": ([{"anything-but": {"suffix": "z"}}], ["za"], ["az"]),
    "anything but any case": ([{"anything-but": {"equals-ignore-case": "a"}}], ["b"], ["A"]),
    "anything but wildcard": ([{"anything-but": {"wildcard": "*/x/*"}}], ["a/y/b"], ["a/x/b"]),
    "a number": ([{"numeric": ["=", 5]}], [5, 5.0], [6, "5", True]),
    "below": ([{"numeric": ["<", 5]}], [4.9, -1], [5, 6]),
    "a range": ([{"numeric": [">", 0, "<=", 5]}], [0.1, 5], [0, 5.1, "3", None]),
    "exists": ([{"exists": True}], [None, 0, "", [1]], [{"a": 1}, []]),
    "does not exist": ([{"exists": False}], [[]], [None, 0, "a"]),
    "a network": ([{"cidr": "10.0.0.0/24"}], ["10.0.0.255"], ["10.0.1.0", "x", 5]),
    "a network of IPv6": ([{"cidr": "2001:db8::/32"}], ["2001:db8::1"], ["::1", "10.0.0.1"]),
    "wildcard": ([{"wildcard": "a*/b.*"}], ["a/b.", "axx/b.png"], ["ba/b.x", "a/b", 1]),
    "an ordinary star": ([{"wildcard": r"a\*\\*"}], [r"a*\x", r"a*" + "\\"], ["ab"]),
    "one of several operators": ([{"prefix": "a"}, {"numeric": [">", 5]}, "z"], ["a", 6, "z"], [5]),
    "other or none": ([{"exists": False}, "a"], ["a", []], ["b"]),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_matches_what_aws_says(name: str) -> None:
    wanted, right, wrong = OPERATORS[name]
    pattern = Pattern({"detail": {"field": wanted}})
    for value in right:
        assert pattern.matches({"detail": {"field": value}}), value
    for value in wrong:
        assert not pattern.matches({"detail": {"field": value}}), value


def test_a_missing_field_matches_only_what_asks_for_its_absence() -> None:
    absences: list[dict[str, Any]] = [
        {},
        {"detail": {}},
        {"detail": {"other": 1}},
        {"detail": None},
    ]
    for name, (wanted, _, _) in OPERATORS.items():
        pattern = Pattern({"detail": {"field": wanted}})
        absence = {"exists": False} in wanted
        for event in absences:
            assert pattern.matches(event) is absence, name


def test_all_fields_must_match() -> None:
    pattern = Pattern({"source": ["shop"], "detail": {"state": ["new"], "to": {"zip": ["1"]}}})
    event = {"source": "shop", "detail": {"state": "new", "to": {"zip": "1"}}, "more": 1}
    assert pattern.matches(event)
    assert not pattern.matches({**event, "source": "other"})
    assert not pattern.matches({**event, "detail": {"state": "new", "to": {"zip": "2"}}})


def test_an_object_in_a_list_must_match_as_a_whole() -> None:
    pattern = Pattern({"items": {"kind": ["a"], "size": [1]}})
    assert pattern.matches({"items": [{"kind": "b", "size": 1}, {"kind": "a", "size": 1}]})
    assert not pattern.matches({"items": [{"kind": "a", "size": 2}, {"kind": "b", "size": 1}]})


def test_one_of_the_alternatives_must_match_besides_the_rest() -> None:
    pattern = Pattern(
        {"source": ["shop"], "$or": [{"a": [1]}, {"detail": {"$or": [{"b": [2]}, {"c": [3]}]}}]}
    )
    assert pattern.matches({"source": "shop", "a": 1})
    assert pattern.matches({"source": "shop", "detail": {"c": 3}})
    assert not pattern.matches({"source": "shop", "a": 2, "detail": {"c": 2}})
    assert not pattern.matches({"a": 1})


def test_a_field_may_be_called_or() -> None:
    assert Pattern({"$or": ["x"]}).matches({"$or": "x"})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "Filter is not valid JSON"),
        ("[]", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        ('{"a": {}}', "Empty objects are not allowed"),
        ('{"a": []}', "Empty arrays are not allowed"),
        ('{"a": "b"}', '"a" must be an object or an array'),
        ('{"a": 5}', '"a" must be an object or an array'),
        ('{"a": [["b"]]}', "Match value must be String, number, true, false, or null"),
        ('{"a": [{"like": "b"}]}', "Unrecognized match type like"),
        ('{"a": [{}]}', "Only one key allowed in match expression"),
        ('{"a": [{"prefix": "b", "suffix": "c"}]}', "Only one key allowed in match expression"),
        ('{"a": [{"prefix": 5}]}', "prefix match pattern must be a string"),
        ('{"a": [{"prefix": {"suffix": "b"}}]}', "Unsupported prefix pattern: suffix"),
        ('{"a": [{"suffix": null}]}', "suffix match pattern must be a string"),
        ('{"a": [{"equals-ignore-case": ["b"]}]}', "equals-ignore-case match pattern must be"),
        ('{"a": [{"exists": "yes"}]}', "exists match pattern must be either true or false."),
        ('{"a": [{"numeric": ">"}]}', "Value of numeric must be an array."),
        ('{"a": [{"numeric": [">"]}]}', "Invalid member in numeric match"),
        ('{"a": [{"numeric": ["~", 5]}]}', "Unrecognized numeric range operator: ~"),
        ('{"a": [{"numeric": [">", "5"]}]}', "Value of > must be numeric"),
        ('{"a": [{"numeric": ["<", 5, ">", 1]}]}', "Bad numeric range operator: >"),
        ('{"a": [{"numeric": [">", 5, "<", 1]}]}', "Bottom must be less than top"),
        ('{"a": [{"cidr": "10.0.0.0/99"}]}', "Malformed CIDR"),
        ('{"a": [{"wildcard": "b**"}]}', "Consecutive wildcard characters at pos 1"),
        ('{"a": [{"wildcard": "b\\\\c"}]}', "Invalid escape character at pos 1"),
        ('{"a": [{"wildcard": "b\\\\"}]}', "Invalid escape character at pos 1"),
        ('{"a": [{"wildcard": ""}]}', "wildcard match pattern must not be empty"),
        ('{"a": [{"anything-but": []}]}', "Empty arrays are not allowed"),
        ('{"a": [{"anything-but": [1, "b"]}]}', "Inside anything but list"),
        ('{"a": [{"anything-but": null}]}', "Inside anything but list"),
        ('{"a": [{"anything-but": {"numeric": ["<", 1]}}]}', "Unsupported anything-but pattern"),
        ('{"$or": [{"a": [1]}]}', "There must have at least 2 Objects in $or relationship."),
    ],
)
def test_what_is_no_pattern_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(InvalidPatternError) as refused:
        Pattern.parse(text)
    assert str(refused.value).startswith(reason)


@given(SCALARS, SCALARS)
def test_a_value_matches_itself_and_no_other(wanted: Any, value: Any) -> None:
    same = type(wanted) is type(value) and wanted == value
    assert Pattern({"a": [wanted]}).matches({"a": value}) is same


@given(st.text(), st.text(), st.text())
def test_a_wildcard_is_any_text(start: str, middle: str, end: str) -> None:
    def plain(text: str) -> str:
        return text.replace("\\", "\\\\").replace("*", "\\*")

    pattern = Pattern({"a": [{"wildcard": f"{plain(start)}*{plain(end)}"}]})
    assert pattern.matches({"a": start + middle + end})
