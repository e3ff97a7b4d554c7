"""AWS, through botocore."""
