"""A user's template is merged into ours."""

from __future__ import annotations

from chalice.render.merge import merged


def test_objects_are_merged_and_keep_their_order() -> None:
    ours = {"Outputs": {}, "Resources": {"A": {"Type": "T", "Properties": {"x": 1, "y": 2}}}}
    extra = {"New": 1, "Resources": {"A": {"Properties": {"y": 3, "z": 4}}, "B": {}}}
    result = merged(ours, extra)
    assert result == {
        "Outputs": {},
        "Resources": {"A": {"Type": "T", "Properties": {"x": 1, "y": 3, "z": 4}}, "B": {}},
        "New": 1,
    }
    assert list(result) == ["Outputs", "Resources", "New"]
    assert ours["Resources"]["A"]["Properties"] == {"x": 1, "y": 2}


def test_lists_scalars_and_null_are_replaced() -> None:
    ours = {"list": [1], "scalar": 1, "object": {"a": 1}, "null": None}
    extra = {"list": [2], "scalar": None, "object": "text", "null": {"a": 1}}
    assert merged(ours, extra) == extra
