"""The lock file pins everything, by hash, and knows nothing of the machine it was made on."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
NAME = re.compile(r"^([\w.-]+)==\S+", re.MULTILINE)


def test_no_host_and_no_path_stands_in_the_lock() -> None:
    without_origins = re.sub(r"^ +# +.*$", "", LOCK, flags=re.MULTILINE)
    assert not re.search(r"://|^-|@ |/", without_origins, re.MULTILINE)
    assert not re.search(r"://|# via .*/", LOCK)


def test_every_package_has_hashes() -> None:
    blocks = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)
    packages = [block for block in blocks if NAME.match(block)]
    assert len(packages) > 50
    assert all("--hash=sha256:" in package for package in packages)


def test_every_dependency_of_the_project_is_locked() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    declared = project.partition("\ndependencies = [")[2].partition("[project.scripts]")[0]
    wanted = set(re.findall(r'^    "([\w.-]+)', declared, re.MULTILINE))
    assert {"botocore", "moto", "pytest"} <= wanted
    assert {name.lower() for name in wanted} <= set(NAME.findall(LOCK))
