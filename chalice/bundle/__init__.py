"""The zip that Lambda runs: an app, its requirements and the runtime."""

from chalice.bundle.builder import Bundle, build
from chalice.bundle.contents import runtime_files
from chalice.bundle.target import Architecture, Target

__all__ = ["Architecture", "Bundle", "Target", "build", "runtime_files"]
