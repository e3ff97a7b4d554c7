"""The pages of the console in a real browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.local.console.browser import Page, chromium
from tests.local.console.lab import APP, post, read, shop
from tests.local.program import SECONDS, Program, write


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("chromium")) as page:
        yield page


@pytest.fixture
def page(browser: Page, program: Program) -> Iterator[Page]:
    """A page on which nothing went wrong, and that asked this machine alone."""
    post(program, "clear", {})
    browser.complaints.clear()
    browser.urls.clear()
    yield browser
    assert browser.complaints == []
    origins = (f"{program.url}/", program.url.replace("http", "ws") + "/")
    assert all(url.startswith(origins) for url in browser.urls), browser.urls


class Views:
    """The console of a program in a page."""

    def __init__(self, page: Page, program: Program) -> None:
        self._page = page
        self._url = program.url

    def open(self, view: str, width: int = 1280, *, dark: bool = False) -> None:
        """Load the console anew with a view."""
        self._page.open("about:blank", width, dark=dark)
        self._page.open(f"{self._url}/_chalice/#/{view}", width, dark=dark)
        self._page.wait_for_text("live", "#link")


@pytest.fixture
def views(page: Page, program: Program) -> Views:
    return Views(page, program)


def test_the_map_shows_routes_handlers_and_leads_to_them(page: Page, views: Views) -> None:
    views.open("map")
    page.wait_for("document.querySelectorAll('svg .node').length > 10")
    drawn = page.run("[...document.querySelectorAll('svg .node')].map(e => e.textContent).join()")
    for part in ("/orders/{number}", "remove", "staff", "orders", "ship", "rate(1 hour)"):
        assert part in drawn
    page.run("document.querySelector('svg a[href*=ship]').dispatchEvent(new MouseEvent('click'))")
    page.wait_for_text("Send event")
    assert page.text("h2") == "ship"


def test_a_node_that_is_pointed_at_stands_out(page: Page, views: Views) -> None:
    views.open("map")
    page.wait_for("document.querySelectorAll('svg .node').length > 10")
    page.run("document.querySelector('svg a[href*=ship]').focus()")
    page.wait_for("document.querySelectorAll('.edge.near').length == 1")
    assert page.run("document.querySelectorAll('.node.near').length") == 2


def test_requests_appear_as_they_come(page: Page, views: Views, program: Program) -> None:
    views.open("requests")
    page.wait_for_text("No requests yet.")
    program.get("/orders/7")
    page.wait_for_text("/orders/7", ".list")
    assert "200" in page.text(".row")
    page.click(".row")
    page.wait_for_text('"number": "7"', ".detail")
    assert page.run("document.querySelector('.row').getAttribute('aria-current')") == "true"
    for part in ("Answer", "Request", "Function api_handler"):
        assert part in page.text(".detail")


def test_a_failure_shows_the_users_own_frames(page: Page, views: Views, program: Program) -> None:
    program.get("/broken")
    views.open("requests")
    page.click(".row")
    page.wait_for_text("ValueError: <b>no</b> price", ".stack")
    assert "caused by" in page.text(".stack")
    assert page.text(".source .here").endswith("return price({})")
    assert page.run("document.querySelectorAll('.stack .own').length") == 3


def test_a_request_is_sent_again_with_a_key(page: Page, views: Views, program: Program) -> None:
    program.client.post("/orders", json={"chair": 1})
    views.open("requests")
    page.click(".row")
    page.wait_for_text('"chair": 1', ".detail")
    page.press("r")
    page.wait_for("document.querySelectorAll('.row').length == 2")
    first, second = read(program, "exchanges")
    assert second["path"] == first["path"]
    page.wait_for(f"location.hash == '#/requests/{second['id']}'")
    whole = read(program, f"exchanges/{second['id']}")
    assert whole["body"]["text"] == '{"chair":1}'


def test_a_request_is_edited_and_sent(page: Page, views: Views, program: Program) -> None:
    program.client.post("/orders", json={"chair": 1})
    (made,) = read(program, "exchanges")
    views.open(f"send/{made['id']}")
    page.fill("textarea", '{"table": 2}')
    page.click("form button.main")
    page.wait_for_text('"table": 2', ".answer")
    assert len(read(program, "exchanges")) == 2


def test_a_request_is_copied_as_curl(page: Page, views: Views, program: Program) -> None:
    program.client.post("/orders?x='1'", json={"it's": 1})
    views.open("requests")
    page.click(".row")
    page.wait_for_text("Copy as curl")
    command = page.run(
        "import('./exchange.js').then(async m => m.curl("
        "await (await fetch('api/exchanges/' + location.hash.split('/')[2])).json()))"
    )
    assert command.startswith("curl -i -X POST '")
    assert "-H 'content-type: application/json'" in command
    assert """--data-raw '{"it'\\''s":1}'""" in command


