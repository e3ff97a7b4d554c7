"""AWS Chalice's `gen-policy`, run as a program from PyPI."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench.peers import PEERS, prepare

AWS_CHALICE = next(peer for peer in PEERS if peer.name == "aws_chalice")


def actions_of_original(program: Path) -> set[str]:
    """Return the actions in the policy that it generates for a program; none if it fails."""
    prepare(AWS_CHALICE)
    with tempfile.TemporaryDirectory() as directory:
        project = Path(directory) / "project"
        shutil.copytree(program, project)
        configuration = project / ".chalice"
        configuration.mkdir()
        (configuration / "config.json").write_text('{"version": "2.0", "app_name": "x"}')
        done = subprocess.run(
            [AWS_CHALICE.environment / "bin" / "chalice", "gen-policy", "--filename", "app.py"],
            cwd=project,
            check=False,
            capture_output=True,
            text=True,
        )
    start = done.stdout.find("{")
    if done.returncode != 0 or start < 0:
        return set()
    policy = json.loads(done.stdout[start:])
    return {action for statement in policy["Statement"] for action in statement["Action"]}
