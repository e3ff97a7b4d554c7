"""Private indexes, named in each of the ways that uv and pip know."""

from __future__ import annotations

import base64
import hashlib
import http.server
import threading
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.bundle.conftest import Projects, bundled, refused, write
from tests.bundle.packages import sdist, wheel

USER, PASSWORD = "deployer", "s3cret-word"


@dataclass
class Index:
    """A package index on this machine. ``asked`` is what was answered, path by path."""

    folder: Path
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def public(self) -> str:
        """Its part that has nothing and asks for no password."""
        return f"http://127.0.0.1:{self.port}/public/simple"

    @property
    def private(self) -> str:
        """Its part that has packages and asks for a password."""
        return f"http://127.0.0.1:{self.port}/private/simple"

    @property
    def entered(self) -> str:
        """The address of the private part with the password."""
        return self.private.replace("//", f"//{USER}:{PASSWORD}@")


@pytest.fixture
def index(tmp_path: Path) -> Iterator[Index]:
    """An index with the wheel `private` and the sources `pure`."""
    folder = tmp_path / "packages"
    folder.mkdir()
    wheel(folder, "private", files={"private.py": b"WHO = 'private'"}, needs=["pure"])
    sdist(folder, "pure")
    served = Index(folder)
    word = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            part, _, rest = self.path.lstrip("/").partition("/")
            if part == "private" and self.headers.get("Authorization") != f"Basic {word}":
                self.answer(401, b"", "text/plain")
            elif part == "public":
                self.answer(404, b"", "text/plain")
            elif rest.startswith("simple/"):
                self.answer(200, self.listing(rest.split("/")[1]), "text/html")
            else:
                self.answer(200, (folder / rest.rpartition("/")[2]).read_bytes(), "application/zip")

        do_HEAD = do_GET  # noqa: N815

        def listing(self, name: str) -> bytes:
            links = (
                f'<a href="/private/files/{path.name}#sha256='
                f'{hashlib.sha256(path.read_bytes()).hexdigest()}">{path.name}</a>'
                for path in sorted(folder.iterdir())
                if path.name.startswith(f"{name}-")
            )
            return f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>".encode()

        def answer(self, status: int, body: bytes, kind: str) -> None:
            served.asked.append(self.path)
            self.send_response(status)
            if status == 401:
                self.send_header("WWW-Authenticate", 'Basic realm="packages"')
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def log_message(self, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.port = server.server_port
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()


def check(root: Path, index: Index) -> None:
    """Bundle, and see that everything came from the private index and no password goes along."""
    with zipfile.ZipFile(bundled(root).path) as archive:
        inside = {name: archive.read(name) for name in archive.namelist()}
    assert inside["private.py"] == b"WHO = 'private'"
    assert "pure.py" in inside
    assert any(path.endswith(".whl") for path in index.asked)
    assert PASSWORD.encode() not in b"".join(inside.values())


VARIABLES: tuple[Mapping[str, str], ...] = (
    {"UV_INDEX_URL": "{entered}"},
    {"UV_DEFAULT_INDEX": "{entered}"},
    {"UV_INDEX": "own={entered}", "UV_DEFAULT_INDEX": "{public}"},
    {
        "UV_INDEX": "own={private}",
        "UV_DEFAULT_INDEX": "{public}",
        "UV_INDEX_OWN_USERNAME": USER,
        "UV_INDEX_OWN_PASSWORD": PASSWORD,
    },
    {"UV_EXTRA_INDEX_URL": "{entered}", "UV_INDEX_URL": "{public}"},
    {"PIP_INDEX_URL": "{entered}"},
    {"PIP_EXTRA_INDEX_URL": "{entered}", "PIP_INDEX_URL": "{public}"},
)


@pytest.mark.parametrize("variables", VARIABLES, ids="+".join)
def test_an_index_with_a_password_is_named_by_variables(
    project: Projects,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
    variables: Mapping[str, str],
) -> None:
    for name, value in variables.items():
        filled = value.format(entered=index.entered, private=index.private, public=index.public)
        monkeypatch.setenv(name, filled)
    check(project({"requirements.txt": "private\n"}), index)


@pytest.mark.parametrize("place", ["variable", "home", "xdg", "virtual environment"])
def test_an_index_is_named_by_the_configuration_of_pip(
    project: Projects,
    index: Index,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    place: str,
) -> None:
    text = (
        f"[global]\nindex-url = {index.public}\n[install]\nextra-index-url =\n  {index.entered}\n"
    )
    monkeypatch.delenv("PIP_CONFIG_FILE")
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    match place:
        case "variable":
            write(tmp_path / "own.conf", text)
            monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "own.conf"))
        case "home":
            write(tmp_path / ".pip" / "pip.conf", text)
        case "xdg":
            write(tmp_path / ".config" / "pip" / "pip.conf", text)
        case _:
            write(tmp_path / "venv" / "pip.conf", text)
            monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "venv"))
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))  # goes before what the machine has
    check(project({"requirements.txt": "private\n"}), index)


def test_a_second_index_that_pip_is_told_of_has_what_the_first_one_lacks(
    project: Projects, index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    listing = tmp_path / "older" / "simple" / "private"
    listing.mkdir(parents=True)
    wheel(listing, "private", "0.5", tag="cp39-cp39-win_amd64")
    (listing / "index.html").write_text(
        "<!DOCTYPE html><a href='private-0.5-cp39-cp39-win_amd64.whl'>"
        "private-0.5-cp39-cp39-win_amd64.whl</a>"
    )
    monkeypatch.setenv("PIP_INDEX_URL", index.entered)
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", listing.parent.as_uri())
    check(project({"requirements.txt": "private\n"}), index)


def test_an_index_is_named_by_the_requirements_themselves(
    project: Projects, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORD", PASSWORD)
    entered = index.entered.replace(PASSWORD, "${WORD}")
    text = f"--index-url {index.public}\n--extra-index-url {entered}\nprivate\n"
    check(project({"requirements.txt": text}), index)


def test_an_index_is_named_by_the_project_and_its_password_by_netrc(
    project: Projects, index: Index, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write(tmp_path / "netrc", f"machine 127.0.0.1 login {USER} password {PASSWORD}\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    text = '[project]\nname = "shop"\nversion = "1"\ndependencies = ["private"]\n'
    text += f'[[tool.uv.index]]\nurl = "{index.private}"\ndefault = true\n'
    check(project({"pyproject.toml": text}), index)


def test_a_wrong_password_is_told_and_not_shown(
    project: Projects, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    monkeypatch.setenv("PIP_INDEX_URL", index.entered.replace(PASSWORD, "wr0ng-word"))
    error = refused(project({"requirements.txt": "private\n"}))
    assert error.summary == f"`{index.private}` refuses access"
    assert "wr0ng-word" not in f"{error.summary} {error.hint} {error.excerpt}"
