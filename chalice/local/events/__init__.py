"""Events of an embedded cloud for the handlers in this process: ``chalice local --aws``."""
