"""Gradio, kept from calling out and from growing; nothing else imports it."""

from __future__ import annotations

import os

# Read by Gradio and its hub client when they are imported, so they stand before the import.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # anything but exactly "True": no telemetry
os.environ["GRADIO_RUN_HISTORY"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
# After each event Gradio rebuilds a table of all events so far, even with monitoring off: after
# 6,600 answers it has lost more than half its speed. One event, renewed never, keeps it flat.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"

import gradio

__all__ = ["gradio"]
