"""What a role may do: the policy documents of the functions' roles."""

from chalice.policy.files import read_policy_file
from chalice.policy.generated import TRUST_POLICY, generated_policy

__all__ = ["TRUST_POLICY", "generated_policy", "read_policy_file"]
