"""Serves the peer as LangChain's and Gradio's tutorials do: gr.ChatInterface over benchmarks.peer.

    python -m benchmarks.peer_page POLICY_FILE --port N [--concurrency N]

The peer itself has no language model; the best chunk is its answer and the four best are listed
as sources below it. Everything else is Gradio's default, statistics and outbound calls apart.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmarks.peer import Peer

# Offline, as this project's page is; the default would wait for hosts that do not answer.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")


def main() -> None:
    """Loads the peer, then serves it until it is killed."""
    parser = argparse.ArgumentParser(description="Serve the peer in a gr.ChatInterface.")
    parser.add_argument("policy_file", type=Path)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--concurrency", type=int, help="concurrency_limit; default: Gradio's, 1")
    options = parser.parse_args()
    import gradio

    peer = Peer(options.policy_file)
    peer.answer("Do you keep my data?")

    def respond(message: str, history: list[dict[str, str]]) -> str:
        del history  # the tutorial's retriever looks at the last message only
        answer = peer.answer(message)
        sources = "\n\n".join(
            f"> {source.quote}\n\n({source.start}–{source.end})" for source in answer.sources
        )
        return f"{answer.text}\n\n**Sources**\n\n{sources}"

    limit = {} if options.concurrency is None else {"concurrency_limit": options.concurrency}
    page = gradio.ChatInterface(respond, title="Peer", **limit)
    page.launch(server_name="127.0.0.1", server_port=options.port, quiet=True, share=False)


if __name__ == "__main__":
    main()
