from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalice.gateway.routes import RouteTable

ROUTES = (
    "/",
    "/names",
    "/names/{name}",
    "/names/me",
    "/names/{name}/pets",
    "/{other}/me/pets/{pet}",
    "/files/{path+}",
    "/files/readme",
    "/files/{id}/raw",
    "/~x",
    "/half{way}",
)
MATCHES: dict[str, tuple[str, dict[str, str]] | None] = {
    "/": ("/", {}),
    "/names": ("/names", {}),
    "/names/": ("/names", {}),
    "/names//": None,
    "/names/bob": ("/names/{name}", {"name": "bob"}),
    "/names/bob/": ("/names/{name}", {"name": "bob"}),
    "/names/me": ("/names/me", {}),
    "/n%61mes/m%65": ("/names/me", {}),
    "/names/me/pets": ("/names/{name}/pets", {"name": "me"}),
    "/names/me/pets/rex": ("/{other}/me/pets/{pet}", {"other": "names", "pet": "rex"}),
    "/names/a%20b%2Fc": ("/names/{name}", {"name": "a b/c"}),
    "/names/caf%C3%A9": ("/names/{name}", {"name": "café"}),
    "/names/%FF": ("/names/{name}", {"name": "\ufffd"}),
    "/names/100%": ("/names/{name}", {"name": "100%"}),
    "/names/a+b": ("/names/{name}", {"name": "a+b"}),
    "/names/a;b": ("/names/{name}", {"name": "a;b"}),
    "/names/a/b": None,
    "/Names": None,
    "/files": None,
    "/files/": None,
    "/files/a": ("/files/{path+}", {"path": "a"}),
    "/files/a/b%20c/": ("/files/{path+}", {"path": "a/b c"}),
    "/files/a//b": ("/files/{path+}", {"path": "a//b"}),
    "/files/readme": ("/files/readme", {}),
    "/files/a/raw": ("/files/{id}/raw", {"id": "a"}),
    "/files/a/raw/b": ("/files/{path+}", {"path": "a/raw/b"}),
    "/~x": ("/~x", {}),
    "/halfmoon": None,
    "/half{way}": ("/half{way}", {}),
    "//": None,
    "": None,
    "*": None,
    "names": None,
}


@pytest.mark.parametrize(("path", "expected"), MATCHES.items(), ids=list(MATCHES))
def test_a_path_matches_as_in_api_gateway(
    path: str, expected: tuple[str, dict[str, str]] | None
) -> None:
    table = RouteTable({route: route for route in ROUTES})
    assert table.match(path) == expected


@pytest.mark.parametrize("route", ["", "names", "/{rest+}/more"])
def test_what_is_no_route_is_refused(route: str) -> None:
    with pytest.raises(ValueError, match=r"route|greedy"):
        RouteTable({route: 1})


def rank(route: str) -> list[tuple[int, str]]:
    kinds = []
    for part in route.split("/")[1:]:
        kind = 0 if not part.startswith("{") else 2 if part.endswith("+}") else 1
        kinds.append((kind, part))
    return kinds


def fits(route: str, parts: list[str]) -> bool:
    pattern = [] if route == "/" else route.split("/")[1:]
    if pattern and pattern[-1].endswith("+}"):
        head = len(pattern) - 1
        if not "/".join(parts[head:]):
            return False
        pattern, parts = pattern[:-1], parts[:head]
    return len(pattern) == len(parts) and all(
        bool(part) if wanted.startswith("{") else wanted == part
        for wanted, part in zip(pattern, parts, strict=True)
    )


literals = st.sampled_from(["a", "b", "a b", "c%"])
routes = st.builds(
    lambda parts, greedy: "/" + "/".join([*parts, "{rest+}"] if greedy else parts),
    st.lists(st.one_of(literals, st.sampled_from(["{x}", "{y}"])), max_size=4),
    st.booleans(),
)
paths = st.lists(st.one_of(literals, st.sampled_from(["", "é", "/"])), max_size=5)


@given(st.sets(routes, min_size=1, max_size=8), paths)
def test_the_best_of_all_fitting_routes_wins(routes: set[str], parts: list[str]) -> None:
    table = RouteTable({route: route for route in routes})
    path = "/" + "/".join(quote(part, safe="") for part in parts)
    found = table.match(path)
    # One slash at the end is ignored.
    seen = parts[:-1] if parts and not parts[-1] else parts
    fitting = [route for route in routes if fits(route, seen)]
    assert (found and found[0]) == min(fitting, key=rank, default=None)


@given(st.text(max_size=30))
def test_no_path_breaks_the_matching(path: str) -> None:
    RouteTable({route: route for route in ROUTES}).match(path)
