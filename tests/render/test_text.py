"""Templates are read and written as CloudFormation does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chalice.errors import ToolError
from chalice.render import text

FORMS: tuple[text.Format, ...] = ("json", "yaml")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("!Ref A", {"Ref": "A"}),
        ("!Condition A", {"Condition": "A"}),
        ("!Sub '${A}-x'", {"Fn::Sub": "${A}-x"}),
        ("!GetAtt A.B.C", {"Fn::GetAtt": ["A", "B.C"]}),
        ("!GetAtt [A, B]", {"Fn::GetAtt": ["A", "B"]}),
        ("!Join ['-', [!Ref A, b]]", {"Fn::Join": ["-", [{"Ref": "A"}, "b"]]}),
        ("!If [C, !Sub x, {k: !Ref A}]", {"Fn::If": ["C", {"Fn::Sub": "x"}, {"k": {"Ref": "A"}}]}),
        ("!Transform {Name: 'AWS::Include'}", {"Fn::Transform": {"Name": "AWS::Include"}}),
        ("2012-10-17", "2012-10-17"),
        ("2012-10-17T10:00:00Z", "2012-10-17T10:00:00Z"),
        ("[1, 1.5, true, null]", [1, 1.5, True, None]),
    ],
)
def test_short_tags_are_functions_and_dates_text(written: str, meant: Any, tmp_path: Path) -> None:
    path = tmp_path / "template.yml"
    path.write_text(f"Value: {written}\n")
    assert text.read(path, "yaml") == {"Value": meant}
    path.write_text(text.written({"Value": meant}, "yaml"))
    assert text.read(path, "yaml") == {"Value": meant}


@pytest.mark.parametrize("end", ["\n", "\r", "\x85", "\u2028", "\ufeff", "\t", "\x00"])
def test_every_character_is_read_as_it_was(end: str, tmp_path: Path) -> None:
    template = {f"{end}a": f"{end}a{end} b{end}"}
    path = tmp_path / "template.yaml"
    path.write_text(text.written(template, "yaml"), encoding="utf-8", newline="")
    assert text.read(path, "yaml") == template


@pytest.mark.parametrize("form", FORMS)
def test_the_mark_that_windows_puts_first_is_no_part_of_it(
    form: text.Format, tmp_path: Path
) -> None:
    path = tmp_path / "template"
    path.write_text('{"a": 1}', encoding="utf-8-sig")
    assert text.read(path, form) == {"a": 1}


def test_yaml_has_keys_in_order_and_says_everything_where_it_is_meant() -> None:
    shared = {"x": "é"}
    written = text.written({"b": shared, "a": shared, "v": "2010-09-09"}, "yaml")
    assert written == "a:\n  x: é\nb:\n  x: é\nv: '2010-09-09'\n"
    assert yaml.safe_load(written)["v"] == "2010-09-09"


def test_json_keeps_the_order() -> None:
    assert text.written({"b": 1, "a": [2]}, "json") == '{\n  "b": 1,\n  "a": [\n    2\n  ]\n}\n'


@pytest.mark.parametrize(
    ("form", "content", "line", "excerpt"),
    [
        ("json", '{\n "a": ,}', 2, ' "a": ,}\n      ^'),
        ("yaml", "a: [1\nb: 2\n", 2, "b: 2\n ^"),
        ("yaml", "a: !Ref\n  b: @x\n", 2, "  b: @x\n     ^"),
    ],
)
def test_what_is_no_template_is_pointed_at(
    form: text.Format, content: str, line: int, excerpt: str, tmp_path: Path
) -> None:
    path = tmp_path / "template"
    path.write_text(content)
    with pytest.raises(ToolError, match=f"valid {form.upper()} template") as raised:
        text.read(path, form)
    assert raised.value.where == f"{path}:{line}"
    assert raised.value.excerpt == excerpt


@pytest.mark.parametrize("content", [b"", b"[1]", b"text", b"\xff\xfe", b"a: !!python/name:os.x"])
def test_what_holds_no_object_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_bytes(content)
    with pytest.raises(ToolError):
        text.read(path, "yaml")


def test_an_empty_json_file_is_refused_at_its_end(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text("")
    with pytest.raises(ToolError) as raised:
        text.read(path, "json")
    assert raised.value.where == f"{path}:1"


documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(template=st.dictionaries(st.text(), documents, max_size=4), form=st.sampled_from(FORMS))
def test_what_is_written_is_read_again(
    template: dict[str, Any], form: text.Format, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.getbasetemp() / "again"
    path.write_text(text.written(template, form), encoding="utf-8", newline="")
    assert text.read(path, form) == template
