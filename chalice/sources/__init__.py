"""What the toolchain knows of each trigger: one file a source, named as in ``runtime/events``."""
