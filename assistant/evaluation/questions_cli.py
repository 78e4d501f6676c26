"""The commands for question sets: questions check, questions export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.command_options import (
    PoliciesOption,
    PolicyOption,
    TextsOption,
    VersionOption,
    say,
    settings_of,
)
from policy_text import UserError

if TYPE_CHECKING:
    from assistant.evaluation.questions import QuestionSet
    from policy_text.library import Library

questions_app = typer.Typer(
    help="Check question sets, and bring them into other forms.", no_args_is_help=True
)

EXPORT_FORMATS = ("ragas", "deepeval", "jsonl")


def _known_export(value: str) -> str:
    if value not in EXPORT_FORMATS:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(EXPORT_FORMATS)}")
    return value


@questions_app.command()
def check(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE", help="Names of sets that ship (or all), files, BEIR folders."
        ),
    ],
    texts: TextsOption = None,
    policies: PoliciesOption = None,
    policy: PolicyOption = None,
    version: VersionOption = None,
) -> None:
    """Say what is in question sets, and what is wrong with them; exit 1 if anything is.

    Formats: JSON Lines with judgements; JSON of SQuAD or LegalBench-RAG; a
    folder of BEIR; CSV, TSV or XLSX with the columns question, expected (quotes,
    one a line) and section, and where wanted id, policy, version, kind,
    answerable, verdict and history.
    """
    from assistant.evaluation.check import check_set, render_report
    from assistant.evaluation.formats import named_sets, read_question_set
    from assistant.evaluation.locate import AskedOf

    is_sound = True
    for name in named_sets(files):
        try:
            questions = read_question_set(name, texts=texts)
            with _library(questions, policies) as library:
                report = check_set(questions, library, AskedOf(policy, version))
        except UserError as problem:
            is_sound = False
            _print(f"{name}: cannot be used\n    {problem}")
        else:
            is_sound = is_sound and not report.problems
            _print(render_report(report))
    if not is_sound:
        raise typer.Exit(1)


@questions_app.command()
def export(
    file: Annotated[str, typer.Argument(help="Name of a set that ships, file, or BEIR folder.")],
    format: Annotated[
        str, typer.Option("--format", help="ragas, deepeval or jsonl.", callback=_known_export)
    ],
    output: Annotated[str, typer.Option("--output", help="The file to write, or - for stdout.")],
    texts: TextsOption = None,
    policies: PoliciesOption = None,
    policy: PolicyOption = None,
    version: VersionOption = None,
) -> None:
    """Write a question set as ragas or deepeval read it, or as JSON Lines with judgements."""
    from assistant.evaluation.export import EXPORTS
    from assistant.evaluation.formats import read_question_set
    from assistant.evaluation.locate import AskedOf, locate

    _refuse_same(file, output)
    questions = read_question_set(file, texts=texts).checked()
    with _library(questions, policies) as library:
        located = locate(questions, library, AskedOf(policy, version))
    _write(EXPORTS[format](located), output)
    if questions.texts and format == "jsonl":
        say(
            f"{questions.name} brings its own texts, and JSON Lines cannot: to evaluate them, put "
            "the texts into a folder for --policies, or evaluate the set as it is."
        )


@contextmanager
def _library(questions: QuestionSet, policies: Path | None) -> Iterator[Library]:
    """The policies that a set is asked of; texts that it brings are gone afterwards."""
    from assistant.evaluation.texts import library_of

    with TemporaryDirectory(prefix="policy-assistant-") as folder:
        yield library_of(questions, settings_of(policies).policies, Path(folder))


def _refuse_same(file: str, output: str) -> None:
    from assistant.evaluation.questions import QuestionSetError

    if Path(output).exists() and Path(file).exists() and Path(output).samefile(file):
        raise QuestionSetError(f"{output} holds the questions. Give --output another file.")


def _write(text: str, output: str) -> None:
    from assistant.evaluation.run import write_whole

    if output == "-":
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    else:
        write_whole(Path(output), text)


def _print(words: str) -> None:
    """To standard output; what a broken file has in the place of characters is no hindrance."""
    typer.echo(words.encode("utf-8", "replace").decode("utf-8"))
