"""Layers of Lambda functions: https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from chalice.aws.calls import doing, or_none
from chalice.aws.session import Session
from chalice.aws.uploads import Uploads
from chalice.model.functions import Code, Layer
from chalice.model.resources import Identity
from chalice.model.state import Found, Record
from chalice.model.values import Outputs

_OURS = "chalice "
"""What the description of a version begins with, before the digest of its zip."""


class Layers:
    """Versions of layers. None ever changes; a new one is published beside the old one."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._uploads = Uploads(session)

    @property
    def _lambda(self) -> Any:
        return self._session.client("lambda")

    def find(self, identity: Identity) -> Outputs | None:
        """Return the outputs of the newest version of the layer with that content."""
        name, wanted = identity["layer_name"], _OURS + identity["content"]
        with doing(f"looking for layer {name}"):
            pages = self._lambda.get_paginator("list_layer_versions").paginate(LayerName=name)
            for page in or_none(lambda: list(pages)) or []:
                for version in page["LayerVersions"]:
                    if version.get("Description") == wanted:
                        return {"layer_version_arn": version["LayerVersionArn"]}
        return None

    def read(self, record: Record) -> Found | None:
        """Return the recorded version. It is ours if its description says so."""
        arn = record.outputs["layer_version_arn"]
        with doing(f"reading layer version {arn}"):
            found = or_none(lambda: self._lambda.get_layer_version_by_arn(Arn=arn))
        if found is None:
            return None
        content = found["Content"]["CodeSha256"]
        layer = Layer(
            name=record.name,
            layer_name=found["LayerArn"].rpartition(":")[2],
            content=content,
            runtime=next(iter(found.get("CompatibleRuntimes", [])), ""),
            code=Code(content, Path()),
        )
        ours = found.get("Description", "").startswith(_OURS)
        return Found(layer, record.outputs, ours=ours)

    def create(self, layer: Layer) -> Outputs:
        """Publish a version."""
        content = self._uploads.content(layer.code)
        with doing(f"publishing layer {layer.layer_name}"):
            made = self._lambda.publish_layer_version(
                LayerName=layer.layer_name,
                Description=_OURS + layer.content,
                Content=content,
                CompatibleRuntimes=[layer.runtime],
            )
        return {"layer_version_arn": made["LayerVersionArn"]}

    def update(self, layer: Layer, record: Record, fields: Collection[str]) -> Outputs:
        """Publish a version: nothing of one changes in place."""
        return self.create(layer)

    def delete(self, record: Record) -> None:
        """Delete the version; functions that have it keep it."""
        arn = record.outputs["layer_version_arn"]
        name, _, version = arn.rpartition(":")
        with doing(f"deleting layer version {arn}"):
            or_none(
                lambda: self._lambda.delete_layer_version(
                    LayerName=name, VersionNumber=int(version)
                )
            )
