"""Nobody but this machine's browser, on the console's own pages, gets anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.local.console.lab import raw, read, shop
from tests.local.program import Program

PAGE = "/_chalice/"
API = "/_chalice/api/app"


def get(program: Program, path: str, *headers: str, host: str | None = None) -> int:
    lines = [f"GET {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{program.port}'}", *headers]
    return raw(program.port, "\n".join(lines))[0]


def post(program: Program, *headers: str, body: str = '{"handler": "report", "event": {}}') -> int:
    lines = [
        "POST /_chalice/api/invoke HTTP/1.1",
        f"Host: localhost:{program.port}",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return raw(program.port, "\n".join(lines), body)[0]


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "LOCALHOST", "127.8.8.8", "[::1]"])
def test_the_console_is_there_under_the_names_of_this_machine(name: str, program: Program) -> None:
    assert get(program, PAGE, host=f"{name}:{program.port}") == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "localhost.evil.example:{port}",
        "localhost",
        "localhost:1",
        "localhost:{port}.evil.example",
        "127.0.0.1.evil.example:{port}",
        "192.168.0.1:{port}",
        "0.0.0.0:{port}",
        "[127.0.0.1]:{port}",
        "::1:{port}",
        "[::2]:{port}",
        "",
    ],
)
@pytest.mark.parametrize("path", [PAGE, API])
def test_a_name_that_was_made_to_lead_here_does_not_get_it(
    path: str, host: str, program: Program
) -> None:
    status = raw(program.port, f"GET {path} HTTP/1.1\nHost: {host.format(port=program.port)}")[0]
    assert status in (400, 421)


def test_two_hosts_are_none(program: Program) -> None:
    own = f"Host: localhost:{program.port}"
    assert get(program, PAGE, own) in (400, 421)


@pytest.mark.parametrize(
    "header",
    [
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: https://localhost:{port}",
        "Origin: http://localhost:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ],
)
def test_another_site_reads_nothing(header: str, program: Program) -> None:
    said = header.format(port=program.port)
    host = f"localhost:{program.port}"
    assert get(program, API, said, host=host) == 403
    assert get(program, "/_chalice/main.js", said, host=host) == 403


def test_a_link_from_another_site_opens_the_console(program: Program) -> None:
    assert get(program, PAGE, "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate") == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        (["Origin: http://localhost:{port}", "Content-Type: application/json"], 200),
        (["Sec-Fetch-Site: same-origin", "Content-Type: application/json; charset=utf-8"], 200),
        (["Content-Type: application/json"], 403),
        (["Origin: http://evil.example", "Content-Type: application/json"], 403),
        (["Origin: null", "Content-Type: application/json"], 403),
        (["Sec-Fetch-Site: none", "Content-Type: application/json"], 403),
        (["Sec-Fetch-Site: same-site", "Content-Type: application/json"], 403),
        (
            [
                "Origin: http://localhost:{port}",
                "Sec-Fetch-Site: cross-site",
                "Content-Type: application/json",
            ],
            403,
        ),
        (["Origin: http://127.0.0.1:{port}", "Content-Type: application/json"], 403),
        (["Origin: http://localhost:{port}", "Content-Type: text/plain"], 415),
        (["Origin: http://localhost:{port}"], 415),
        (
            ["Origin: http://localhost:{port}", "Content-Type: application/x-www-form-urlencoded"],
            415,
        ),
    ],
)
def test_only_its_own_pages_have_it_do_something(
    headers: list[str], status: int, program: Program
) -> None:
    before = len(read(program, "exchanges"))
    assert post(program, *(each.format(port=program.port) for each in headers)) == status
    done = len(read(program, "exchanges")) - before
    assert done == (1 if status == 200 else 0)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_are_refused(method: str, program: Program) -> None:
    head = f"{method} {API} HTTP/1.1\nHost: localhost:{program.port}\nContent-Length: 0"
    assert raw(program.port, head)[0] == 405


@pytest.mark.parametrize("path", [PAGE, API, "/_chalice/main.js", "/_chalice/nothing"])
def test_every_answer_keeps_others_out(path: str, program: Program) -> None:
    headers = program.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("name", ["../console.py", "..%2fconsole.py", "%2e%2e/data.py", "x.html"])
def test_only_pages_are_served(name: str, program: Program) -> None:
    assert get(program, f"/_chalice/{name}") == 404


def test_other_machines_have_no_console(tmp_path: Path) -> None:
    with shop(tmp_path, "--host", "0.0.0.0") as program:  # the port is free, the warning is shown
        answer = raw(program.port, f"GET {PAGE} HTTP/1.1\nHost: localhost:{program.port}")
        assert answer[0] == 403
        assert "Missing Authentication Token" in answer[2]
        assert "_chalice" not in program.out.text


def test_without_the_console_its_paths_are_those_of_the_app(tmp_path: Path) -> None:
    with shop(tmp_path, "--no-console") as program:
        assert program.get(PAGE).status_code == 403
        assert program.get("/").json() == {"hello": "world"}
        assert "_chalice" not in program.out.text


def test_a_route_of_the_app_goes_before_the_console(tmp_path: Path) -> None:
    own = """
        from chalice import Chalice
        app = Chalice(app_name="own")
        @app.route("/_chalice/{name}")
        def own(name):
            return {"mine": name}
        """
    with shop(tmp_path, app=own) as program:
        assert program.get("/_chalice/x").json() == {"mine": "x"}
        assert "there is no console" in program.out.text


def test_a_greedy_route_leaves_the_console_its_place(tmp_path: Path) -> None:
    greedy = """
        from chalice import Chalice
        app = Chalice(app_name="greedy")
        @app.route("/{proxy+}")
        def anything():
            return {"mine": True}
        """
    with shop(tmp_path, app=greedy) as program:
        assert program.get("/_chalicefoo").json() == {"mine": True}
        assert program.get("/_chalice", **{"x": "y"}).headers["location"] == "/_chalice/"
        assert "<title>Console</title>" in program.get(PAGE).text