def test_a_form_calls_a_route(page: Page, views: Views, program: Program) -> None:
    views.open("routes/GET%20%2Forders%2F%7Bnumber%7D")
    page.fill("input[name=number]", "a/ä 1")
    page.fill("fieldset input[placeholder=name]", "color")
    page.fill("fieldset input[placeholder=value]", "red & blue")
    page.click("form button.main")
    page.wait_for_text('"color": "red & blue"', ".answer")
    assert '"number": "a/ä 1"' in page.text(".answer")
    assert read(program, "exchanges")[0]["path"] == "/orders/a%2F%C3%A4%201?color=red%20%26%20blue"


def test_a_form_has_fields_for_tokens_and_keys(page: Page, views: Views) -> None:
    views.open("routes/DELETE%20%2Forders%2F%7Bnumber%7D")
    page.fill("input[name=number]", "1")
    page.fill("input[placeholder='for staff']", "letmein")
    page.fill("input[placeholder='given with --api-key']", "sesame")
    page.click("form button.main")
    page.wait_for_text('"removed": "1"', ".answer")


def test_a_route_shows_its_openapi(page: Page, views: Views) -> None:
    views.open("routes/POST%20%2Forders")
    page.wait_for_text("OpenAPI", ".detail")
    page.run("[...document.querySelectorAll('details')].at(-1).open = true")
    page.wait_for_text("x-amazon-apigateway-integration", ".detail")


def test_a_handler_gets_a_sample_event(page: Page, views: Views) -> None:
    views.open("handlers/ship")
    page.wait_for("document.querySelector('textarea').value.includes('Records')")
    page.run("document.querySelector('.detail details').open = true")
    page.fill("input[name=body]", "lost")
    page.run("document.querySelector('input[name=body]').dispatchEvent(new Event('change'))")
    page.wait_for("document.querySelector('textarea').value.includes('lost')")
    page.click("form button.main")
    page.wait_for_text("LookupError: lost at sea", ".answer")
    page.wait_for_text("shipping lost", ".answer")
    assert "raise LookupError" in page.text(".answer .here")


def test_an_event_that_is_no_json_is_not_sent(page: Page, views: Views, program: Program) -> None:
    views.open("handlers/report")
    page.wait_for("document.querySelector('textarea').value == '{}'")
    page.fill("textarea", "{")
    page.click("form button.main")
    page.wait_for_text("The event is not JSON", ".answer")
    assert read(program, "exchanges") == []


def test_the_log_is_live_and_leads_to_requests(page: Page, views: Views, program: Program) -> None:
    views.open("log")
    page.wait_for_text("Nothing was printed")
    program.get("/")
    page.wait_for_text("somebody looks", ".tail")
    program.get("/broken")
    page.wait_for_text("Caught exception", ".tail")
    page.run("[...document.querySelectorAll('.chip')].find(e => e.innerText == 'errors').click()")
    page.wait_for("document.querySelectorAll('.line').length == 1")
    page.click(".line .to")
    page.wait_for_text("/broken", "h2")


def test_the_test_client_talks_to_the_app(page: Page, views: Views, program: Program) -> None:
    views.open("sockets/test")
    page.click("form button.main")
    page.wait_for_text("Connected", ".frames")
    page.fill("textarea", "hello")
    page.run(
        "[...document.querySelectorAll('button')].find(e => e.innerText == 'Send frame').click()"
    )
    page.wait_for_text("HELLO", ".frames")
    page.wait_for_text("open", ".list")
    page.run("location.hash = '#/log'")
    page.wait_for_text("Log", "h1")
    page.run("location.hash = '#/sockets/test'")
    page.wait_for_text("HELLO", ".frames")
    page.run(
        "[...document.querySelectorAll('button')].find(e => e.innerText == 'Disconnect').click()"
    )
    page.wait_for_text("Closed: 1005", ".frames")


def test_a_client_is_watched_and_spoken_to(page: Page, views: Views, program: Program) -> None:
    url = program.url.replace("http", "ws")
    with connect(url, proxy=None) as client:
        views.open("sockets")
        page.wait_for_text("open", ".list")
        page.run("document.querySelectorAll('.row')[1].click()")
        page.wait_for_text("Close it")
        client.send("watched")
        assert client.recv(timeout=SECONDS) == "WATCHED"
        page.wait_for_text("WATCHED", ".frames")
        page.fill(".say input", "from the page")
        page.click(".say button")
        assert client.recv(timeout=SECONDS) == "from the page"
        page.wait_for_text("from the page", ".frames")


def test_what_the_app_says_is_text_and_no_markup(
    page: Page, views: Views, program: Program
) -> None:
    program.client.get("/nasty?<script>alert(1)</script>=<b>", headers={"x-b": "<img src=x>"})
    program.get("/nasty")
    views.open("requests")
    page.click(".row")
    page.wait_for_text("<script>alert(1)</script>", ".detail")
    page.wait_for_text("<img src=x onerror=alert(1)>", ".detail")
    assert page.run("document.querySelectorAll('#view script, #view img').length") == 0
    page.run("location.hash = '#/log'")
    page.wait_for_text("<img src=x onerror=alert(1)>", ".tail")
    assert page.run("document.querySelectorAll('#view img').length") == 0


