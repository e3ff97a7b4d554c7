"""What a role may do, and who may call an API."""

from chalice.policy.code import Code
from chalice.policy.stage import StagePolicies
from chalice.policy.statements import combined

__all__ = ["Code", "StagePolicies", "combined"]
