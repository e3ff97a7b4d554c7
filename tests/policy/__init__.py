"""Tests of what a role may do."""
