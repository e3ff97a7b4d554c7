"""What the tool falls back to, under the names that programs built on it import."""

from chalice.config.config import FUNCTION as DEFAULT_HANDLER_NAME
from chalice.config.config import STAGE as DEFAULT_STAGE_NAME

__all__ = ["DEFAULT_HANDLER_NAME", "DEFAULT_STAGE_NAME"]
