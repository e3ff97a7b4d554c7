"""Modules with every kind of resource and setting are what Terraform and its provider take."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalice.model.functions import Image
from chalice.render import CODE_FILE, LAYER_FILE, terraform
from tests.e2e.terraform_module import Module, reason_to_skip
from tests.render import everything
from tests.render.stages import resources_of


def test_modules_of_all_there_is_are_valid(tmp_path: Path) -> None:
    reason = reason_to_skip(tmp_path)
    if reason is not None:
        pytest.skip(reason)
    image = Image("digest", Path("image.tar"))
    stages = {
        "image": resources_of(everything.everything(), tmp_path, {}, code=image),
        **{name: everything.stage(name, tmp_path) for name in everything.CONFIGS},
    }
    for name, resources in stages.items():
        folder = tmp_path / "root" / name.replace(" ", "_")
        folder.mkdir(parents=True)
        template = terraform.render(resources, "demo", "dev")
        template.get("variable", {}).get("chalice_image_uri", {})["default"] = "r/i:1"
        (folder / terraform.TEMPLATE_FILE).write_text(json.dumps(template))
        for zip_name in (CODE_FILE, LAYER_FILE):
            (folder / zip_name).write_bytes(b"")
    root = Module(tmp_path / "root", "http://127.0.0.1:1")
    root.init(*(path.name for path in root.directory.iterdir() if path.is_dir()))
    assert root.validate() == []
