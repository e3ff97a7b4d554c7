"""The zip that Lambda runs."""
