"""Decide what to do, and do it."""
