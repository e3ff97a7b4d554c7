"""From the source of a project to the AWS calls that each of its Lambda functions can make.

The source is only read, never imported.
"""

from chalice.model.services import ServiceModels
from chalice.policy.analysis.analysis import analyse, discover
from chalice.policy.analysis.findings import (
    UNKNOWN,
    Call,
    Declared,
    Findings,
    Parameter,
    Place,
    Unknown,
    Unresolved,
)

__all__ = [
    "UNKNOWN",
    "Call",
    "Declared",
    "Findings",
    "Parameter",
    "Place",
    "ServiceModels",
    "Unknown",
    "Unresolved",
    "analyse",
    "discover",
]