def test_the_focus_stays_on_its_row_as_requests_come(
    page: Page, views: Views, program: Program
) -> None:
    program.get("/orders/1")
    views.open("requests")
    page.wait_for("document.querySelectorAll('.row').length == 1")
    page.press("j")
    for number in (2, 3):
        program.get(f"/orders/{number}")
    page.wait_for("document.querySelectorAll('.row').length == 3")
    page.click(".chip:nth-child(1)")
    page.press("j")
    page.press("j")
    page.press("j")
    page.run("document.querySelector('[data-search]').dispatchEvent(new Event('input'))")
    page.wait_for("document.activeElement.textContent.includes('/orders/1')")


def test_on_a_narrow_screen_the_view_that_is_open_is_in_sight(page: Page, views: Views) -> None:
    views.open("log", 420)
    page.wait_for("document.querySelector('#nav [aria-current]')?.textContent == 'Log'")
    page.wait_for(
        "document.querySelector('#nav [aria-current]').getBoundingClientRect().right <= 420"
    )


def test_calls_outside_the_app_are_folded(page: Page, views: Views, program: Program) -> None:
    event = read(program, "samples/ship?body=lost")["event"]
    post(program, "invoke", {"handler": "ship", "event": event})
    views.open("requests")
    page.click(".row")
    page.wait_for_text("calls outside the app", ".stack")
    assert page.run("document.querySelectorAll('.stack .own').length") == 1
    assert "handler.py" not in page.text(".stack")
    page.click(".stack summary")
    page.wait_for_text("handler.py", ".stack")


def test_keys_move_open_and_search(page: Page, views: Views, program: Program) -> None:
    for number in (1, 2, 3):
        program.get(f"/orders/{number}")
    views.open("requests")
    page.wait_for("document.querySelectorAll('.row').length == 3")
    page.press("j")
    page.press("j")
    page.wait_for("document.activeElement.textContent.includes('/orders/2')")
    page.press("k")
    page.wait_for("document.activeElement.textContent.includes('/orders/3')")
    page.press("Enter")
    page.wait_for_text('"number": "3"', ".detail")
    page.press("Escape")
    page.wait_for("location.hash == '#/requests'")
    page.press("/")
    page.wait_for("document.activeElement.type == 'search'")
    page.press("2")  # goes into the field, not to a view
    page.wait_for("document.activeElement.value == '2'")
    assert page.run("location.hash") == "#/requests"
    page.press("Escape")
    page.press("3")
    page.wait_for_text("Routes", "h1")
    page.press("?")
    page.wait_for("document.querySelector('dialog').open")
    page.press("?")
    page.wait_for("!document.querySelector('dialog').open")


def test_broken_code_is_shown_and_goes_away(page: Page, tmp_path: Path) -> None:
    with shop(tmp_path) as program:
        page.open(f"{program.url}/_chalice/")
        page.wait_for_text("live", "#link")
        write(tmp_path, "app.py", APP + "\ndef broken(:\n")
        page.wait_for_text("cannot be loaded", "#problem")
        assert "syntax" in page.text("#problem")
        assert "app.py:" in page.text("#problem")
        write(tmp_path, "app.py", APP)
        page.wait_for("document.querySelector('#problem').innerText == ''")
        page.open("about:blank")
    page.urls.clear()


def test_themes_follow_the_system_until_one_is_chosen(page: Page, views: Views) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    views.open("requests")
    light = page.run(colour)
    views.open("requests", dark=True)
    dark = page.run(colour)
    assert light != dark
    page.click("#theme")
    assert page.text("#theme") == "Theme: light"
    assert page.run(colour) == light
    views.open("requests", dark=True)
    assert page.run(colour) == light
    page.click("#theme")
    assert page.run(colour) == dark
    page.click("#theme")
    assert page.text("#theme") == "Theme: auto"


@pytest.mark.parametrize(
    "view", ["map", "requests", "routes", "handlers/ship", "sockets", "log", "routes/GET%20%2F"]
)
@pytest.mark.parametrize("width", [1280, 420])
def test_nothing_is_wider_than_the_window(
    width: int, view: str, page: Page, views: Views, program: Program
) -> None:
    program.get("/broken")
    views.open(view, width)
    page.wait_for("document.querySelector('#view h1')")
    assert page.run("document.documentElement.scrollWidth") <= width
    assert page.run("document.documentElement.scrollHeight") <= 800


def test_everything_that_can_be_used_has_a_name(page: Page, views: Views, program: Program) -> None:
    program.get("/broken")
    for view in ("requests", "routes/POST%20%2Forders", "handlers/ship", "sockets/test", "log"):
        views.open(view)
        page.wait_for("document.querySelector('#view h1')")
        nameless = page.run(
            "[...document.querySelectorAll('button, a, input, select, textarea')].filter(e =>"
            " !(e.textContent || e.ariaLabel || e.labels?.length || e.querySelector('title')))"
            ".map(e => e.outerHTML)"
        )
        assert json.dumps(nameless) == "[]"
