"""Resources as templates that other tools deploy: a package for each of their languages.

Each has ``render(resources) -> Template``, which is a ``match`` over all kinds of resources.
"""

from __future__ import annotations

from typing import Any, TypeAlias

Template: TypeAlias = dict[str, Any]
"""A whole template as JSON."""

CODE_FILE = "deployment.zip"
"""The file beside the template that has the code of all functions."""
IMAGE_FILE = "image.tar"
"""The file beside the template that has the container image of all functions."""
LAYER_FILE = "layer-deployment.zip"
"""The file beside the template that has the layer of requirements."""
