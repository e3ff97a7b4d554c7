"""What Lambda does with records of a stream that fail, and how it divides a shard.

https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypedDict

    class StreamOptions(TypedDict, total=False):
        """Of on_kinesis_record and on_dynamodb_record.

        A batch that fails comes again up to `maximum_retry_attempts` times (-1, the default: until
        it is too old), halved if `bisect_batch_on_function_error`, unless it is older than
        `maximum_record_age_in_seconds`; then the queue or topic with the ARN `on_failure` hears
        of it. `parallelization_factor` batches of a shard are under way at once, 1 to 10.
        """

        maximum_retry_attempts: int
        maximum_record_age_in_seconds: int
        bisect_batch_on_function_error: bool
        parallelization_factor: int
        tumbling_window_in_seconds: int
        on_failure: str


DEFAULTS: Mapping[str, Any] = {
    "maximum_retry_attempts": None,
    "maximum_record_age_in_seconds": None,
    "bisect_batch_on_function_error": False,
    "parallelization_factor": 1,
    "tumbling_window_in_seconds": 0,
    "on_failure": None,
}


def check(given: Mapping[str, Any]) -> None:
    """Raise TypeError for a name that is no option."""
    unknown = given.keys() - DEFAULTS.keys()
    if unknown:
        raise TypeError(f"got an unexpected keyword argument {min(unknown)!r}")
