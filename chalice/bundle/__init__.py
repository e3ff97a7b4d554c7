"""The zip that Lambda runs: an app, its requirements and the runtime."""

from chalice.bundle.builder import Bundle, Bundles, build, build_with_layer
from chalice.bundle.contents import runtime_files
from chalice.bundle.report import Report, explain
from chalice.bundle.requirements import Declaration
from chalice.bundle.settings import Settings
from chalice.bundle.sources import sources
from chalice.bundle.target import Architecture, Target
from chalice.bundle.trial import tried

__all__ = [
    "Architecture",
    "Bundle",
    "Bundles",
    "Declaration",
    "Report",
    "Settings",
    "Target",
    "build",
    "build_with_layer",
    "explain",
    "runtime_files",
    "sources",
    "tried",
]
