"""Look up: support agents find passages in all policies."""

from assistant.page.lookup.blocks import build_blocks
from assistant.page.lookup.routes import build_router

__all__ = ["build_blocks", "build_router"]
