"""Evaluate: question sets, runs and reports in the browser."""

from assistant.page.evaluate.blocks import build_blocks
from assistant.page.evaluate.routes import build_router

__all__ = ["build_blocks", "build_router"]
