"""Names that the whole tool agrees on, and that programs built on it import."""

DEFAULT_STAGE_NAME = "dev"
DEFAULT_HANDLER_NAME = "api_handler"
"""The function that serves all routes."""
DOCKERFILE = "Dockerfile"
"""What makes the container image of a project that has one."""
ATTACHED = "CHALICE_ATTACHED"
"""The variable of functions in the embedded cloud that `chalice local --aws` runs itself."""


def websocket_function(route_key: str) -> str:
    """Return the name of the function that a route of the WebSocket API invokes."""
    names = {"$connect": "websocket_connect", "$disconnect": "websocket_disconnect"}
    return names.get(route_key, "websocket_message")
