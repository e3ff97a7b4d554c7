"""The zips of a template become assets."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalice.cdk.assets import Asset, folder_name, with_assets
from chalice.errors import ToolError

FUNCTION = {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "./deployment.zip"}}
LAYER = {
    "Type": "AWS::Serverless::LayerVersion",
    "Properties": {"ContentUri": "./layer-deployment.zip"},
}


def test_each_zip_is_one_asset(tmp_path: Path) -> None:
    asked: list[tuple[str, Path]] = []

    def asset(id_: str, path: Path) -> Asset:
        asked.append((id_, path))
        return {"Bucket": "b", "Key": path.name}

    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "A": FUNCTION,
            "B": FUNCTION,
            "L": LAYER,
            "R": {"Type": "X", "Properties": {}},
        },
    }
    made = with_assets(template, tmp_path, asset)

    assert asked == [
        ("ChaliceAppCode", tmp_path / "deployment.zip"),
        ("ChaliceManagedLayer", tmp_path / "layer-deployment.zip"),
    ]
    places = {id_: resource["Properties"] for id_, resource in made["Resources"].items()}
    assert places["A"] == places["B"] == {"CodeUri": {"Bucket": "b", "Key": "deployment.zip"}}
    assert places["L"] == {"ContentUri": {"Bucket": "b", "Key": "layer-deployment.zip"}}
    assert places["R"] == {}
    assert FUNCTION["Properties"] == {"CodeUri": "./deployment.zip"}


def test_images_are_refused(tmp_path: Path) -> None:
    function = {"Type": "AWS::Serverless::Function", "Properties": {"PackageType": "Image"}}

    with pytest.raises(ToolError, match="takes apps that are zips"):
        with_assets({"Resources": {"A": function}}, tmp_path, lambda id_, path: {})


def test_folders_are_readable_and_differ(tmp_path: Path) -> None:
    assert folder_name("shop/App").startswith("shop-App-")
    assert folder_name("a/b-c") != folder_name("a-b/c")
    assert folder_name("/").startswith("app-")
