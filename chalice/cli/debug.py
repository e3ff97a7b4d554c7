"""What ``--debug`` logs, and what it leaves out."""

from __future__ import annotations

import logging

LARGE_REQUESTS = ("CreateFunction", "UpdateFunctionCode", "PublishLayerVersion")


def log_to_stderr() -> None:
    """Log everything to stderr, without the bodies of requests that carry code."""
    logging.basicConfig(
        level=logging.DEBUG, format="%(asctime)s %(name)s [%(levelname)s] %(message)s"
    )
    logging.getLogger("botocore.endpoint").addFilter(without_code)


def without_code(record: logging.LogRecord) -> bool:
    """Leave the body of a large request out of its log record; keep every record."""
    if isinstance(record.args, tuple) and len(record.args) == 2:
        operation, request = record.args
        if isinstance(request, dict) and getattr(operation, "name", "") in LARGE_REQUESTS:
            body = "(... omitted from logs due to size ...)"
            record.args = (operation, {**request, "body": body})
    return True
