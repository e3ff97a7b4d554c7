"""CloudFormation: templates become stacks of resources, made with calls on the cloud's own APIs."""
