"""The command line for another process that starts it, and with which it ends.

Standard input is a pipe that only the other process holds: however that ends, a kill too, the pipe
is closed, and this process and all that it has started end.
"""

from __future__ import annotations

import os
import signal
import sys
import threading


def main() -> None:
    """Runs the command line, as long as standard input stays open."""
    threading.Thread(target=_end_with_input, daemon=True).start()
    from assistant.cli import main as run

    run()


def _end_with_input() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    leads_group = os.getpgrp() == os.getpid()
    if leads_group:
        os.killpg(os.getpgrp(), signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
