"""What functions called beside what they are granted."""

from __future__ import annotations

from dataclasses import replace

from chalice.policy.analysis import Place
from chalice.policy.verification import Frame, Stack, Use, verify

TABLE = "arn:aws:dynamodb:us-east-1:123456789012:table/orders"
READ = Use("put", "dynamodb:GetItem", TABLE, "dynamodb GetItem", is_allowed=False)


def stack(*lines: int) -> Stack:
    return tuple(Frame(Place("app.py", line), "put") for line in lines)


def test_calls_of_one_kind_are_one_use_with_all_their_stacks() -> None:
    seen = [
        replace(READ, stacks=(stack(3, 9),)),
        READ,
        replace(READ, stacks=(stack(3, 7),)),
        replace(READ, stacks=(stack(3, 9),)),
    ]
    assert verify({}, seen).missing == [replace(READ, stacks=(stack(3, 7), stack(3, 9)))]


def test_what_is_granted_and_what_is_not_are_kept_apart() -> None:
    granted = replace(READ, action="dynamodb:Query", is_allowed=True, stacks=(stack(1),))
    found = verify({}, [READ, granted, replace(READ, function="fetch")])
    assert found.needed == [granted]
    assert found.missing == [replace(READ, function="fetch"), READ]
    assert found.unused == []
