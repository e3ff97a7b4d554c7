"""Deploying to an account in memory: convergence, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import get_args

import pytest

from chalice.errors import ToolError
from chalice.model.functions import Function
from chalice.model.resources import Kind, Resource, kind_of
from chalice.model.state import State
from chalice.plan.actions import Action, Create, Delete, Plan, Replace, Update
from chalice.plan.executor import Executor
from chalice.plan.journal import Journal
from chalice.plan.observer import observe
from chalice.plan.planner import plan
from tests.plan.everything import whole_stage
from tests.plan.memory_cloud import Fuse, Killed, MemoryCloud, MemoryStore
from tests.plan.stages import PLACE, api_stage


def deploy(cloud: MemoryCloud, store: MemoryStore, desired: Sequence[Resource]) -> Plan:
    """Run what the deployer runs."""
    seen = observe(cloud, desired, store.state, PLACE)
    actions = plan(desired, seen.recorded, seen.retired, seen.actual, PLACE)
    settled = State(records=seen.recorded, retired=tuple(seen.retired))
    if settled != store.state:
        store.save(settled)
    Executor(cloud, Journal(settled, store), PLACE, lambda action: None).run(actions)
    return actions


def fresh() -> tuple[MemoryCloud, MemoryStore]:
    cloud = MemoryCloud()
    return cloud, MemoryStore(cloud.fuse)


def set_fuse(cloud: MemoryCloud, store: MemoryStore, steps: int | None) -> Fuse:
    cloud.fuse = store.fuse = Fuse(steps)
    return cloud.fuse


def contents_after(*stages: Sequence[Resource]) -> object:
    cloud, store = fresh()
    for desired in stages:
        deploy(cloud, store, desired)
    return cloud.contents()


def test_a_second_deploy_of_the_same_stage_writes_nothing() -> None:
    cloud, store = fresh()
    deploy(cloud, store, api_stage())
    cloud.writes.clear()
    before = store.state
    deploy(cloud, store, api_stage())
    assert cloud.writes == []
    assert store.state is before


def test_only_what_changed_is_updated() -> None:
    cloud, store = fresh()
    deploy(cloud, store, api_stage())
    cloud.writes.clear()
    deploy(cloud, store, api_stage(code="bbbb", timeout=30))
    assert cloud.writes == ["update api_handler: code, timeout"]


def test_deleting_leaves_an_empty_account_and_an_empty_state() -> None:
    cloud, store = fresh()
    deploy(cloud, store, api_stage(retention=7))
    deploy(cloud, store, ())
    assert cloud.things == {}
    assert store.state.empty


def test_deletion_goes_from_the_users_to_the_used() -> None:
    cloud, store = fresh()
    deploy(cloud, store, api_stage())
    cloud.writes.clear()
    deploy(cloud, store, ())
    assert cloud.writes == [
        "delete api_handler-rest_api-permission",
        "delete rest_api",
        "delete api_handler",
        "delete default-role",
    ]


def test_a_function_deleted_by_hand_is_made_again_with_its_permission() -> None:
    cloud, store = fresh()
    deploy(cloud, store, api_stage())
    for key in [key for key in cloud.things if not key.startswith(("Role", "RestApi"))]:
        del cloud.things[key]
    deploy(cloud, store, api_stage())
    assert cloud.contents() == contents_after(api_stage())


def test_renaming_the_app_makes_new_things_first_and_leaves_nothing_behind() -> None:
    cloud, store = fresh()
    deploy(cloud, store, api_stage("old"))
    cloud.writes.clear()
    deploy(cloud, store, api_stage("new"))
    creations = [write for write in cloud.writes if write.startswith("create")]
    assert cloud.writes.index("delete api_handler") > cloud.writes.index(creations[-1])
    assert not [key for key in cloud.things if "old" in key and not key.startswith("RestApi")]
    assert store.state.retired == ()


def test_what_a_stranger_made_is_adopted_updated_and_never_deleted() -> None:
    cloud, store = fresh()
    role = api_stage(policy="theirs")[0]
    cloud.create(role)
    cloud.strangers = set(cloud.things)
    deploy(cloud, store, api_stage())
    assert store.state.records["default-role"].adopted
    deploy(cloud, store, ())
    assert list(cloud.things) == list(cloud.strangers)
    assert store.state.empty


def test_tags_of_others_are_left_alone_and_ours_follow() -> None:
    cloud, store = fresh()
    deploy(cloud, store, api_stage(tags={"a": "1", "b": "2"}))
    for thing in cloud.things.values():
        if isinstance(thing.resource, Function):
            thing.resource = replace(thing.resource, tags={"a": "1", "b": "2", "x": "9"})
    cloud.writes.clear()
    deploy(cloud, store, api_stage(tags={"a": "1", "b": "2"}))
    assert cloud.writes == []
    deploy(cloud, store, api_stage(tags={"a": "1"}))
    assert cloud.writes == ["update api_handler: tags"]


class Refusing(MemoryCloud):
    """An account that refuses to make functions."""

    def create(self, resource: Resource) -> dict[str, str]:
        if resource.name == "api_handler":
            raise ToolError("creating Lambda function demo-dev failed: AccessDenied: no")
        return dict(super().create(resource))


def test_a_refused_call_stops_the_deploy_with_what_is_done_recorded() -> None:
    cloud = Refusing()
    store = MemoryStore(cloud.fuse)
    with pytest.raises(ToolError, match="AccessDenied"):
        deploy(cloud, store, api_stage())
    assert list(store.state.records) == ["default-role"]
    assert not [thing for thing in cloud.things if thing.startswith("RestApi")]


STAGE_PAIRS = {
    "first deploy": ((), api_stage(retention=3)),
    "update": (api_stage(), api_stage(code="b", paths="v2", policy="more", retention=1)),
    "rename": (api_stage("old"), api_stage("new")),
    "delete": (api_stage(retention=3), ()),
    "first deploy of every kind": ((), whole_stage()),
    "change of every kind": (whole_stage(), whole_stage(changed=True)),
    "delete of every kind": (whole_stage(), ()),
}


def test_the_stage_with_every_kind_has_every_kind() -> None:
    kinds = {kind_of(resource) for resource in whole_stage()}
    assert kinds == set(get_args(Kind))
    _, after = STAGE_PAIRS["change of every kind"]
    cloud, store = fresh()
    deploy(cloud, store, whole_stage())
    actions = deploy(cloud, store, after)
    done = {(type(action), _kind(action)) for action in actions}
    forever = {kind for kind in kinds if (Replace, kind) not in done and (Delete, kind) not in done}
    assert forever == {"RestApi", "WebsocketApi"}
    unchanged = {kind for kind in kinds if (Update, kind) not in done}
    assert unchanged == {"ApiKey", "ApiMapping", "HttpApi", "Layer", "Permission"}


def _kind(action: Action) -> Kind:
    if isinstance(action, (Create, Update, Replace)):
        return kind_of(action.resource)
    return action.record.kind


@pytest.mark.parametrize("case", STAGE_PAIRS)
def test_killed_anywhere_the_next_deploy_finishes_the_job(case: str) -> None:
    before, after = STAGE_PAIRS[case]
    expected = contents_after(before, after)
    steps = 0
    while True:
        cloud, store = fresh()
        deploy(cloud, store, before)
        fuse = set_fuse(cloud, store, steps)
        with suppress(Killed):
            deploy(cloud, store, after)
        survived = fuse.left is not None and fuse.left > 0
        set_fuse(cloud, store, None)
        deploy(cloud, store, after)
        assert cloud.contents() == expected, f"killed at step {steps}"
        cloud.writes.clear()
        deploy(cloud, store, after)
        assert cloud.writes == [], f"killed at step {steps}"
        if survived:
            break
        steps += 1
    assert steps > 5


@pytest.mark.parametrize("case", STAGE_PAIRS)
def test_killed_anywhere_delete_leaves_nothing_behind(case: str) -> None:
    before, after = STAGE_PAIRS[case]
    steps = 0
    while True:
        cloud, store = fresh()
        deploy(cloud, store, before)
        fuse = set_fuse(cloud, store, steps)
        with suppress(Killed):
            deploy(cloud, store, after)
        survived = fuse.left is not None and fuse.left > 0
        set_fuse(cloud, store, None)
        deploy(cloud, store, ())
        assert cloud.things == {}, f"killed at step {steps}"
        assert store.state.empty, f"killed at step {steps}"
        if survived:
            break
        steps += 1
    assert steps > 5


def test_what_can_only_exist_once_is_deleted_before_it_is_made_anew() -> None:
    cloud, store = fresh()
    deploy(cloud, store, whole_stage())
    cloud.writes.clear()
    deploy(cloud, store, whole_stage(changed=True))
    name = "api-kinesis-event-source"
    assert [write for write in cloud.writes if write.endswith(f" {name}")] == [
        f"delete {name}",
        f"create {name}",
    ]


def test_a_retired_notification_makes_room_for_the_one_of_the_same_name() -> None:
    cloud, store = fresh()
    before, after = whole_stage(), whole_stage(changed=True)
    deploy(cloud, store, before)
    records = dict(store.state.records)
    retired = records.pop("work-s3event")
    store.state = replace(store.state, records=records, retired=(retired,))
    deploy(cloud, store, after)
    assert cloud.contents() == contents_after(after)
    assert store.state.retired == ()


def test_a_change_that_was_killed_can_be_taken_back() -> None:
    before, after = whole_stage(), whole_stage(changed=True)
    expected = contents_after(before)
    for steps in range(0, 400, 7):
        cloud, store = fresh()
        deploy(cloud, store, before)
        set_fuse(cloud, store, steps)
        with suppress(Killed):
            deploy(cloud, store, after)
        set_fuse(cloud, store, None)
        deploy(cloud, store, before)
        assert cloud.contents() == expected, f"killed at step {steps}"
        deploy(cloud, store, ())
        assert cloud.things == {}, f"killed at step {steps}"
