"""The handlers of the app in the project, run in this process as Lambda runs them."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chalice.cli import output
from chalice.errors import ToolError

if TYPE_CHECKING:
    from chalice.app import Chalice
    from chalice.config import Config
    from chalice.test.handlers import Found


@dataclass(frozen=True)
class Ended:
    """What came of an invocation: JSON. With ``has_failed`` it describes an exception."""

    payload: bytes
    has_failed: bool = False


class NoSuchHandlerError(ToolError):
    """The app has no handler of that name."""


def load_handler(config: Config, name: str) -> tuple[Chalice, Found]:
    """Import the app as the function ``name`` does, and return its handler of that name.

    Raises NoSuchHandlerError, and ToolError for an app that cannot be imported.
    """
    from chalice.config.application import load_app
    from chalice.local.served import region
    from chalice.test.handlers import find, names

    os.environ.setdefault("AWS_REGION", region())  # which every function on Lambda has
    app = load_app(config.scope(config.chalice_stage, name))
    found = find(app, name)
    if found is not None:
        return app, found
    known = names(app)
    close = get_close_matches(name, known, n=1)
    meant = f"did you mean `{close[0]}`? " if close else ""
    hint = f"{meant}the app has {', '.join(known)}" if known else "the app has none"
    raise NoSuchHandlerError(f"could not find a handler named {name}", hint=hint)


def run(app: Chalice, config: Config, name: str, found: Found, event: Any) -> Ended:
    """Invoke a handler under the variables of its function. What it prints goes to stderr.

    Messages to WebSocket clients are told there as well: nobody is connected.
    """
    from chalice.local import LambdaContext

    scope = config.scope(config.chalice_stage, found.deployed_as)
    os.environ.update(scope.environment_variables)
    context = LambdaContext(name, scope.lambda_memory_size, scope.lambda_timeout * 1000)
    with redirect_stdout(sys.stderr), _nobody_connected(app):
        try:
            answer = found.call(event, context)
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            return _failed(type(error).__name__, str(error), error, Path(config.project_dir))
    try:
        return Ended(_json(answer))
    except (TypeError, ValueError, RecursionError) as error:
        said = f"Unable to marshal response: {error}"
        return _failed("Runtime.MarshalError", said, None, Path(config.project_dir))


class _Told:
    """Says what would be sent to the clients of a WebSocket API."""

    def send(self, connection_id: str, message: str | bytes) -> None:
        text = message if isinstance(message, str) else message.decode("utf-8", "replace")
        output.say(f"to connection {connection_id}: {text}")

    def close(self, connection_id: str) -> None:
        output.say(f"connection {connection_id} closed")

    def info(self, connection_id: str) -> dict[str, Any]:
        return {"Identity": {"SourceIp": "127.0.0.1", "UserAgent": "sample"}}


@contextmanager
def _nobody_connected(app: Chalice) -> Iterator[None]:
    from chalice.test.captured import capture, release

    if not app.websocket_handlers:
        yield
        return
    told = _Told()
    capture(app.websocket_api, told)
    try:
        yield
    finally:
        release(app.websocket_api, told)


def _json(answer: Any) -> bytes:
    """Return JSON as the runtimes of Lambda write it."""
    try:
        return json.dumps(answer, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return json.dumps(answer).encode()


def _failed(kind: str, message: str, error: BaseException | None, project: Path) -> Ended:
    failure: Mapping[str, Any] = {
        "errorMessage": message,
        "errorType": kind,
        "stackTrace": [] if error is None else _frames(error, project),
    }
    return Ended(json.dumps(failure).encode(), has_failed=True)


def _frames(error: BaseException, project: Path) -> Sequence[str]:
    """Return the frames from the user's first on, without those of chalice."""
    from chalice.config.places import inside

    own = str(Path(__file__).parent.parent)
    frames = traceback.extract_tb(error.__traceback__)
    first = next(
        (number for number, each in enumerate(frames) if inside(each.filename, project)), None
    )
    shown = frames if first is None else frames[first:]
    return traceback.format_list([each for each in shown if not each.filename.startswith(own)])
