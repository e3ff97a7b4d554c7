"""Apps that are declared in tests, as the resources of a stage: no zip is built."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from chalice import Chalice, graph
from chalice.config import Config
from chalice.model.functions import Code, Image
from chalice.model.resources import Resource
from chalice.policy import StagePolicies

PROJECTS = Path(__file__).parent / "apps"
CODE = Code("code", Path("deployment.zip"))
LAYER = Code("layer", Path("layer.zip"))


def resources_of(
    app: Chalice,
    directory: Path,
    document: Mapping[str, Any],
    stage: str = "dev",
    code: Code | Image = CODE,
) -> Sequence[Resource]:
    """Return the resources of a stage of the project in a directory.

    ``document`` is what its configuration file would say.
    """
    config = Config(
        stage,
        user_provided_params={"project_dir": str(directory), "chalice_app": app},
        config_from_disk={"version": "2.0", "app_name": app.app_name, **document},
    )
    layer = LAYER if config.automatic_layer else None
    return graph.build(app, config, code, StagePolicies(directory), layer)


def resources_of_project(name: str, stage: str) -> Sequence[Resource]:
    """Return the resources of a stage of one of the projects in ``apps/``."""
    app: Chalice = import_module(f"tests.render.apps.{name}.app").app
    return resources_of(app, PROJECTS / name, configuration(name), stage)


def configuration(name: str) -> Mapping[str, Any]:
    """Return the configuration file of one of the projects in ``apps/``."""
    text = (PROJECTS / name / ".chalice" / "config.json").read_text()
    document: Mapping[str, Any] = json.loads(text)
    return document
