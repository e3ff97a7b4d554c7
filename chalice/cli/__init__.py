"""The chalice command."""
