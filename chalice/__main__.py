"""``python -m chalice`` is the ``chalice`` command."""

import sys

from chalice.cli import main

if __name__ == "__main__":
    sys.exit(main())
