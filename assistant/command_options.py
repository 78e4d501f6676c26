"""What the commands share: their options, the settings these give, progress, messages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policy_text import UserError

if TYPE_CHECKING:
    from assistant.ask import Assistant
    from assistant.settings import Settings

FORMATS = ("text", "markdown", "json")


def known_format(value: str) -> str:
    """The format, if there is one of that name."""
    if value not in FORMATS:
        raise typer.BadParameter(f"{value!r} is none of {', '.join(FORMATS)}")
    return value


def _not_with_version(context: typer.Context, value: str | None) -> str | None:
    if value is not None and context.params.get("version") is not None:
        raise typer.BadParameter("--version names the version already; give one of the two")
    return value


PolicyOption = Annotated[str | None, typer.Option("--policy", help="Which policy (its id).")]
VersionOption = Annotated[
    str | None, typer.Option("--version", help="Which version (its date). Default: the newest.")
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        help="The version in force on that day (YYYY-MM-DD).",
        callback=_not_with_version,
    ),
]
RegionOption = Annotated[
    str | None, typer.Option("--region", help='Whose residents\' rules apply, as "California".')
]
FormatOption = Annotated[
    str,
    typer.Option("--format", help="text, markdown or json.", callback=known_format),
]
PoliciesOption = Annotated[
    Path | None, typer.Option("--policies", help="A folder of policies. Default: those shipped.")
]
IndexOption = Annotated[
    Path | None, typer.Option("--index", help="The index folder. Default: in the user's cache.")
]
TextsOption = Annotated[
    Path | None, typer.Option("--texts", help="A LegalBench-RAG set's folder of texts.")
]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=1, help="Processes that answer at the same time.")
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model", help="Folder of a sentence-transformers model instead of policy-minilm."
    ),
]


def settings_of(
    policies: Path | None = None,
    index: Path | None = None,
    model: str | None = None,
    region: str | None = None,
    *,
    config: Path | None = None,
    **flags: object,
) -> Settings:
    """The settings of file and environment, overridden by flags."""
    from assistant.settings import read_settings

    given = {"policies": policies, "index": index, "model": model, "region": region, **flags}
    return read_settings(file=config, flags=given)


@contextmanager
def opened(settings: Settings) -> Iterator[Assistant]:
    """The assistant that the settings describe; work done once is told on standard error."""
    from assistant.ask import Assistant

    with build_progress() as progress:
        yield Assistant.open(settings, progress=progress)


@contextmanager
def build_progress() -> Iterator[Any]:
    """A bar on standard error that appears when an index is built."""
    from assistant.progress import Bar

    bar = Bar("Building the index")
    try:
        yield bar
    finally:
        bar.close()


@contextmanager
def counting(total: int, limit: int | None) -> Iterator[Callable[[], None]]:
    """A bar on standard error that counts questions."""
    from assistant.progress import Bar

    bar = Bar("Answering")
    bar.start(min(total, limit or total))
    try:
        yield lambda: bar.advance(1)
    finally:
        bar.close()


def say(words: str) -> None:
    """A line on standard error."""
    typer.echo(words, err=True)


def name_problems(problems: tuple[UserError, ...]) -> None:
    """Names what is wrong, and ends with exit code 1 if anything is."""
    for problem in problems:
        say(str(problem))
    if problems:
        raise typer.Exit(1)
