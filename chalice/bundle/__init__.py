"""The zip that Lambda runs: an app, its requirements and the runtime."""

from chalice.bundle.builder import Bundle, Bundles, build, build_with_layer
from chalice.bundle.contents import runtime_files
from chalice.bundle.sources import sources
from chalice.bundle.target import Architecture, Target

__all__ = [
    "Architecture",
    "Bundle",
    "Bundles",
    "Target",
    "build",
    "build_with_layer",
    "runtime_files",
    "sources",
]
