"""The command line: ask, chat, search, policies, show, index, answer, serve, feedback."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policy_text import UserError

if TYPE_CHECKING:
    from assistant.ask import Assistant
    from assistant.settings import Settings
    from policy_text import PolicyVersion

app = typer.Typer(
    help="Ask a privacy policy; answers come in its own words, with the sections cited.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

FORMATS = ("text", "markdown", "json")


def _known_format(value: str) -> str:
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
    typer.Option("--format", help="text, markdown or json.", callback=_known_format),
]
PoliciesOption = Annotated[
    Path | None, typer.Option("--policies", help="A folder of policies. Default: those shipped.")
]
IndexOption = Annotated[
    Path | None, typer.Option("--index", help="The index folder. Default: in the user's cache.")
]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="Folder of a sentence-transformers model instead of MiniLM."),
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="A TOML file of settings.")]
FeedbackOption = Annotated[
    Path | None, typer.Option("--feedback", help="The SQLite file of ratings.")
]


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    policy: PolicyOption = None,
    version: VersionOption = None,
    as_of: AsOfOption = None,
    region: RegionOption = None,
    format: FormatOption = "text",
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Answer one question."""
    from assistant.render import Format, render_answer
    from policy_text.library import parse_date

    day = parse_date(as_of) if as_of else None
    with _opened(_settings(policies, index, model, region)) as assistant:
        answer = assistant.ask(question, policy=policy, version=version, as_of=day)
    typer.echo(render_answer(answer, Format(format)))


