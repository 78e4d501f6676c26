"""The commands around the page: serve, feedback export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.command_options import (
    IndexOption,
    ModelOption,
    PoliciesOption,
    RegionOption,
    build_progress,
    say,
    settings_of,
)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]
FeedbackOption = Annotated[
    Path | None, typer.Option("--feedback", help="The SQLite file of ratings.")
]


def serve(
    config: ConfigOption = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on. Default: 127.0.0.1.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on. Default: 7860.")] = None,
    title: Annotated[str | None, typer.Option(help="What the page is called.")] = None,
    keep_feedback_days: Annotated[
        int | None, typer.Option(help="Keep ratings and their questions that long. Default: 0.")
    ] = None,
    feedback: FeedbackOption = None,
    own_policies: Annotated[
        bool | None, typer.Option(help="Whether visitors may ask a policy of their own.")
    ] = None,
    frame_origins: Annotated[
        str | None, typer.Option(help="Sites that may frame the page, with commas between.")
    ] = None,
    allowed_hosts: Annotated[
        str | None, typer.Option(help="Host names that the page answers to, with commas between.")
    ] = None,
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
    region: RegionOption = None,
) -> None:
    """Open the page for browsers."""
    settings = settings_of(
        policies, index, model, region, config=config, host=host, port=port, title=title,
        keep_feedback_days=keep_feedback_days, feedback=feedback, own_policies=own_policies,
        frame_origins=frame_origins, allowed_hosts=allowed_hosts,
    )  # fmt: skip
    from assistant.page.serve import serve as serve_page

    with build_progress() as progress:
        serve_page(settings, report=say, progress=progress)


feedback_app = typer.Typer(help="What people thought of answers.", no_args_is_help=True)


@feedback_app.command("export")
def export_feedback(
    output: Annotated[Path | None, typer.Option(help="JSON Lines file. Default: stdout.")] = None,
    with_unhelpful: Annotated[
        bool, typer.Option("--with-unhelpful", help="Also answers that were rated unhelpful.")
    ] = False,
    config: ConfigOption = None,
    feedback: FeedbackOption = None,
    keep_feedback_days: Annotated[
        int | None, typer.Option(help="As in serve; older ratings are deleted, not exported.")
    ] = None,
) -> None:
    """Make a question set of the answers that were rated helpful."""
    from assistant.stores.feedback import export

    settings = settings_of(config=config, feedback=feedback, keep_feedback_days=keep_feedback_days)
    lines = export(settings.feedback_file, settings.keep_feedback_days, with_unhelpful)
    text = "".join(line + "\n" for line in lines)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        say(f"Questions in {output}: {len(lines)}.")
