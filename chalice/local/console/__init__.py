"""The console of ``chalice local``: what the app is, what happens in it, and buttons to call it."""

from chalice.local.console.console import Console
from chalice.local.console.data import Data

__all__ = ["Console", "Data"]
