"""Seconds to bundle an app with requests, pydantic, numpy and boto3, and the sizes of the zips.

Each tool bundles the same project in a process of its own, which does nothing else: first with
its caches empty, then with `app.py` changed, then with nothing changed. Packages come from the
index that pip is configured with. AWS SAM CLI is measured where it builds without a container.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench.peers import ENVIRONMENTS, PEERS, ROOT, Peer, prepare

AWS_CHALICE = next(peer for peer in PEERS if peer.name == "aws_chalice")
SAM = Peer("AWS SAM CLI", "sam", "", ("aws-sam-cli", "pip", "setuptools"))
# AWS Chalice finds no newer numpy for Python 3.11, whose runtime has an old C library.
REQUIREMENTS = ("requests", "pydantic", "numpy<2.3", "boto3")
MODULES = ("requests", "pydantic", "numpy", "boto3")
STEPS = ("caches empty", "app changed", "nothing changed")
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
APP = f"""
from chalice import Chalice
import {", ".join(MODULES)}

app = Chalice(app_name="packed")

@app.route("/")
def index():
    return {{"numpy": numpy.__version__}}
"""
OURS = """
import sys
from pathlib import Path
from chalice.bundle import Bundles, Settings, Target, build, tried
options = {name: True for name in sys.argv[1].split(",") if name}
target, settings = Target("%d.%d" % sys.version_info[:2], "x86_64"), Settings(**options)
made = build(Path("."), target, say=lambda line: None, settings=settings)
with tried(Path("."), target, Bundles(made), settings, lambda line: None):
    print(made.path)
"""
THEIRS = """
import sys
from chalice.cli.factory import CLIFactory
from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager
from chalice.deploy.packager import PipRunner, SubprocessPip
from chalice.utils import OSUtils, UI
osutils, ui = OSUtils(), UI(out=sys.stderr)
pip = PipRunner(SubprocessPip(osutils))
builder = DependencyBuilder(osutils, pip)
packager = LambdaDeploymentPackager(osutils, builder, ui)
print(packager.create_deployment_package(".", "python%d.%d" % sys.version_info[:2]))
"""
TEMPLATE = f"""
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Resources:
  Packed:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: .
      Handler: app.app
      Runtime: python{PYTHON}
"""


@dataclass(frozen=True)
class Tool:
    """What bundles: its title, its command, and the variables it needs."""

    title: str
    command: Sequence[str]
    variables: Mapping[str, str]


def tools() -> list[Tool]:
    """Ours, and the peers that can be installed here."""
    environment = AWS_CHALICE.environment / "bin"
    ours = [sys.executable, "-c", OURS]
    here = {"PYTHONPATH": str(ROOT)}
    found = [
        Tool("this project", [*ours, "bytecode"], here),
        Tool("this project, app imported too", [*ours, "bytecode,check"], here),
        Tool("this project, not compiled", [*ours, ""], here),
        Tool("this project, boto3 bundled", [*ours, "bytecode,boto3"], here),
        Tool("AWS Chalice", [str(environment / "python"), "-c", THEIRS], {}),
    ]
    sam = SAM.environment / "bin" / "sam"
    if sam.exists():
        build = [
            str(sam),
            "build",
            "--cached",
            "--cache-dir",
            "../cache",
            "--build-dir",
            "../build",
        ]
        path = {"PATH": f"{SAM.environment / 'bin'}{os.pathsep}{os.environ['PATH']}"}
        found.append(Tool("AWS SAM CLI", build, {**path, "SAM_CLI_TELEMETRY": "0"}))
    return found


def run(tool: Tool) -> dict[str, tuple[float, int]]:
    """Seconds, and bytes of the zip, of each step in the life of one project."""
    with tempfile.TemporaryDirectory() as home:
        project = Path(home) / "project"
        (project / ".chalice").mkdir(parents=True)
        (project / ".chalice" / "config.json").write_text('{"version":"2.0","app_name":"packed"}')
        (project / "app.py").write_text(APP)
        (project / "requirements.txt").write_text("\n".join(REQUIREMENTS) + "\n")
        (project / "template.yaml").write_text(TEMPLATE)
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in ("PATH", "LANG", "SSL_CERT_FILE") or name.startswith("PIP_")
        }
        environment = {
            **kept,
            "HOME": home,
            "AWS_DEFAULT_REGION": "us-east-1",
            **tool.variables,
        }
        found = {}
        for step in STEPS:
            if step == "app changed":
                (project / "app.py").write_text(f"{APP}\n# changed\n")
            began = time.perf_counter()
            done = subprocess.run(
                tool.command, cwd=project, env=environment, check=True, stdout=subprocess.PIPE
            )
            found[step] = time.perf_counter() - began, _size(project, done.stdout.decode())
        return found


def _size(project: Path, printed: str) -> int:
    """Bytes of the zip that was printed, or of what SAM would zip."""
    build = project.parent / "build" / "Packed"
    if not build.is_dir():
        return (project / printed.strip().splitlines()[-1]).stat().st_size
    made = Path(shutil.make_archive(str(project.parent / "sam"), "zip", build))
    size = made.stat().st_size
    made.unlink()
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="three runs")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    runs = 3 if options.quick else options.runs
    prepare(AWS_CHALICE)
    _prepare_theirs()
    seconds: dict[tuple[str, str], list[float]] = {}
    sizes: dict[str, int] = {}
    found = tools()
    for _ in range(runs):
        for tool in found:
            for step, (took, size) in run(tool).items():
                seconds.setdefault((tool.title, step), []).append(took)
                sizes[tool.title] = size
    rows = [
        {
            "tool": tool.title,
            "zip_bytes": sizes[tool.title],
            **{step: median(seconds[tool.title, step]) for step in STEPS},
        }
        for tool in found
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    print(f"bundling an app with {', '.join(MODULES)}; seconds, median of {runs}")
    print(f"{'':36} {'empty':>8} {'changed':>8} {'same':>8} {'zip MB':>8}")
    for row in rows:
        times = " ".join(f"{float(str(row[step])):8.2f}" for step in STEPS)
        print(f"{row['tool']:36} {times} {int(str(row['zip_bytes'])) / 1024**2:8.1f}")
    ours, *_, theirs = (row for row in rows if row["tool"] in ("this project", "AWS Chalice"))
    ratios = " ".join(f"{float(str(theirs[step])) / float(str(ours[step])):8.1f}" for step in STEPS)
    print(f"{'AWS Chalice / this project':36} {ratios}")


def _prepare_theirs() -> None:
    """AWS Chalice runs pip of its own environment; SAM needs to be installable at all."""
    import uv

    tool = uv.find_uv_bin()
    python = AWS_CHALICE.environment / "bin" / "python"
    subprocess.run(
        [tool, "pip", "install", "--quiet", "--python", python, "pip", "setuptools", "wheel"],
        check=True,
    )
    ENVIRONMENTS.mkdir(exist_ok=True)
    try:
        prepare(SAM)
    except subprocess.CalledProcessError:
        print("AWS SAM CLI cannot be installed here", file=sys.stderr)


if __name__ == "__main__":
    main()
