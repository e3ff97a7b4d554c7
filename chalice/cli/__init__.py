"""The ``chalice`` command: ``main`` runs it, ``cli`` is the click group."""

from chalice.cli.factory import CLIFactory
from chalice.cli.group import cli
from chalice.cli.run import main

__all__ = ["CLIFactory", "cli", "main"]
