"""The commands of approved answers: approved export, approved import."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from assistant.command_options import say, settings_of

approved_app = typer.Typer(
    help="Answers that support agents approved on the page.", no_args_is_help=True
)
ConfigOption = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]
ApprovedOption = Annotated[
    Path | None, typer.Option("--approved", help="The SQLite file of approved answers.")
]
AuditOption = Annotated[Path | None, typer.Option("--audit", help="The file of approvals.")]


@approved_app.command("export")
def export_approved(
    output: Annotated[
        Path, typer.Option(help="File to write: .jsonl for JSON Lines, .csv for a spreadsheet.")
    ],
    config: ConfigOption = None,
    approved: ApprovedOption = None,
) -> None:
    """Write all approved answers to a file."""
    from assistant.stores.approved import ApprovedError, ApprovedStore
    from assistant.stores.approved_files import ApprovedFormat, write_answers

    settings = settings_of(config=config, approved=approved)
    forms = {f".{form.value}": form for form in ApprovedFormat}
    form = forms.get(output.suffix.lower())
    if form is None:
        raise ApprovedError(f"{output} is neither .jsonl nor .csv. Name the file so.")
    if not settings.approved_file.exists():
        raise ApprovedError(
            f"There are no approved answers in {settings.approved_file}. Check the setting "
            "approved."
        )
    answers = ApprovedStore(settings.approved_file).all()
    try:
        output.write_text(write_answers(answers, form), encoding="utf-8", newline="")
    except OSError as error:
        raise ApprovedError(f"{output} cannot be written: {error.strerror}.") from error
    say(f"Approved answers in {output}: {len(answers)}.")


@approved_app.command("import")
def import_approved(
    file: Annotated[Path, typer.Argument(help="An export, as JSON Lines or CSV.")],
    config: ConfigOption = None,
    approved: ApprovedOption = None,
    audit: AuditOption = None,
) -> None:
    """Add the approved answers of an export; those that are there already stay as they are."""
    from assistant.approved import bring
    from assistant.stores.approved import ApprovedError, ApprovedStore
    from assistant.stores.approved_files import read_answers
    from assistant.stores.audit import AuditLog, Visitor

    settings = settings_of(config=config, approved=approved, audit=audit)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ApprovedError(f"{file} cannot be read: {error.strerror}. Check the path.") from error
    read = read_answers(data, str(file))
    store, log = ApprovedStore(settings.approved_file), AuditLog(settings.audit_file)
    added = bring(store, read.answers, log, Visitor("local", "local"))
    say(f"Brought: {added}, there already: {len(read.answers) - added}.")
    for problem in read.problems:
        say(problem)
    if read.problems:
        raise typer.Exit(1)
