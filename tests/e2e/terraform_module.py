"""Terraform itself, run on what ``chalice package`` wrote, against an embedded cloud.

The AWS provider is taken from where Terraform finds it: a registry, a mirror, or the directory in
``CHALICE_TEST_TERRAFORM_PLUGINS``, laid out as ``terraform init -plugin-dir`` wants it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PLUGINS = "CHALICE_TEST_TERRAFORM_PLUGINS"
REGION = "us-east-1"
SERVICES = (
    "apigateway",
    "apigatewayv2",
    "cloudformation",
    "dynamodb",
    "events",
    "iam",
    "kinesis",
    "lambda",
    "logs",
    "s3",
    "sns",
    "sqs",
    "sts",
)
LIMIT = 300  # seconds for one command on a slow machine


def reason_to_skip(directory: Path) -> str | None:
    """Return why Terraform cannot be run here, None if it can."""
    if shutil.which("terraform") is None:
        return "terraform is not installed"
    provider = {"source": "hashicorp/aws", "version": ">= 5.0"}
    document = {"terraform": {"required_providers": {"aws": provider}}}
    (directory / "main.tf.json").write_text(json.dumps(document))
    done = _init(directory)
    if done.returncode:
        return f"Terraform's AWS provider is not to be had; {PLUGINS} may name its directory"
    return None


@dataclass
class Module:
    """A module of Terraform in a directory, for the embedded cloud at ``endpoint_url``."""

    directory: Path
    endpoint_url: str

    def init(self, *children: str) -> None:
        """Tell the provider where the cloud is, and let Terraform load it.

        ``children`` are directories below this one: the modules that it consists of, whose outputs
        are its own.
        """
        provider = {
            "region": REGION,
            "access_key": "test",
            "secret_key": "test",
            "s3_use_path_style": True,
            "skip_credentials_validation": True,
            "skip_metadata_api_check": True,
            "endpoints": dict.fromkeys(SERVICES, self.endpoint_url),
        }
        names = {child: Path(child).parts[0] for child in children}
        document = {
            "provider": {"aws": provider},
            "module": {name: {"source": f"./{child}"} for child, name in names.items()},
            "output": {name: {"value": f"${{module.{name}}}"} for name in names.values()},
        }
        parts = {part: content for part, content in document.items() if content}
        (self.directory / "main.tf.json").write_text(json.dumps(parts))
        done = _init(self.directory)
        assert done.returncode == 0, done.stdout + done.stderr

    def validate(self) -> list[Any]:
        """Return what Terraform has to say about the module."""
        done = _run(self.directory, "validate", "-json")
        diagnostics: list[Any] = json.loads(done.stdout)["diagnostics"]
        return diagnostics

    def apply(self) -> None:
        """Make what the module says."""
        done = _run(self.directory, "apply", "-auto-approve", "-input=false")
        assert done.returncode == 0, done.stdout + done.stderr

    def plan(self) -> str:
        """Return what Terraform would change: nothing, as a text that is empty."""
        done = _run(self.directory, "plan", "-detailed-exitcode", "-input=false")
        assert done.returncode in (0, 2), done.stdout + done.stderr
        return done.stdout if done.returncode else ""

    def outputs(self) -> dict[str, Any]:
        """Return the outputs by name: of a module that has children, the outputs of each."""
        done = _run(self.directory, "output", "-json")
        return {name: output["value"] for name, output in json.loads(done.stdout).items()}

    def destroy(self) -> None:
        """Remove all that was made."""
        done = _run(self.directory, "destroy", "-auto-approve", "-input=false")
        assert done.returncode == 0, done.stdout + done.stderr


def _init(directory: Path) -> subprocess.CompletedProcess[str]:
    where = [f"-plugin-dir={os.environ[PLUGINS]}"] if PLUGINS in os.environ else []
    return _run(directory, "init", "-input=false", *where)


def _run(directory: Path, command: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("AWS_") and name != "TF_DATA_DIR"
    }
    return subprocess.run(
        ["terraform", command, "-no-color", *arguments],
        cwd=directory,
        env={**environment, "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