@app.command()
def chat(
    policy: PolicyOption = None,
    version: VersionOption = None,
    as_of: AsOfOption = None,
    region: RegionOption = None,
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Ask one question after the other; follow-ups are understood."""
    from assistant.chat import converse
    from policy_text.library import parse_date

    day = parse_date(as_of) if as_of else None
    if isinstance(sys.stdin, TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")  # piped bytes that are not UTF-8
    with _opened(_settings(policies, index, model, region)) as assistant:
        chosen = assistant.choose("", policy=policy, version=version, as_of=day)
        is_fixed = bool(policy or version or as_of)
        converse(assistant, chosen, sys.stdin, typer.echo, is_fixed=is_fixed)


@app.command()
def search(
    question: Annotated[str, typer.Argument(help="What to look for.")],
    policy: PolicyOption = None,
    version: VersionOption = None,
    as_of: AsOfOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many passages.")] = 10,
    format: FormatOption = "text",
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """List the passages nearest to a question, best first."""
    from assistant.render import Format, render_ranking
    from policy_text.library import parse_date

    day = parse_date(as_of) if as_of else None
    with _opened(_settings(policies, index, model)) as assistant:
        chosen = assistant.choose(question, policy=policy, version=version, as_of=day)
        ranking = assistant.retrieve(question, chosen).ranking[:limit]
    typer.echo(render_ranking(chosen, ranking, Format(format)))


@app.command("policies")
def list_policies(policies: PoliciesOption = None) -> None:
    """List the policies and their versions."""
    from assistant.wording import dated
    from policy_text.library import Library

    library = Library(_settings(policies).policies)
    for policy in library.policies:
        typer.echo(f"{policy.id}  {policy.title}")
        for info in policy.versions:
            typer.echo(f"    {info.version}  {dated(info)}  ({info.licence})")
    _name_problems(library.problems)


@app.command()
def show(
    policy: Annotated[str, typer.Argument(help="The policy's id.")],
    section_id: Annotated[str | None, typer.Argument(help="One section only.")] = None,
    version: VersionOption = None,
    as_of: AsOfOption = None,
    raw: Annotated[bool, typer.Option("--raw", help="The text that offsets refer to.")] = False,
    policies: PoliciesOption = None,
) -> None:
    """Print a policy's tree of sections and passages."""
    from assistant.render import render_tree
    from policy_text.library import Library, parse_date

    library = Library(_settings(policies).policies)
    day = parse_date(as_of) if as_of else None
    info = library.version_info(library.policy(policy), version=version, as_of=day)
    text = library.version(info)
    if raw:
        _write_raw(_section_text(text, section_id) if section_id else text.text)
    elif section_id:
        typer.echo(_section_text(text, section_id))
    else:
        typer.echo(render_tree(text))


@app.command()
def index(
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build all anew.")] = False,
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Build the index; what has not changed is kept."""
    from index.build import build_index
    from index.encoder import serving_encoder
    from index.store import Store
    from policy_text.library import Library

    settings = _settings(policies, index, model)
    encoder = serving_encoder(settings.model, settings.cache, report=_say)
    with _progress() as progress:
        report = build_index(
            Library(settings.policies),
            encoder,
            Store(settings.index_folder),
            rebuild=rebuild,
            progress=progress,
        )
    typer.echo(
        f"Index in {settings.index_folder}: {len(report.encoded)} versions encoded, "
        f"{len(report.kept)} unchanged."
    )
    _name_problems(report.problems)


@app.command()
def answer(
    questions: Annotated[str, typer.Option("--questions", help="JSON Lines file, or - for stdin.")],
    output: Annotated[str, typer.Option("--output", help="JSON Lines file, or - for stdout.")],
    policy: PolicyOption = None,
    version: VersionOption = None,
    as_of: AsOfOption = None,
    region: RegionOption = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only the first N.")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Keep answers that still hold.")] = False,
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Answer a file of questions, one JSON object a line."""
    from assistant.batch import (
        BatchError,
        BatchOptions,
        answer_file,
        answer_stream,
        count_lines,
        decoded,
        read_questions,
    )
    from policy_text.library import parse_date

    name = "standard input" if questions == "-" else questions
    if questions == "-":
        text = decoded(sys.stdin.buffer.read(), name)
    else:
        text = read_questions(Path(questions))
    if Path(output).exists() and Path(questions).exists() and Path(output).samefile(questions):
        raise BatchError(f"{output} holds the questions. Give --output another file.")
    settings = _settings(policies, index, model, region)
    with _opened(settings) as assistant, _counting(count_lines(text), limit) as advance:
        day = parse_date(as_of) if as_of else None
        options = BatchOptions(policy, version, day, settings.region, limit, resume, assistant.id)
        if output == "-":
            report = answer_stream(assistant, text, name, sys.stdout, options, advance=advance)
        else:
            path = Path(output)
            report = answer_file(assistant, text, name, path, options, advance=advance)
    _say(f"Questions answered: {report.answered}, kept from the earlier run: {report.reused}.")
    for problem in report.problems:
        _say(problem)
    if report.problems:
        raise typer.Exit(1)


@app.command()
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
    settings = _settings(
        policies, index, model, region, config=config, host=host, port=port, title=title,
        keep_feedback_days=keep_feedback_days, feedback=feedback, own_policies=own_policies,
        frame_origins=frame_origins, allowed_hosts=allowed_hosts,
    )  # fmt: skip
    from assistant.page.serve import serve as serve_page

    with _progress() as progress:
        serve_page(settings, report=_say, progress=progress)


feedback_app = typer.Typer(help="What people thought of answers.", no_args_is_help=True)
app.add_typer(feedback_app, name="feedback")


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

    settings = _settings(config=config, feedback=feedback, keep_feedback_days=keep_feedback_days)
    lines = export(settings.feedback_file, settings.keep_feedback_days, with_unhelpful)
    text = "".join(line + "\n" for line in lines)
    if output is None:
        typer.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
        _say(f"Questions in {output}: {len(lines)}.")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; a problem that the user can fix is one message and exit code 1."""
    try:
        app(arguments)
    except UserError as problem:
        _say(str(problem))
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has seen enough, as in `show … | head`
        sys.exit(1)
    except OSError as error:
        _say(f"Cannot write to standard output: {error.strerror}. Free some space and try again.")
        sys.exit(1)


# --- what the commands share ---------------------------------------------------------------------


def _settings(
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
def _opened(settings: Settings) -> Iterator[Assistant]:
    from assistant.ask import Assistant

    with _progress() as progress:
        yield Assistant.open(settings, report=_say, progress=progress)


@contextmanager
def _progress() -> Iterator[Any]:
    """A bar on standard error that appears when an index is built."""
    from assistant.progress import Bar

    bar = Bar("Building the index")
    try:
        yield bar
    finally:
        bar.close()


@contextmanager
def _counting(total: int, limit: int | None) -> Iterator[Callable[[], None]]:
    """A bar on standard error that counts questions."""
    from assistant.progress import Bar

    bar = Bar("Answering")
    bar.start(min(total, limit or total))
    try:
        yield lambda: bar.advance(1)
    finally:
        bar.close()


def _say(words: str) -> None:
    typer.echo(words, err=True)


def _name_problems(problems: tuple[UserError, ...]) -> None:
    for problem in problems:
        _say(str(problem))
    if problems:
        raise typer.Exit(1)


def _section_text(version: PolicyVersion, section_id: str) -> str:
    """The raw text of a section and all below it."""
    from policy_text.library import section_span

    return version.quote(section_span(version, section_id))


def _write_raw(text: str) -> None:
    """To standard output without touching line ends, so that offsets hold."""
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
