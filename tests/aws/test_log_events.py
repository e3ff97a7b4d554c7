"""Logs as CloudWatch gives them: in pages, late, throttled, or not at all."""

from __future__ import annotations

from itertools import islice

import pytest

from chalice.aws.log_events import OVERLAP, FunctionLog, follow, read
from chalice.aws.session import Session
from chalice.errors import ToolError
from tests.aws.scripted import Answer, ScriptedAws, error, log_event, page

ARN = "arn:aws:lambda:us-west-2:123456789012:function:demo-dev"


def log(name: str = "job", arn: str = ARN, session: Session | None = None) -> FunctionLog:
    return FunctionLog(session or Session(), name, arn)


def messages(scripted: ScriptedAws, since: int | None = None) -> list[str]:
    return [event.message for event in read([log()], since)]


def test_every_page_is_read_an_empty_one_too(scripted: ScriptedAws) -> None:
    scripted.says(
        "FilterLogEvents",
        page(log_event(1), then="a"),
        page(then="b"),
        page(log_event(2), log_event(3)),
    )
    assert messages(scripted, since=1) == ["at 1", "at 2", "at 3"]
    asked = {"logGroupName": "/aws/lambda/demo-dev", "interleaved": True, "startTime": 1}
    assert scripted.asked("FilterLogEvents") == [
        asked,
        {**asked, "nextToken": "a"},
        {**asked, "nextToken": "b"},
    ]


def test_pages_are_read_as_far_as_they_are_wanted(scripted: ScriptedAws) -> None:
    scripted.says("FilterLogEvents", page(log_event(1), log_event(2), then="more"))
    assert len(list(islice(read([log()], None), 3))) == 3
    assert len(scripted.asked("FilterLogEvents")) == 2
    assert "startTime" not in scripted.asked("FilterLogEvents")[0]


def test_the_region_of_the_function_is_asked(scripted: ScriptedAws) -> None:
    scripted.says("FilterLogEvents", page())
    assert messages(scripted) == []
    for call in scripted.calls:
        assert "/us-west-2/" in call.headers["Authorization"]


def test_a_function_that_was_never_invoked_has_no_events(scripted: ScriptedAws) -> None:
    scripted.says("FilterLogEvents", error("ResourceNotFoundException"))
    assert messages(scripted) == []


def test_a_moment_before_1970_is_its_beginning(scripted: ScriptedAws) -> None:
    scripted.says("FilterLogEvents", page())
    assert messages(scripted, since=-5) == []
    assert scripted.asked("FilterLogEvents")[0]["startTime"] == 0


def test_throttled_calls_are_made_again_later(scripted: ScriptedAws) -> None:
    throttled = error("ThrottlingException", "Rate exceeded")
    scripted.says("FilterLogEvents", throttled, throttled, page(log_event(1)))
    pauses: list[float] = []
    found = list(read([log(session=Session(pause=pauses.append))], None))
    assert [event.message for event in found] == ["at 1"]
    assert pauses == [5.0, 5.0]


def test_throttling_that_never_ends_is_an_error(scripted: ScriptedAws) -> None:
    scripted.says("FilterLogEvents", error("ThrottlingException", "Rate exceeded"))
    session = Session(pause=lambda _: None)
    with pytest.raises(ToolError, match="reading the log of demo-dev failed: ThrottlingException"):
        list(read([log(session=session)], None))


def test_the_log_group_is_that_of_the_functions_configuration(scripted: ScriptedAws) -> None:
    given = {"LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/shared/group"}}
    scripted.says("GetFunctionConfiguration", Answer(given))
    scripted.says("FilterLogEvents", page(then="a"), page())
    assert messages(scripted) == []
    names = [asked["logGroupName"] for asked in scripted.asked("FilterLogEvents")]
    assert names == ["/shared/group"] * 2
    assert len(scripted.asked("GetFunctionConfiguration")) == 1


def test_functions_that_share_a_group_have_their_own_events(scripted: ScriptedAws) -> None:
    scripted.says(
        "FilterLogEvents",
        page(
            log_event(1, stream="2030/01/31/demo-dev[$LATEST]0123abcd"),
            log_event(2, stream="2030/01/31/demo-dev-other[$LATEST]0123abcd"),
            log_event(3, stream="2030/01/31/[$LATEST]0123abcd"),
            log_event(4, stream="written by hand"),
        ),
    )
    assert messages(scripted) == ["at 1", "at 3", "at 4"]


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_a_log_can_be_read_where_its_function_cannot(scripted: ScriptedAws, code: str) -> None:
    scripted.says("GetFunctionConfiguration", error(code, status=403))
    scripted.says("FilterLogEvents", page(log_event(1)))
    assert messages(scripted) == ["at 1"]


