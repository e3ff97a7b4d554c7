"""Names that the whole tool agrees on, and that programs built on it import."""

DEFAULT_STAGE_NAME = "dev"
DEFAULT_HANDLER_NAME = "api_handler"
"""The function that serves all routes."""
