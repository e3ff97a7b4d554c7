"""Every page of the documentation is run as it stands.

The first line of a ``python`` block names the file that it is written to: ``# app.py``. In a
``console`` block each line after ``$`` is a command, and the lines under it are what stdout must
say; a ``...`` stands for anything. A ``json`` block with the page's app is its configuration.
Blocks in ``text`` are for reading.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalice.config.reference import markdown
from tests.e2e.project import LIMIT, ROOT, Project

PAGES = sorted((ROOT / "docs").glob("*.md"))
FILE = re.compile(r"# ((?:\w+/)?\w+\.py)\n")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    for match in BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield match[1], match[2]


def steps(console: str) -> Iterator[tuple[str, str]]:
    """Yield each command of a block and what it should print."""
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output


def variables_after(command: str, here: Path, environment: dict[str, str]) -> dict[str, str]:
    """Return the environment that a command leaves to those after it."""
    done = subprocess.run(
        ["sh", "-c", f"{command} && env -0"],
        cwd=here,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=LIMIT,
        check=True,
    )
    return dict(each.split("=", 1) for each in done.stdout.split("\0") if each)


def matches(expected: str, actual: str) -> bool:
    pattern = ".*".join(re.escape(piece) for piece in expected.rstrip("\n").split("..."))
    return re.fullmatch(pattern, actual.rstrip("\n"), re.DOTALL) is not None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_the_page_works(page: Path, user: dict[str, str], tmp_path: Path) -> None:
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name, arguments in {"chalice": "-m chalice", "python": ""}.items():
        program = bin_folder / name
        program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments} "$@"\n')
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    environment = {
        **user,
        "PATH": f"{bin_folder}{os.pathsep}{user['PATH']}",
        "CHALICE_CLOUD_HOME": str(tmp_path / "cloud"),
    }
    here = tmp_path / "work"
    here.mkdir()
    try:
        for language, text in blocks(page):
            match language:
                case "python":
                    file = FILE.match(text)
                    assert file is not None, f"{page.name}: what file is this?\n{text}"
                    (here / file[1]).parent.mkdir(exist_ok=True)
                    (here / file[1]).write_text(text)
                    config = here / ".chalice" / "config.json"
                    if not config.exists():
                        config.parent.mkdir()
                        config.write_text(f'{{"version": "2.0", "app_name": "{page.stem}"}}\n')
                case "json" if f'"app_name": "{page.stem}"' in text:
                    (here / ".chalice" / "config.json").write_text(text)
                case "console":
                    for command, expected in steps(text):
                        if command.startswith("cd "):
                            here = here / command.removeprefix("cd ")
                            continue
                        if command.startswith("eval "):
                            environment = variables_after(command, here, environment)
                            continue
                        done = subprocess.run(
                            ["sh", "-c", command.replace("curl ", "curl -s --noproxy '*' ")],
                            cwd=here,
                            env=environment,
                            capture_output=True,
                            text=True,
                            timeout=LIMIT,
                            check=False,
                        )
                        told = f"$ {command}\n{done.stdout}{done.stderr}"
                        assert done.returncode == 0, told
                        assert matches(expected, done.stdout), told
                case _:
                    assert language in ("json", "text"), f"{page.name}: {language}"
    finally:
        Project(tmp_path, environment).run("cloud", "stop")


def test_the_configuration_page_lists_every_key() -> None:
    assert markdown() in (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).is_file(), target
