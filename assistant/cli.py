"""The command line: every command, and what a mistake looks like."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.approved_commands import approved_app
from assistant.command_options import (
    AsOfOption,
    FormatOption,
    IndexOption,
    ModelOption,
    PoliciesOption,
    PolicyOption,
    RegionOption,
    VersionOption,
    WorkersOption,
    build_progress,
    counting,
    name_problems,
    opened,
    say,
    settings_of,
)
from assistant.evaluation.commands import compare_runs, diff, evaluate
from assistant.evaluation.questions_cli import questions_app
from assistant.page.commands import feedback_app, serve, users_app
from policy_text import UserError

if TYPE_CHECKING:
    from policy_text import PolicyVersion

app = typer.Typer(
    help="Ask a privacy policy; answers come in its own words, with the sections cited.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


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
    with opened(settings_of(policies, index, model, region)) as assistant:
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
    with opened(settings_of(policies, index, model, region)) as assistant:
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
    with opened(settings_of(policies, index, model)) as assistant:
        chosen = assistant.choose(question, policy=policy, version=version, as_of=day)
        ranking = assistant.retrieve(question, chosen).ranking[:limit]
    typer.echo(render_ranking(chosen, ranking, Format(format)))


@app.command("policies")
def list_policies(policies: PoliciesOption = None) -> None:
    """List the policies and their versions."""
    from assistant.wording import dated
    from policy_text.library import Library

    library = Library(settings_of(policies).policies)
    for policy in library.policies:
        typer.echo(f"{policy.id}  {policy.title}")
        for info in policy.versions:
            typer.echo(f"    {info.version}  {dated(info)}  ({info.licence})")
    name_problems(library.problems)


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

    library = Library(settings_of(policies).policies)
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

    settings = settings_of(policies, index, model)
    encoder = serving_encoder(settings.model)
    with build_progress() as progress:
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
    name_problems(report.problems)


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
    workers: WorkersOption = 1,
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Answer a file of questions, one JSON object a line."""
    from assistant.batch import BatchOptions, answer_file, answer_stream
    from assistant.question_lines import BatchError, count_lines, decoded, read_questions
    from assistant.workers import answerer
    from policy_text.library import parse_date

    name = "standard input" if questions == "-" else questions
    if questions == "-":
        text = decoded(sys.stdin.buffer.read(), name)
    else:
        text = read_questions(Path(questions))
    if Path(output).exists() and Path(questions).exists() and Path(output).samefile(questions):
        raise BatchError(f"{output} holds the questions. Give --output another file.")
    settings = settings_of(policies, index, model, region)
    with opened(settings) as assistant, counting(count_lines(text), limit) as advance:
        day = parse_date(as_of) if as_of else None
        options = BatchOptions(policy, version, day, settings.region, limit, resume, assistant.id)
        if output == "-":
            report = answer_stream(assistant, text, name, sys.stdout, options, advance=advance)
        else:
            path = Path(output)
            with answerer(assistant, settings, workers) as asked:
                report = answer_file(
                    assistant, text, name, path, options, advance=advance, answerer=asked
                )
    say(f"Questions answered: {report.answered}, kept from the earlier run: {report.reused}.")
    for problem in report.problems:
        say(problem)
    if report.problems:
        raise typer.Exit(1)


app.command()(evaluate)
app.command("compare")(compare_runs)
app.command()(diff)
app.add_typer(questions_app, name="questions")
app.command()(serve)
app.add_typer(feedback_app, name="feedback")
app.add_typer(approved_app, name="approved")
app.add_typer(users_app, name="users")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command line; a problem that the user can fix is one message and exit code 1."""
    try:
        app(arguments)
    except UserError as problem:
        say(str(problem))
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()  # the reader has seen enough, as in `show … | head`
        sys.exit(1)
    except OSError as error:
        say(f"Cannot write to standard output: {error.strerror}. Free some space and try again.")
        sys.exit(1)


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
