"""One AWS call: its failure in words a person can act on, and its retries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeAlias, TypeVar

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)

from chalice.errors import ToolError

T = TypeVar("T")
Pause: TypeAlias = Callable[[float], None]
"""Waits for so many seconds."""

CREDENTIALS_HINT = (
    "to deploy to AWS, run `aws configure` or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; "
    "to deploy to this machine without an account, run `chalice deploy --local`"
)
REGION_HINT = "set AWS_DEFAULT_REGION, or `region` in ~/.aws/config"
NOT_FOUND = frozenset(
    {
        *("NoSuchEntity", "ResourceNotFoundException", "NotFoundException", "404"),
        *("NotFound", "NoSuchBucket"),
    }
)
DENIED = frozenset({"AccessDenied", "AccessDeniedException"})
_THROTTLED = frozenset({"TooManyRequestsException", "ThrottlingException"})
_DENIED = "your credentials lack this permission; ask whoever manages the account"
_EXPIRED = "the session has expired; log in again"
_HINTS = {
    "AccessDenied": _DENIED,
    "AccessDeniedException": _DENIED,
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "InvalidClientTokenId": CREDENTIALS_HINT,
    "UnrecognizedClientException": CREDENTIALS_HINT,
    "RequestEntityTooLargeException": "remove dependencies, or code that the app does not need",
    "LimitExceededException": "an AWS quota is used up; delete what is unused or ask for more",
}
_HINTS_BY_SENTENCE = (
    (
        re.compile("Queue visibility timeout: .* is less than Function timeout"),
        "raise the queue's VisibilityTimeout to the function's timeout or more, best six times as "
        "much, or lower `lambda_timeout`",
    ),
    (
        re.compile(
            "(queue|bucket|Topic|Event bus .*) does not exist|Stream not found|NonExistentQueue"
        ),
        "create it first, or correct its name: chalice does not make what triggers a function",
    ),
)
# A new role takes seconds to reach Lambda: https://docs.aws.amazon.com/IAM/latest/UserGuide/
# troubleshoot_general.html#troubleshoot_general_eventual-consistency
_ROLE_IS_NEW = re.compile(
    r"role.*cannot be assumed|role.*does not have permissions|valid principal", re.IGNORECASE
)
_ROLE_PAUSES = (2.0,) * 30  # seconds
_QUOTA_PAUSES = (5.0,) * 24
_BUSY_PAUSES = (1.0,) * 60


def code_of(error: ClientError) -> str:
    """Return AWS's own name of the error: ``ResourceNotFoundException``."""
    return str(error.response.get("Error", {}).get("Code", ""))


def hint_for(error: ClientError) -> str | None:
    """Return what a person can do about the error, None if that is not known."""
    for sentence, hint in _HINTS_BY_SENTENCE:
        if sentence.search(str(error)):
            return hint
    return _HINTS.get(code_of(error))


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Turn what botocore raises inside into a ToolError that begins with ``what``."""
    try:
        yield
    except ClientError as error:
        code = code_of(error)
        message = error.response.get("Error", {}).get("Message", "")
        raise ToolError(f"{what} failed: {code}: {message}", hint=hint_for(error)) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise ToolError("no AWS credentials found", hint=CREDENTIALS_HINT) from error
    except NoRegionError as error:
        raise ToolError("no AWS region is configured", hint=REGION_HINT) from error
    except ProfileNotFound as error:
        raise ToolError(str(error), hint="see the names in ~/.aws/config") from error
    except (EndpointConnectionError, ConnectionClosedError) as error:
        hint = (
            "check the network, the region and AWS_ENDPOINT_URL; "
            "`chalice cloud logs` shows why an embedded cloud has stopped"
        )
        raise ToolError(f"{what} failed: {error}", hint=hint) from error
    except BotoCoreError as error:
        raise ToolError(f"{what} failed: {error}") from error


def or_none(call: Callable[[], T]) -> T | None:
    """Return what ``call`` returns, or None where AWS says that there is no such thing."""
    try:
        return call()
    except ClientError as error:
        if code_of(error) in NOT_FOUND:
            return None
        raise


def once_assumable(call: Callable[[], T], pause: Pause) -> T:
    """Return what ``call`` returns, trying again for a minute while its role is too new."""
    return _persist(call, _is_for_a_new_role, _ROLE_PAUSES, pause)


def once_admitted(call: Callable[[], T], pause: Pause) -> T:
    """Return what ``call`` returns, waiting out quotas of some calls in a time per account.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/cloudwatch_limits_cwl.html
    """
    return _persist(call, _is_throttled, _QUOTA_PAUSES, pause)


def once_free(call: Callable[[], T], pause: Pause) -> T:
    """Return what ``call`` returns, waiting while an earlier change of the thing is under way."""
    return _persist(call, _is_busy, _BUSY_PAUSES, pause)


def _persist(
    call: Callable[[], T],
    is_passing: Callable[[ClientError], bool],
    pauses: Iterable[float],
    pause: Pause,
) -> T:
    for seconds in pauses:
        try:
            return call()
        except ClientError as error:
            if not is_passing(error):
                raise
            pause(seconds)
    return call()


def _is_for_a_new_role(error: ClientError) -> bool:
    is_invalid = code_of(error) == "InvalidParameterValueException"
    return is_invalid and _ROLE_IS_NEW.search(str(error)) is not None


def _is_busy(error: ClientError) -> bool:
    return code_of(error) in ("ResourceInUseException", "OperationAbortedException") or (
        code_of(error) == "ResourceConflictException" and "in progress" in str(error)
    )


def _is_throttled(error: ClientError) -> bool:
    return code_of(error) in _THROTTLED
