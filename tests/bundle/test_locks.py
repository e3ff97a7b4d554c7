"""Locks of Poetry and Pipenv are kept to: main packages only, hashes, markers and sources."""

from __future__ import annotations

import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import pytest

from chalice.bundle import Declaration, Settings, build, pipfile, poetry
from chalice.errors import ToolError
from tests.bundle.conftest import TARGET, Projects, refused, write
from tests.bundle.packages import sources, wheel


@pytest.fixture
def index(links: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is the only place where packages are looked for."""
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(links))
    return links


def names(root: Path, chosen: Declaration | None = None) -> set[str]:
    """The packages in the bundle, with their versions."""
    settings = Settings(dependencies_from=chosen)
    made = build(root, TARGET, say=lambda line: None, settings=settings)
    with zipfile.ZipFile(made.path) as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    return {top.removesuffix(".dist-info") for top in tops if top.endswith(".dist-info")}


def hashed(links: Path, name: str) -> str:
    data = (links / f"{name}-1.0-py3-none-any.whl").read_bytes()
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def poetry_lock(*packages: str, version: str = "2.1") -> str:
    return "\n".join((*packages, f'[metadata]\nlock-version = "{version}"\n'))


def package(
    name: str, *, groups: str | None = '["main"]', more: str = "", hash_: str = "", needs: str = ""
) -> str:
    lines = ["[[package]]", f'name = "{name}"', 'version = "1.0"', more]
    lines += [f"groups = {groups}"] if groups else []
    lines += [f'files = [{{file = "{name}.whl", hash = "{hash_}"}}]'] if hash_ else ["files = []"]
    lines += ["[package.dependencies]", needs] if needs else []
    return "\n".join(lines)


def pyproject(*needs: str) -> str:
    return f'[project]\nname = "shop"\nversion = "1"\ndependencies = {list(needs)}\n'


def test_the_main_group_of_a_poetry_lock_is_bundled_without_chalice(
    project: Projects, index: Path
) -> None:
    for name in ("alpha", "beta", "tester", "tool", "windows", "extra"):
        wheel(index, name)
    wheel(index, "alpha", "2.0")
    lock = poetry_lock(
        package("alpha", hash_=hashed(index, "alpha"), needs='beta = "*"'),
        package("beta", groups='["dev", "main"]'),
        package("tester", groups='["dev"]'),
        package("chalice", needs='tool = "*"'),
        package("tool"),
        package("windows", more="markers = \"sys_platform == 'win32'\""),
        package("extra", more="optional = true"),
    )
    project_file = pyproject("alpha", "chalice", "windows; sys_platform == 'win32'", "extra")
    root = project({"poetry.lock": lock, "pyproject.toml": project_file})
    assert names(root) == {"alpha-1.0", "beta-1.0"}
    assert "alpha-2.0" in names(root, "pyproject.toml")


def test_an_older_poetry_lock_is_followed_from_what_the_project_asks_for(
    project: Projects, index: Path
) -> None:
    for name in ("alpha", "beta", "socks", "tester"):
        wheel(index, name)
    needs = 'beta = {version = "*", markers = "python_version < \'3.99\'"}\n'
    needs += 'windows = {version = "*", markers = "sys_platform == \'win32\'"}\n'
    needs += 'socks = {version = "*", optional = true, markers = "extra == \'socks\'"}'
    lock = poetry_lock(
        package("Alpha", groups=None, needs=needs),
        package("beta", groups=None, needs='alpha = "*"'),
        package("windows", groups=None),
        package("socks", groups=None),
        package("tester", groups=None),
        version="2.0",
    )
    declared = (
        '[tool.poetry.dependencies]\npython = "^3.10"\nalpha = {version="*",extras=["socks"]}'
    )
    root = project({"poetry.lock": lock, "pyproject.toml": declared})
    assert names(root) == {"alpha-1.0", "beta-1.0", "socks-1.0"}


def test_a_wheel_that_is_not_the_one_that_was_locked_is_refused(
    project: Projects, index: Path
) -> None:
    wheel(index, "alpha")
    lock = poetry_lock(package("alpha", hash_="sha256:" + "0" * 64))
    error = refused(project({"poetry.lock": lock, "pyproject.toml": pyproject("alpha")}))
    assert error.summary == "`alpha` does not have the hash that the requirements demand"
    assert error.where == "poetry.lock:2"


def test_other_sources_of_a_poetry_lock_are_followed(project: Projects, index: Path) -> None:
    lock = poetry_lock(
        package("near", needs="") + '\n[package.source]\ntype = "directory"\nurl = "near"\n',
        package("filed")
        + '\n[package.source]\ntype = "file"\nurl = "filed-1.0-py3-none-any.whl"\n',
    )
    root = project({f"near/{path}": text for path, text in sources("near").items()})
    wheel(root, "filed")
    write(root / "poetry.lock", lock)
    write(root / "pyproject.toml", pyproject("near", "filed"))
    assert names(root) == {"near-1.0", "filed-1.0"}


def test_the_lines_of_a_poetry_lock_say_where_packages_come_from() -> None:
    git = '[package.source]\ntype = "git"\nurl = "https://git.example/a.git"\n'
    git += 'reference = "main"\nresolved_reference = "abc123"\nsubdirectory = "sub"\n'
    private = '[package.source]\ntype = "legacy"\nurl = "https://own.example/simple"\n'
    url = '[package.source]\ntype = "url"\nurl = "https://files.example/c-1.0.tar.gz"\n'
    lock = poetry_lock(
        package("a") + "\n" + git,
        package("b", hash_="sha256:aa") + "\n" + private,
        package("c", hash_="sha256:bb") + "\n" + url,
    )
    assert poetry.requirements(lock, None, Path("/project")).splitlines() == [
        "a @ git+https://git.example/a.git@abc123#subdirectory=sub",
        "--extra-index-url https://own.example/simple",
        "b==1.0 --hash=sha256:aa",
        "c @ https://files.example/c-1.0.tar.gz --hash=sha256:bb",
    ]


def test_the_default_section_of_a_pipfile_lock_is_bundled_without_chalice(
    project: Projects, index: Path
) -> None:
    wheel(index, "alpha", needs=["beta"])
    wheel(index, "beta")
    wheel(index, "tester")
    wheel(index, "tool")
    lock = {
        "_meta": {"sources": [{"name": "pypi", "url": "https://pypi.org/simple"}]},
        "default": {
            "alpha": {"version": "==1.0", "hashes": [hashed(index, "alpha")], "extras": ["x"]},
            "beta": {"version": "*", "markers": "python_version >= '3.8'"},
            "chalice": {"version": "==9.0"},
            "tool": {"version": "==1.0"},
            "windows": {"version": "==1.0", "markers": "sys_platform == 'win32'"},
        },
        "develop": {"tester": {"version": "==1.0"}},
    }
    files = {"Pipfile.lock": json.dumps(lock, indent=4), "Pipfile": '[packages]\nalpha = "*"\n'}
    assert names(project(files)) == {"alpha-1.0", "beta-1.0"}


def test_the_lines_of_a_pipfile_lock_say_where_packages_come_from() -> None:
    lock = {
        "_meta": {
            "sources": [
                {"url": "https://own.example/simple", "verify_ssl": False},
                {"url": "https://pypi.org/simple"},
            ]
        },
        "default": {
            "a": {"git": "https://git.example/a.git", "ref": "abc", "subdirectory": "sub"},
            "b": {"file": "https://files.example/b-1.0.tar.gz", "hashes": ["sha256:bb"]},
            "c": {"path": "./c", "editable": True},
        },
    }
    assert pipfile.requirements(json.dumps(lock), Path("/project")).splitlines() == [
        "--extra-index-url https://own.example/simple",
        "--trusted-host own.example",
        "a @ git+https://git.example/a.git@abc#subdirectory=sub",
        "b @ https://files.example/b-1.0.tar.gz --hash=sha256:bb",
        "c @ file:///project/c",
    ]


@pytest.mark.parametrize(
    ("files", "summary"),
    [
        ({"Pipfile.lock": "{"}, "`Pipfile.lock` cannot be understood"),
        ({"Pipfile.lock": "{}"}, "`Pipfile.lock` cannot be understood"),
        ({"poetry.lock": "x = ["}, "`poetry.lock` or `pyproject.toml` is no TOML"),
        (
            {"poetry.lock": poetry_lock(package("a", groups=None))},
            "`poetry.lock` does not say what is for the app itself",
        ),
    ],
)
def test_a_lock_that_cannot_be_understood_is_named(
    project: Projects, files: dict[str, str], summary: str
) -> None:
    assert refused(project(files)).summary.startswith(summary)


def test_a_requirement_from_git_is_built_from_its_commit(
    project: Projects, index: Path, tmp_path: Path
) -> None:
    work, bare = tmp_path / "work", tmp_path / "bare.git"
    for path, text in sources("versioned").items():
        write(work / path, text)
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "first"]):
        subprocess.run(["git", *command], cwd=work, check=True)
    subprocess.run(["git", "clone", "-q", "--bare", work, bare], check=True)
    root = project({"requirements.txt": f"versioned @ git+file://{bare}\n"})
    assert names(root) == {"versioned-1.0"}
    made = build(root, TARGET, say=lambda line: None)
    with zipfile.ZipFile(made.path) as archive:
        assert not any(str(tmp_path).encode() in archive.read(name) for name in archive.namelist())


def test_a_repository_that_is_not_there_is_named(project: Projects, tmp_path: Path) -> None:
    root = project({"requirements.txt": f"gone @ git+file://{tmp_path}/gone.git\n"})
    with pytest.raises(ToolError, match="`gone` cannot be fetched with git"):
        build(root, TARGET, say=lambda line: None)
