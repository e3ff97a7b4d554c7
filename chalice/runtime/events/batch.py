"""Records handed over one by one, and the report of those that failed.

https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from logging import Logger
    from typing import Any

    from chalice.runtime.events import BaseLambdaEvent

    Records = Sequence[dict[str, Any]]


class Batch:
    """How the records of one kind are told apart, and what a failure means for the later ones.

    `identify` returns what Lambda calls a record. `give_up` gets all records and the position
    after one that failed: it returns those that are reported as well, untried, or None to go on.
    """

    def __init__(
        self,
        record_class: Callable[[dict[str, Any], Any], Any],
        identify: Callable[[dict[str, Any]], str],
        give_up: Callable[[Records, int], Records | None],
    ) -> None:
        self._record_class = record_class
        self._identify = identify
        self._give_up = give_up

    def run(
        self, event: BaseLambdaEvent, call: Callable[[Any], None], log: Logger
    ) -> dict[str, Any]:
        """Call with each record; a record that `call` raises an Exception for will come again.

        Returns `{"batchItemFailures": [{"itemIdentifier": "..."}]}`, empty if all went well.
        """
        records = event.to_dict()["Records"]
        failed: list[str] = []
        for position, record in enumerate(records):
            try:
                call(self._record_class(record, event.context))
            except Exception:
                identifier = self._identify(record)
                log.exception("Caught exception for record %s", identifier)
                failed.append(identifier)
                skipped = self._give_up(records, position + 1)
                if skipped is not None:
                    failed += map(self._identify, skipped)
                    break
        return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in failed]}


def stop_at_failure(_records: Records, _position: int) -> Records:
    """Of a stream: Lambda starts again at the one reported, so the later ones come anyway."""
    return ()