def test_another_account_is_not_taken_for_an_empty_log(scripted: ScriptedAws) -> None:
    scripted.says("GetFunctionConfiguration", error("AccessDeniedException", status=403))
    elsewhere = log(arn=ARN.replace("123456789012", "999999999999"))
    with pytest.raises(ToolError, match="is in account 999999999999; this command runs in account"):
        list(read([elsewhere], None))
    assert scripted.asked("FilterLogEvents") == []


def test_other_failures_are_told(scripted: ScriptedAws) -> None:
    scripted.says("GetFunctionConfiguration", error("ServiceException", "oops", 500))
    with pytest.raises(ToolError, match="reading the configuration of demo-dev failed: Service"):
        messages(scripted)


def test_several_logs_are_merged_in_the_order_of_time(scripted: ScriptedAws) -> None:
    scripted.says(
        "FilterLogEvents",
        page(log_event(1), log_event(4)),
        page(log_event(2), log_event(3), log_event(5)),
    )
    logs = [log("one"), log("two", f"{ARN}-two")]
    found = [(event.function, event.timestamp) for event in read(logs, None)]
    assert found == [("one", 1), ("two", 2), ("two", 3), ("one", 4), ("two", 5)]


def test_a_record_that_holds_no_function_arn_is_damaged() -> None:
    with pytest.raises(ToolError, match="damaged: `arn:aws:iam::1:role/r`"):
        FunctionLog(Session(), "job", "arn:aws:iam::1:role/r")


def followed(
    scripted: ScriptedAws, *answers: Answer, since: int = 0, logs: int = 1
) -> tuple[list[str], list[float]]:
    """Follow until all answers are given; return the messages and the pauses between looks."""
    scripted.says("FilterLogEvents", *answers, error("the end"))
    pauses: list[float] = []
    session = Session(pause=pauses.append)
    sources = [log(f"log{number}", session=session) for number in range(logs)]
    seen: list[str] = []

    def see_all() -> None:
        for event in follow(sources, since, session):
            seen.append(event.message)

    with pytest.raises(ToolError, match="the end"):
        see_all()
    return seen, pauses


def test_followed_events_are_told_once(scripted: ScriptedAws) -> None:
    seen, pauses = followed(
        scripted,
        page(log_event(1), log_event(2)),
        page(log_event(1), log_event(2)),
        page(log_event(1), log_event(2), log_event(2, "twin", id_="another"), log_event(3)),
    )
    assert seen == ["at 1", "at 2", "twin", "at 3"]
    assert pauses == [2.0] * 3


def test_following_begins_before_there_is_a_log(scripted: ScriptedAws) -> None:
    missing = error("ResourceNotFoundException")
    seen, pauses = followed(scripted, missing, missing, page(), page(log_event(70)), since=50)
    assert seen == ["at 70"]
    assert pauses == [2.0] * 4
    starts = [asked["startTime"] for asked in scripted.asked("FilterLogEvents")]
    assert starts == [50] * 5


def test_events_that_come_late_are_not_lost(scripted: ScriptedAws) -> None:
    newest = 10 * OVERLAP
    seen, _ = followed(
        scripted,
        page(log_event(1), log_event(newest)),
        page(log_event(newest - OVERLAP + 1, "late"), log_event(newest)),
        page(log_event(newest - OVERLAP + 1, "late"), log_event(newest)),
    )
    assert seen == ["at 1", f"at {newest}", "late"]
    starts = [asked["startTime"] for asked in scripted.asked("FilterLogEvents")]
    assert starts == [0, newest - OVERLAP, newest - OVERLAP, newest - OVERLAP]


def test_followed_logs_are_merged_look_by_look(scripted: ScriptedAws) -> None:
    seen, _ = followed(
        scripted,
        page(log_event(2)),
        page(log_event(1)),
        page(log_event(4)),
        page(log_event(3)),
        logs=2,
    )
    assert seen == ["at 1", "at 2", "at 3", "at 4"]
