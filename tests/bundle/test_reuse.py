from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from chalice.bundle import Target, build
from tests.bundle.conftest import TARGET, Projects, bundled, dependencies, made, refused, write
from tests.bundle.packages import sdist, sources, wheel


def test_an_unchanged_project_gets_the_zip_it_has(project: Projects) -> None:
    root = project()
    lines: list[str] = []
    first = build(root, TARGET, say=lines.append)
    assert lines == ["Creating deployment package."]
    assert not first.reused
    lines.clear()
    second = build(root, TARGET, say=lines.append)
    assert lines == ["Creating deployment package.", "Reusing existing deployment package."]
    assert second.reused
    assert (second.path, second.sha256, second.size) == (first.path, first.sha256, first.size)


def edit(root: Path) -> None:
    write(root / "app.py", "ANSWER = 43\n")


def rename_a_vendored_file(root: Path) -> None:
    (root / "vendor/a.py").rename(root / "vendor/b.py")


def move_a_file_between_parts(root: Path) -> None:
    (root / "chalicelib/c.py").rename(root / "vendor/c.py")


def make_a_file_executable(root: Path) -> None:
    (root / "vendor/a.py").chmod(0o755)


def change_an_included_requirement_file(root: Path) -> None:
    write(root / "more/base.txt", "installed  # once more\n")


def change_a_constraint_file(root: Path) -> None:
    write(root / "bounds.txt", "installed<9\n")


def change_the_sources_of_a_local_package(root: Path) -> None:
    write(root / "local/local.py", "CHANGED = True\n")


def change_the_settings_of_uv(root: Path) -> None:
    write(root / "uv.toml", "[pip]\nresolution = 'lowest'\n")


def change_the_environment_of_uv(root: Path) -> None:
    os.environ["UV_RESOLUTION"] = "lowest"


def change_a_constraint_that_uv_is_told_of(root: Path) -> None:
    write(root / "told.txt", "installed<8\n")


def damage_the_zip(root: Path) -> None:
    [path] = made(root) - set(dependencies(root))
    os.truncate(path, 100)


