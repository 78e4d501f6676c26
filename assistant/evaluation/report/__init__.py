"""Evaluations, comparisons and policy changes as HTML pages that need nothing but a browser."""

from assistant.evaluation.report.changes_page import changes_html
from assistant.evaluation.report.comparison_page import comparison_html
from assistant.evaluation.report.run_page import report_html

__all__ = ["changes_html", "comparison_html", "report_html"]
