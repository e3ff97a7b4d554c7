"""Which IAM actions an AWS call needs, and on which resources."""

from __future__ import annotations

from chalice.iam.catalog.calls import UNKNOWN, Need, Place, Unknown
from chalice.iam.catalog.needs import needs
from chalice.iam.catalog.reference import (
    Standing,
    UndocumentedError,
    UnknownOperationError,
    access_level,
    actions_of,
    operation_called,
    operations_of,
    prefix_of,
    services,
    standing,
)

__all__ = [
    "UNKNOWN",
    "Need",
    "Place",
    "Standing",
    "UndocumentedError",
    "Unknown",
    "UnknownOperationError",
    "access_level",
    "actions_of",
    "needs",
    "operation_called",
    "operations_of",
    "prefix_of",
    "services",
    "standing",
]