@pytest.mark.parametrize(
    "change",
    [
        edit,
        rename_a_vendored_file,
        move_a_file_between_parts,
        make_a_file_executable,
        change_an_included_requirement_file,
        change_a_constraint_file,
        change_the_sources_of_a_local_package,
        change_the_settings_of_uv,
        change_the_environment_of_uv,
        change_a_constraint_that_uv_is_told_of,
        damage_the_zip,
    ],
)
def test_every_change_that_may_matter_makes_a_new_zip(
    project: Projects,
    links: Path,
    change: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("UV_RESOLUTION", "highest")
    monkeypatch.setenv("UV_CONSTRAINT", "told.txt")
    wheel(links, "installed")
    local = {f"local/{path}": text for path, text in sources("local").items()}
    root = project(
        {
            **local,
            "chalicelib/c.py": "",
            "vendor/a.py": "",
            "more/base.txt": "installed\n",
            "bounds.txt": "installed<5\n",
            "told.txt": "installed<7\n",
        },
        requirements="-r more/base.txt\n-c bounds.txt\n./local",
    )
    bundled(root)
    assert bundled(root).reused
    change(root)
    assert not bundled(root).reused
    assert bundled(root).reused


def test_touching_files_changes_nothing(project: Projects) -> None:
    root = project({"chalicelib/a.py": ""})
    bundled(root)
    for path in root.rglob("*.py"):
        path.touch()
    write(root / "chalicelib/__pycache__/a.cpython-312.pyc", "x")
    assert bundled(root).reused


def test_each_target_has_its_own_zip(project: Projects) -> None:
    root = project()
    paths = {bundled(root, target).path for target in (
        Target("3.12", "x86_64"), Target("3.12", "arm64"), Target("3.13", "x86_64")
    )}  # fmt: skip
    assert len(paths) == 3
    assert {path.name[64:] for path in paths} == {"-python3.12.zip", "-python3.13.zip"}


def test_a_changed_app_installs_nothing_again(project: Projects, links: Path) -> None:
    sdist(links, "installed")
    root = project(requirements="installed")
    lines: list[str] = []
    build(root, TARGET, say=lines.append)
    assert lines[1:] == [f"Building installed: no wheel fits {TARGET}."]
    before = [path.stat().st_ino for path in dependencies(root)]
    edit(root)
    lines.clear()
    assert not build(root, TARGET, say=lines.append).reused
    assert lines == ["Creating deployment package."]
    assert [path.stat().st_ino for path in dependencies(root)] == before


def test_a_changed_requirement_keeps_the_earlier_zip_for_the_way_back(
    project: Projects, links: Path
) -> None:
    wheel(links, "one")
    wheel(links, "two")
    root = project(requirements="one")
    earlier = (root / "requirements.txt").read_text()
    first = bundled(root)
    write(root / "requirements.txt", earlier.replace("one", "two"))
    assert not bundled(root).reused
    write(root / "requirements.txt", earlier)
    again = bundled(root)
    assert (again.reused, again.sha256) == (True, first.sha256)


def test_only_the_latest_zips_are_kept_and_other_files_left_alone(project: Projects) -> None:
    root = project()
    folder = root / ".chalice" / "deployments"
    foreign = folder / f"{'0' * 32}-python3.12.zip"
    abandoned = folder / ".bundle-abc123.tmp"
    write(foreign, "made by another tool")
    write(abandoned, "left by a killed build")
    os.utime(abandoned, (1, 1))
    ours = []
    for number in range(7):
        write(root / "app.py", f"ANSWER = {number}\n")
        ours.append(bundled(root).path)
        os.utime(ours[-1], (number + 2, number + 2))
    assert made(root) == {foreign, *ours[2:]}


def test_a_full_disk_leaves_the_earlier_zip_whole_and_nothing_else(project: Projects) -> None:
    root = project({"vendor/data.bin": os.urandom(50_000)})
    first = bundled(root)
    data = first.path.read_bytes()
    write(root / "vendor/data.bin", os.urandom(500_000))
    code = """
import resource, sys
from pathlib import Path
from chalice.bundle import Target, build
from chalice.errors import ToolError
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    build(Path(sys.argv[1]), Target("3.12", "x86_64"), say=lambda line: None)
except ToolError as error:
    sys.exit(f"{error.summary} / {error.where} / {error.hint}")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=False
    )
    place = root / ".chalice" / "deployments"
    assert done.stderr == (
        f"cannot write the bundle: File too large / {place} / free some space on the disk\n"
    )
    assert made(root) == {first.path}
    assert first.path.read_bytes() == data
    assert not bundled(root).reused


def test_a_full_disk_while_requirements_are_installed_is_told_too(
    project: Projects, links: Path
) -> None:
    wheel(links, "installed", files={"installed.py": bytes(500_000)})
    root = project(requirements="installed")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        error = refused(root)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert error.summary == "uv was killed by SIGXFSZ while it installed the requirements"
    assert dependencies(root) == []


def test_a_place_that_cannot_hold_the_zip_is_named(project: Projects) -> None:
    root = project({".chalice/deployments": "a file"})
    error = refused(root)
    assert error.summary == "cannot write the bundle: File exists"
    assert error.where == str(root / ".chalice" / "deployments")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write and read everything")
def test_a_directory_that_may_not_be_written_is_named(project: Projects) -> None:
    root = project({".chalice/config.json": "{}"})
    (root / ".chalice").chmod(0o500)
    try:
        error = refused(root)
    finally:
        (root / ".chalice").chmod(0o700)
    assert error.summary == "cannot write the bundle: Permission denied"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write and read everything")
def test_a_file_that_may_not_be_read_is_named(project: Projects) -> None:
    root = project({"chalicelib/key.py": ""})
    (root / "chalicelib/key.py").chmod(0)
    error = refused(root)
    assert (error.summary, error.where) == (
        "cannot read the file: Permission denied",
        "chalicelib/key.py",
    )


def test_a_read_only_project_still_reuses_its_zip(project: Projects) -> None:
    root = project()
    folder = bundled(root).path.parent
    folder.chmod(0o500)
    try:
        assert bundled(root).reused
    finally:
        folder.chmod(0o700)


def test_two_builds_at_once_make_one_zip(project: Projects, links: Path) -> None:
    wheel(links, "installed", files={"installed.py": os.urandom(300_000)})
    root = project(requirements="installed")
    code = """
import sys
from pathlib import Path
from chalice.bundle import Target, build
print(build(Path(sys.argv[1]), Target("3.12", "x86_64"), say=lambda line: None).sha256)
"""
    command = [sys.executable, "-c", code, str(root)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {process.communicate()[0] for process in running}
    assert len(answers) == 1
    assert answers == {bundled(root).sha256 + "\n"}
    assert len(made(root)) == 2


def test_a_copied_project_takes_its_zips_along(project: Projects, tmp_path: Path) -> None:
    root = project()
    first = bundled(root)
    copy = shutil.copytree(root, tmp_path / "copy")
    assert bundled(copy).reused
    assert bundled(copy).sha256 == first.sha256
