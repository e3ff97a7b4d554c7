from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from uv import find_uv_bin

from chalice.bundle import Declaration, Settings, Target, build
from chalice.errors import ToolError
from tests.bundle.conftest import TARGET, Projects, bundled, made, refused, write
from tests.bundle.packages import sdist, sources, wheel


def pyproject(links: Path, *needs: str, python: str = ">=3.10", more: str = "") -> str:
    return (
        f'[project]\nname = "shop"\nversion = "1"\nrequires-python = "{python}"\n'
        f"dependencies = {list(needs)}\n"
        f'[tool.uv]\nno-index = true\nfind-links = ["{links}"]\n{more}'
    )


def uv(root: Path, *arguments: str) -> None:
    subprocess.run(
        [find_uv_bin(), *arguments, "--quiet", "--python", sys.executable],
        cwd=root,
        env={**os.environ, "UV_PYTHON_DOWNLOADS": "never"},
        check=True,
    )


def names(root: Path, chosen: Declaration | None = None, target: Target = TARGET) -> set[str]:
    """The modules and packages at the top of the bundle, with their versions where installed."""
    settings = Settings(dependencies_from=chosen)
    made = build(root, target, say=lambda line: None, settings=settings)
    with zipfile.ZipFile(made.path) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    return {top.removesuffix(".dist-info") for top in tops} - {"app.py", "chalice"}


def test_the_dependencies_of_a_pyproject_are_bundled_without_the_project_or_chalice(
    project: Projects, links: Path
) -> None:
    wheel(links, "alpha", needs=["beta"])
    wheel(links, "beta")
    wheel(links, "chalice", "9.0", needs=["tool"])
    root = project({"pyproject.toml": pyproject(links, "alpha", "chalice")})
    assert names(root) == {"alpha.py", "alpha-1.0", "beta.py", "beta-1.0"}


