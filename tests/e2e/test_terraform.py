"""Terraform deploys what ``chalice package`` writes, and makes what ``chalice deploy`` makes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import httpx
import pytest
from websockets.sync.client import connect

from tests.cloud.waiting import wait_until
from tests.e2e import front_apps
from tests.e2e.descriptions import described
from tests.e2e.inventory import Account
from tests.e2e.project import Project, clean_environment, run
from tests.e2e.terraform_module import Module, reason_to_skip

APPS = (("shop", "link"), ("chat", "plain"))
LEAVE = """
@app.on_ws_disconnect()
def leave(event):
    seen("left")
"""
Result = TypeVar("Result")


class World:
    """An embedded cloud of its own with what the apps refer to, and the projects of the apps."""

    def __init__(self, home: pytest.TempPathFactory) -> None:
        folder = home.mktemp("world")
        self.environment = clean_environment(folder)
        self.places = (folder / "a", folder / "b")
        self.projects = {
            name: Project(place / name, self.environment)
            for place, names in zip(self.places, APPS, strict=True)
            for name in names
        }
        for project in self.projects.values():
            project.directory.mkdir(parents=True)
        first = self.projects["shop"]
        first.run("cloud", "start")
        status = json.loads(first.run("cloud", "status", "--json").stdout)
        self.endpoint_url: str = status["endpoint_url"]
        self.gateway_url: str = status["gateway_url"]
        self.account = Account(self.endpoint_url)
        front_apps.make_world(self.account)
        self.empty = described(self.account)
        for name, project in self.projects.items():
            front_apps.write(project, name, self.account)

    def stop(self) -> None:
        run(self.environment, self.projects["shop"].directory, "cloud", "stop")


class Terraformed(World):
    """A world to which Terraform deployed the apps, at a time: it waits more than it works."""

    def __init__(self, home: pytest.TempPathFactory) -> None:
        super().__init__(home)
        self.modules = [Module(place, self.endpoint_url) for place in self.places]
        self.each(self._make)

    def each(self, act: Callable[[Module], Result]) -> list[Result]:
        """Do something with both modules at a time."""
        with ThreadPoolExecutor() as pool:
            return list(pool.map(act, self.modules))

    def package(self, name: str) -> None:
        """Write the template of an app."""
        self.projects[name].run("package", "infra", "--pkg-format", "terraform")

    def outputs(self, name: str) -> dict[str, str]:
        """Return the outputs of an app's module."""
        module = next(each for each in self.modules if (each.directory / name).exists())
        found: dict[str, str] = module.outputs()[name]
        return found

    def _make(self, module: Module) -> None:
        names = [path.name for path in sorted(module.directory.iterdir()) if path.is_dir()]
        for name in names:
            self.package(name)
        module.init(*(f"{name}/infra" for name in names))
        module.apply()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Terraformed]:
    reason = reason_to_skip(tmp_path_factory.mktemp("terraform"))
    if reason is not None:
        pytest.skip(reason)
    made = Terraformed(tmp_path_factory)
    yield made

    made.stop()


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world to which ``chalice deploy`` deployed the apps."""
    made = World(tmp_path_factory)
    for project in made.projects.values():
        project.run("deploy", "--local")
    yield made

    made.stop()


def test_a_second_plan_changes_nothing(world: Terraformed) -> None:
    assert world.each(Module.plan) == ["", ""]


def test_what_is_made_is_what_deploying_makes(world: Terraformed, deployed: World) -> None:
    ours, theirs = described(world.account), described(deployed.account)
    assert sorted(ours) == sorted(theirs)
    assert {key: value for key, value in ours.items() if value != theirs[key]} == {
        key: value for key, value in theirs.items() if value != ours[key]
    }


def test_a_rest_api_is_served_with_its_authorizer_keys_and_domain(world: Terraformed) -> None:
    outputs = world.outputs("shop")
    assert outputs["EndpointURL"].endswith(".execute-api.us-east-1.amazonaws.com/api")
    keys = world.account("apigateway").get_api_keys(includeValues=True)["items"]
    url = f"{world.gateway_url}/{outputs['RestAPIId']}/api"
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        assert client.get("/").json() == {"answer": "first"}
        preflight = client.options("/")
        assert preflight.headers["access-control-allow-origin"] == "https://a.example"
        assert client.get("/secret", headers={"Authorization": "no"}).status_code == 403
        assert client.get("/secret", headers={"Authorization": "yes"}).json() == {"secret": True}
        assert client.put("/things/a").status_code == 403
        value = keys[0]["value"]
        assert client.put("/things/a", headers={"x-api-key": value}).json() == {"thing": "a"}
    headers = {"Host": "api.shop.example"}
    answer = httpx.get(f"{world.gateway_url}/v1/", headers=headers, trust_env=False, timeout=30)
    assert answer.json() == {"answer": "first"}


def test_a_websocket_api_is_served(world: Terraformed) -> None:
    api_id = world.outputs("chat")["WebsocketAPIId"]
    url = f"{world.gateway_url.replace('http', 'ws', 1)}/{api_id}/api"
    with connect(url, proxy=None) as client:
        client.send("hello")
        assert client.recv(timeout=30) == "heard hello"


def test_an_http_api_and_a_function_url_are_served(world: Terraformed) -> None:
    api_id = world.outputs("plain")["HttpAPIId"]
    function_url = world.account("lambda").get_function_url_config(FunctionName="link-dev")
    for url in (f"{world.gateway_url}/{api_id}", function_url["FunctionUrl"].rstrip("/")):
        answer = httpx.get(f"{url}/hello/you", trust_env=False, timeout=30)
        assert answer.json() == {"hello": "you"}, url


def test_every_source_invokes_its_function(world: Terraformed) -> None:
    expected = front_apps.send_to_each(world.account)
    seen: dict[str, list[object]] = {}

    def has_all() -> bool:
        seen.update({name: _seen(world.account, name) for name in expected})
        return seen == expected

    wait_until(has_all)


def test_changed_apps_are_applied(world: Terraformed) -> None:
    shop = world.projects["shop"].directory / "app.py"
    text = shop.read_text().replace('"first"', '"second"').replace('"/secret"', '"/hidden"')
    shop.write_text(text)
    chat = world.projects["chat"].directory / "app.py"
    chat.write_text(chat.read_text().replace("# more", LEAVE))
    for name in ("shop", "chat"):
        world.package(name)
    world.each(Module.apply)
    url = f"{world.gateway_url}/{world.outputs('shop')['RestAPIId']}/api"
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
        assert client.get("/").json() == {"answer": "second"}
        assert client.get("/hidden").status_code == 401
    url = f"{world.gateway_url.replace('http', 'ws', 1)}/{world.outputs('chat')['WebsocketAPIId']}"
    with connect(f"{url}/api", proxy=None):
        pass
    wait_until(lambda: _seen(world.account, "chat-dev-websocket_disconnect") == ["left"])


def test_destroying_leaves_nothing(world: Terraformed) -> None:
    world.each(Module.destroy)
    left = described(world.account)
    mine = {key: each for key, each in left.items() if not key.startswith("log group")}
    assert mine == world.empty


def _seen(account: Account, function: str) -> list[object]:
    """Return what a function said it saw; it has no log before it ran."""
    logs = account("logs")
    try:
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{function}")["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    marked = [each["message"].partition("SEEN ") for each in events]
    return [json.loads(text) for _, mark, text in marked if mark]
