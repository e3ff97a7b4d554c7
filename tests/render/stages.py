"""Apps that are declared in tests, as the resources of a stage: no zip is built."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chalice import Chalice, graph
from chalice.config import Config
from chalice.model.functions import Code
from chalice.model.resources import Resource
from chalice.policy import StagePolicies

CODE = Code("code", Path("deployment.zip"))
LAYER = Code("layer", Path("layer.zip"))


def resources_of(
    app: Chalice,
    directory: Path,
    document: Mapping[str, Any],
    stage: str = "dev",
    files: Mapping[str, object] | None = None,
) -> Sequence[Resource]:
    """Return the resources of a stage whose configuration file is ``document``.

    ``files`` are documents below ``.chalice``.
    """
    (directory / ".chalice").mkdir(exist_ok=True)
    for name, content in (files or {}).items():
        (directory / ".chalice" / name).write_text(json.dumps(content))
    config = Config(
        stage,
        user_provided_params={"project_dir": str(directory), "chalice_app": app},
        config_from_disk={"version": "2.0", "app_name": app.app_name, **document},
    )
    layer = LAYER if config.automatic_layer else None
    return graph.build(app, config, CODE, StagePolicies(directory), layer)
