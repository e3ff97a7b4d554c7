from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from chalice.bundle import runtime_files
from tests.bundle.conftest import Projects, bundled, refused, write
from tests.bundle.packages import wheel

APP = """
from chalice import Chalice
from chalicelib.greeting import GREETING
import vendored

app = Chalice(app_name="bundled")

@app.route("/")
def index():
    return {"hello": GREETING, "vendored": vendored.NAME}
"""


def names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return archive.namelist()


def text(path: Path, name: str) -> str:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name).decode()


def test_the_zip_holds_the_app_the_runtime_and_vendor_at_its_root(project: Projects) -> None:
    root = project(
        {
            "chalicelib/__init__.py": "",
            "chalicelib/data/table.csv": "a,b",
            "vendor/lib/__init__.py": "",
            "tests/test_app.py": "",
            "README.md": "",
            ".chalice/config.json": "{}",
            "requirements.txt": "# nothing yet\n\n",
        }
    )
    own = ["app.py", "chalicelib/__init__.py", "chalicelib/data/table.csv", "lib/__init__.py"]
    assert names(bundled(root).path) == sorted([*own, *runtime_files()])


def test_the_runtime_ships_without_the_tool() -> None:
    shipped = set(runtime_files())
    assert {"chalice/__init__.py", "chalice/app.py", "chalice/runtime/app.py"} <= shipped
    assert not [name for name in shipped if name.split("/")[1] in ("cli", "bundle", "aws", "plan")]


