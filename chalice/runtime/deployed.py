"""What a handler in a module of its own needs where it is deployed: the app."""

from __future__ import annotations

import os


def import_app() -> None:
    """Import the module of the app, on Lambda, so that it registers its blueprints.

    Lambda itself imports the module of the handler and nothing else. A bundle without that module
    is left alone.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" not in os.environ:
        return
    from importlib import import_module  # noqa: PLC0415

    from chalice.runtime.entry import MODULE  # noqa: PLC0415

    try:
        import_module(MODULE)
    except ModuleNotFoundError as error:
        if not f"{MODULE}.".startswith(f"{error.name}."):
            raise
