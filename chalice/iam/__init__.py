"""What IAM means: which actions an AWS call needs, and what a policy says of an action."""