def test_the_unpacked_bundle_imports_with_nothing_else_installed(
    project: Projects, links: Path, tmp_path: Path
) -> None:
    wheel(links, "installed")
    root = project(
        {
            "app.py": APP + "\nimport installed\n",
            "chalicelib/__init__.py": "",
            "chalicelib/greeting.py": "GREETING = 'world'",
            "vendor/vendored.py": "NAME = 'vendored'",
        },
        requirements="installed",
    )
    with zipfile.ZipFile(bundled(root).path) as archive:
        archive.extractall(tmp_path / "task")
    code = "import sys; sys.path.append(sys.argv[1]); import app; print(app.app.app_name)"
    command = [sys.executable, "-I", "-S", "-W", "error", "-c", code, str(tmp_path / "task")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("bundled\n", "")


def test_the_digest_is_what_lambda_calls_code_sha256(project: Projects) -> None:
    bundle = bundled(project())
    data = bundle.path.read_bytes()
    assert base64.b64decode(bundle.sha256) == hashlib.sha256(data).digest()
    assert bundle.size == len(data)


def test_equal_projects_make_equal_bytes_wherever_and_whenever(
    project: Projects, links: Path
) -> None:
    wheel(links, "installed", scripts=["hello = installed:main"])
    files = {"chalicelib/b.py": "b", "chalicelib/a.py": "a", "vendor/z.py": "z" * 9999}
    first = project(files, requirements="installed", name="first")
    before = os.umask(0o077)
    try:
        second = project(
            dict(reversed(files.items())), requirements="installed", name="deep/second"
        )
    finally:
        os.umask(before)
    for path in second.rglob("*.py"):
        os.utime(path, (1, 1))
    one, other = bundled(first), bundled(second)
    assert one.path.name == other.path.name
    assert one.path.read_bytes() == other.path.read_bytes()


def test_bytecode_stays_behind(project: Projects) -> None:
    root = project(
        {
            "chalicelib/__init__.py": "",
            "chalicelib/__pycache__/a.cpython-312.pyc": "x",
            "vendor/b.pyc": "x",
            "vendor/lib/__pycache__/c.txt": "x",
        }
    )
    assert names(bundled(root).path) == sorted(
        ["app.py", "chalicelib/__init__.py", *runtime_files()]
    )


def test_modes_are_reduced_to_whether_a_file_is_executable(project: Projects) -> None:
    root = project({"chalicelib/secret.py": "", "vendor/bin/tool": "#!/bin/sh\n"})
    (root / "chalicelib/secret.py").chmod(0o600)
    (root / "vendor/bin/tool").chmod(0o711)
    with zipfile.ZipFile(bundled(root).path) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
        dates = {info.date_time for info in archive.infolist()}
    assert modes["chalicelib/secret.py"] == 0o100644
    assert modes["bin/tool"] == 0o100755
    assert dates == {(1980, 1, 1, 0, 0, 0)}


def test_later_parts_win_and_no_path_comes_twice(project: Projects, links: Path) -> None:
    both = {"shared.py": b"installed", "app.py": b"installed", "chalicelib/a.py": b"installed"}
    wheel(links, "installed", files=both)
    root = project(
        {"chalicelib/a.py": "app", "vendor/shared.py": "vendor", "vendor/chalicelib/b.py": "v"},
        requirements="installed",
    )
    path = bundled(root).path
    assert len(names(path)) == len(set(names(path)))
    assert text(path, "shared.py") == "vendor"
    assert text(path, "app.py") == "ANSWER = 42\n"
    assert text(path, "chalicelib/a.py") == "app"
    assert "chalicelib/b.py" in names(path)


@pytest.mark.parametrize(
    "requirement", ["chalice", "chalice[cdk]==1.31.0", "Chalice>=1", "dependent"]
)
def test_chalice_as_a_requirement_leaves_the_runtime_alone(
    project: Projects, links: Path, requirement: str
) -> None:
    wheel(links, "chalice", files={"chalice/app.py": b"other", "chalice/cli.py": b"other"})
    wheel(links, "dependent", needs=["chalice"])
    path = bundled(project(requirements=requirement)).path
    assert [name for name in names(path) if name.startswith("chalice")] == list(runtime_files())
    assert text(path, "chalice/app.py") == runtime_files()["chalice/app.py"].read_text()


def test_a_package_that_brings_a_chalice_of_its_own_leaves_the_runtime_alone(
    project: Projects, links: Path
) -> None:
    wheel(links, "fork", files={"chalice/cli.py": b"other", "fork.py": b""})
    path = bundled(project(requirements="fork")).path
    assert [name for name in names(path) if name.startswith("chalice")] == list(runtime_files())
    assert "chalice/cli.py" not in text(path, "fork-1.0.dist-info/RECORD")


def test_links_within_the_project_are_bundled_as_what_they_name(project: Projects) -> None:
    root = project({"common/code.py": "common", "chalicelib/__init__.py": ""})
    (root / "chalicelib/code.py").symlink_to("../common/code.py")
    (root / "chalicelib/folder").symlink_to(root / "common")
    path = bundled(root).path
    assert text(path, "chalicelib/code.py") == text(path, "chalicelib/folder/code.py") == "common"


def test_a_link_out_of_the_project_is_refused(project: Projects, tmp_path: Path) -> None:
    write(tmp_path / "secret", "secret")
    root = project({"chalicelib/__init__.py": ""})
    (root / "chalicelib/key.pem").symlink_to(tmp_path / "secret")
    error = refused(root)
    assert error.summary.startswith("a symbolic link leads out of the project")
    assert error.where == "chalicelib/key.pem"


def test_a_link_to_nothing_is_refused(project: Projects) -> None:
    root = project()
    (root / "vendor").symlink_to("gone")
    error = refused(root)
    assert error.summary == "a symbolic link leads nowhere: `gone`"
    assert error.where == "vendor"


def test_links_in_a_circle_are_refused(project: Projects) -> None:
    root = project({"vendor/lib/__init__.py": ""})
    (root / "vendor/lib/again").symlink_to("..")
    assert refused(root).where == "vendor/lib/again"
    (root / "vendor/lib/again").unlink()
    (root / "vendor/lib/again").symlink_to("again")
    assert refused(root).summary == "a symbolic link leads nowhere: `again`"


def test_a_pipe_is_refused_instead_of_waited_for(project: Projects) -> None:
    root = project({"chalicelib/__init__.py": ""})
    os.mkfifo(root / "chalicelib/pipe")
    error = refused(root)
    assert (error.summary, error.where) == ("neither a file nor a directory", "chalicelib/pipe")


def test_a_name_that_is_not_text_is_refused(project: Projects) -> None:
    root = project({"chalicelib/__init__.py": ""})
    try:
        Path(os.fsdecode(bytes(root / "chalicelib") + b"/caf\xe9")).touch()
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    assert refused(root).where == "chalicelib/caf\\udce9"


def test_no_app_is_an_error(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert (error.summary, error.where) == ("there is no app.py to bundle", str(tmp_path))


def test_paths_that_differ_only_in_case_are_refused(project: Projects) -> None:
    error = refused(project({"vendor/App.py": ""}))
    assert error.summary == "two files of the bundle differ only in case: `App.py` and `app.py`"


def test_a_file_where_another_part_has_a_directory_is_refused(project: Projects) -> None:
    error = refused(project({"chalicelib/a.py": "", "vendor/chalicelib": ""}))
    assert error.summary.startswith("`chalicelib` is a file in one part of the bundle")


def test_what_lambda_would_not_unpack_is_refused_with_what_weighs_most(
    project: Projects, links: Path
) -> None:
    wheel(links, "heavy", "2.5", files={"heavy/data.bin": bytes(12 << 20)})
    root = project(requirements="heavy")
    for number in range(9):
        big = root / f"vendor/part{number}/data.bin"
        write(big, "")
        os.truncate(big, (27 + number) << 20)
    error = refused(root)
    assert error.summary.startswith("the bundle unpacks to 291.")
    assert error.summary.endswith(" MB, Lambda takes 250.0 MB")
    assert error.hint is not None
    listed = error.hint.partition("parts: ")[2].split(", ")
    assert len(listed) == 10
    assert listed[0] == "vendor/part8 35.0 MB"
    assert listed[9] == "heavy 2.5 12.0 MB"
