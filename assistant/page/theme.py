"""The look that Gradio's own parts have: system fonts, quiet colours, light and dark."""

from __future__ import annotations

from assistant.page.quiet import gradio as gr

_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "Helvetica Neue", "sans-serif")
_MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "monospace")


def calm_theme() -> gr.themes.Base:
    """The page's theme; the rest of its look stands in page.css, with the same colours."""
    theme = gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_lg,
        text_size=gr.themes.sizes.text_lg,
        font=list(_SANS),
        font_mono=list(_MONO),
    )
    return theme.set(
        body_background_fill="#faf9f7",
        body_background_fill_dark="#171614",
        body_text_color="#26241f",
        body_text_color_dark="#ece9e2",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_label_text_color="#5c574d",
        block_label_text_color_dark="#b3ac9f",
        block_title_text_color="#5c574d",
        block_title_text_color_dark="#b3ac9f",
        input_background_fill="#ffffff",
        input_background_fill_dark="#211f1c",
        input_border_color="#8d877b",
        input_border_color_dark="#7d776c",
        input_border_color_focus="#0f5f59",
        input_border_color_focus_dark="#7fd1c7",
        input_placeholder_color="#6b665c",
        input_placeholder_color_dark="#a39c90",
        button_primary_background_fill="#0f5f59",
        button_primary_background_fill_hover="#0b4a45",
        button_primary_background_fill_dark="#7fd1c7",
        button_primary_background_fill_hover_dark="#a3e2da",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#10211f",
    )
