"""Starts the assistant: until there is a page, the terminal chat on the default policy."""

from assistant.cli import main

if __name__ == "__main__":
    main(["chat"])
