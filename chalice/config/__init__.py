"""The project configuration and the loading of the app."""

from chalice.config.config import Config
from chalice.config.loading import load

__all__ = ["Config", "load"]
