"""Layers: versions that are published, looked up by name or ARN, and handed to functions.

moto keeps a zip twice, cannot be asked for a version by its ARN, and knows no other accounts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

from moto.awslambda.exceptions import InvalidParameterValueException
from moto.awslambda.models import LambdaBackend, LayerVersion
from moto.awslambda.responses import LambdaResponse

from chalice.cloud.control.zips import check_request, check_zip, fetching
from chalice.cloud.functions import LayerZip

_VERSION_ARN = re.compile(
    r"arn:aws[a-z-]*:lambda:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):"
    r"layer:(?P<name>[A-Za-z0-9_-]+):(?P<version>\d+)"
)
MAX_LAYERS = 5
"""Layers of one function."""


class LayerBackend(LambdaBackend):
    """The layers of one region."""

    def publish_layer_version(self, spec: dict[str, Any]) -> LayerVersion:
        """Publish a version of a layer, whose zip must be one."""
        check_request(spec.get("Content") or {})
        with fetching():
            made = super().publish_layer_version(spec)
        try:
            check_zip(spec["Content"], made.code_bytes)
        except InvalidParameterValueException:
            super().delete_layer_version(made.name, str(made.version))
            raise
        made.content = {key: value for key, value in made.content.items() if key != "ZipFile"}
        return made

    def layer_zips(self, arns: Sequence[str]) -> tuple[LayerZip, ...]:
        """Return the layers of a function.

        Those of other accounts cannot be had: they have no content. Raises what AWS answers for
        a version of this account that does not exist.
        """
        if len(arns) > MAX_LAYERS:
            raise InvalidParameterValueException(f"Cannot reference more than {MAX_LAYERS} layers.")
        return tuple(self._layer_zip(arn) for arn in arns)

    def _layer_zip(self, arn: str) -> LayerZip:
        parts = _VERSION_ARN.fullmatch(arn)
        if parts is None:
            raise InvalidParameterValueException(f"Invalid layer version ARN: {arn}")
        if parts["region"] != self.region_name:
            raise InvalidParameterValueException(
                f"Layers must be in the same region as the function: {arn}"
            )
        if parts["account"] != self.account_id:
            return LayerZip(arn=arn, sha256="", content=None)
        found = self.layers_versions_by_arn(arn)
        if found is None:
            raise InvalidParameterValueException(f"Layer version {arn} does not exist.")
        return LayerZip(arn=arn, sha256=found.code_sha_256, content=found.code_bytes)


class LayerResponse(LambdaResponse):
    """One request to Lambda about layers."""

    def list_layers(self) -> str:
        """Answer ListLayers, and GetLayerVersionByArn, which has the same path."""
        if self.querystring.get("find") == ["LayerVersion"]:
            return self.get_layer_version_by_arn()
        return super().list_layers()

    def get_layer_version_by_arn(self) -> str:
        """Answer GetLayerVersionByArn."""
        if self.querystring.get("find") != ["LayerVersion"]:
            return super().list_layers()
        name, _, version = unquote(self.querystring["Arn"][0]).rpartition(":")
        return json.dumps(self.backend.get_layer_version(name, version).get_layer_version())
