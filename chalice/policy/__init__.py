"""What a role may do, and who may call an API."""

from chalice.policy.stage import StagePolicies

__all__ = ["StagePolicies"]
