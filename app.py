"""Starts the assistant: until there is a page, the terminal chat on the default policy."""

from assistant.cli import app

if __name__ == "__main__":
    app(["chat"])
