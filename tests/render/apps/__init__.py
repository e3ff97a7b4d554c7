"""Projects that declare what those declared whose templates are in ``golden/``."""
