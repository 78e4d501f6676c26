"""Starts the page, as `policy-assistant serve` does, with the same flags."""

import sys

from assistant.cli import main

if __name__ == "__main__":
    main(["serve", *sys.argv[1:]])
