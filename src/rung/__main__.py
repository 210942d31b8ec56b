"""Lets `python -m rung` do what `rung` does."""

import sys

from rung.cli import main

if __name__ == "__main__":
    sys.exit(main())