def test_a_pyproject_that_only_configures_tools_asks_for_nothing(
    project: Projects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", "/dev/null/nowhere")
    root = project({"pyproject.toml": "[tool.ruff]\nline-length = 100\n"})
    assert names(root) == set()


def test_a_lock_of_uv_is_kept_to_when_newer_versions_appear(project: Projects, links: Path) -> None:
    wheel(links, "alpha", needs=["beta"])
    wheel(links, "beta")
    wheel(links, "chalice", "9.0", needs=["tool"])
    wheel(links, "tool")
    root = project({"pyproject.toml": pyproject(links, "alpha", "chalice")})
    uv(root, "lock")
    wheel(links, "beta", "2.0")
    assert names(root) == {"alpha.py", "alpha-1.0", "beta.py", "beta-1.0"}
    assert "beta-2.0" in names(root, "pyproject.toml")


def test_a_lock_of_uv_goes_before_overrides_in_settings_and_variables(
    project: Projects, links: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel(links, "alpha")
    wheel(links, "alpha", "2.0")
    more = 'override-dependencies = ["alpha<2"]\n'
    root = project({"pyproject.toml": pyproject(links, "alpha", more=more)})
    uv(root, "lock")
    write(root / "overrides.txt", "alpha==2.0\n")
    monkeypatch.setenv("UV_OVERRIDE", "overrides.txt")
    assert names(root) == {"alpha.py", "alpha-1.0"}


def test_what_a_lock_has_no_wheel_of_is_built_from_sources_as_they_are_now(
    project: Projects, links: Path
) -> None:
    sdist(links, "pure")
    more = '[tool.uv.sources]\nlocal = { path = "local", editable = true }\n'
    files = {f"local/{path}": text for path, text in sources("local").items()}
    root = project({**files, "pyproject.toml": pyproject(links, "pure", "local", more=more)})
    uv(root, "lock")
    assert names(root) >= {"pure.py", "local.py"}
    backend = root / "local/backend.py"
    backend.write_text(backend.read_text().replace("42", "43"))
    with zipfile.ZipFile(bundled(root).path) as archive:
        assert archive.read("local.py") == b"ANSWER = 43\n"
        assert not any(str(root).encode() in archive.read(name) for name in archive.namelist())


def test_a_lock_that_the_pyproject_has_outrun_is_refused(project: Projects, links: Path) -> None:
    wheel(links, "alpha")
    wheel(links, "beta")
    root = project({"pyproject.toml": pyproject(links, "alpha")})
    uv(root, "lock")
    write(root / "pyproject.toml", pyproject(links, "alpha", "beta"))
    error = refused(root)
    assert error.summary == "`uv.lock` is older than `pyproject.toml`"
    assert (error.where, error.hint) == ("uv.lock", "run `uv lock`")


def test_a_project_for_a_python_that_is_not_here_is_bundled_from_its_lock(
    project: Projects, links: Path
) -> None:
    wheel(links, "alpha")
    root = project({"pyproject.toml": pyproject(links, "alpha")})
    uv(root, "lock")
    for file in (root / "pyproject.toml", root / "uv.lock"):
        file.write_text(file.read_text().replace(">=3.10", ">=3.14"))
    assert names(root, target=Target("3.14", "arm64")) == {"alpha.py", "alpha-1.0"}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="uv locks with the Python of the lock")
def test_a_lock_that_is_not_for_the_python_of_the_functions_is_refused(
    project: Projects, links: Path
) -> None:
    wheel(links, "alpha")
    root = project({"pyproject.toml": pyproject(links, "alpha", python=">=3.11")})
    uv(root, "lock")
    error = refused(root, Target("3.10", "x86_64"))
    assert error.summary.startswith("`uv.lock` is for Python >=3.11, the bundle is for")


def test_a_locked_wheel_for_another_platform_is_refused(project: Projects, links: Path) -> None:
    wheel(links, "native", tag="cp312-cp312-win_amd64")
    root = project({"pyproject.toml": pyproject(links, "native")})
    uv(root, "lock")
    error = refused(root)
    assert error.summary == f"`native` has no wheel for {TARGET} and nothing to build one from"
    assert error.where == "uv.lock:6"


def test_a_pylock_is_installed_and_a_changed_archive_is_refused(
    project: Projects, links: Path
) -> None:
    wheel(links, "alpha")
    root = project({"pyproject.toml": pyproject(links, "alpha")})
    uv(root, "export", "--format", "pylock.toml", "--no-emit-project", "-o", "pylock.toml")
    (root / "uv.lock").unlink()
    assert names(root) == {"alpha.py", "alpha-1.0"}
    wheel(links, "alpha", files={"alpha.py": b"ANSWER = 43\n"})
    shutil.rmtree(root / ".chalice")
    shutil.rmtree(os.environ["UV_CACHE_DIR"])
    assert "does not have the hash" in refused(root).summary


def test_a_pylock_with_chalice_says_how_to_lock_without(project: Projects) -> None:
    lock = 'lock-version = "1.0"\n\n[[packages]]\nname = "chalice"\nversion = "9.0"\n'
    error = refused(project({"pylock.toml": lock}))
    assert error.where == "pylock.toml:4"
    assert "--prune chalice" in (error.hint or "")


def test_of_several_files_the_requirements_count_unless_another_is_chosen(
    project: Projects, links: Path
) -> None:
    wheel(links, "alpha")
    wheel(links, "beta")
    root = project({"pyproject.toml": pyproject(links, "alpha")}, requirements="beta")
    assert names(root) == {"beta.py", "beta-1.0"}
    assert names(root, "pyproject.toml") == {"alpha.py", "alpha-1.0"}


def test_a_chosen_file_that_is_missing_is_named(project: Projects) -> None:
    root = project()
    with pytest.raises(ToolError) as caught:
        build(root, TARGET, say=lambda line: None, settings=Settings(dependencies_from="uv.lock"))
    assert caught.value.summary == "there is no `uv.lock`, which `dependencies_from` names"
    assert made(root) == set()


def test_a_dependency_that_a_pyproject_cannot_have_is_named_with_its_line(
    project: Projects, links: Path
) -> None:
    wheel(links, "alpha", needs=["missing"])
    error = refused(project({"pyproject.toml": pyproject(links, "alpha")}))
    assert "`missing`" in error.summary
    assert "`alpha` needs it" in error.summary
    assert error.where == "pyproject.toml:5"
