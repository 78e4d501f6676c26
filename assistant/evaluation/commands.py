"""The commands for evaluators: evaluate, compare, diff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.command_options import (
    FormatOption,
    IndexOption,
    ModelOption,
    PoliciesOption,
    PolicyOption,
    RegionOption,
    TextsOption,
    VersionOption,
    counting,
    opened,
    say,
    settings_of,
)

if TYPE_CHECKING:
    from assistant.evaluation.evaluate import Answers, Evaluation
    from assistant.evaluation.gate import Bar
    from assistant.evaluation.locate import AskedOf, LocatedQuestion
    from assistant.evaluation.questions import JudgedQuestion, QuestionSet
    from assistant.settings import Settings
    from policy_text import PolicyVersion
    from policy_text.library import Library

REPORT_PAGE, CHANGES_FILE = "report.html", "changes.json"
TEXTS_FOLDER, INDEX_FOLDER = "texts", "index"
COMPARE_FILE, COMPARE_PAGE = "compare.json", "compare.html"

QuestionsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        help="Question sets: names of those that ship (or all), files, BEIR folders.",
        show_default=False,
    ),
]
OutputOption = Annotated[
    Path | None, typer.Option("--output", help="Folder for the run, its figures and its report.")
]
FailUnderOption = Annotated[
    list[str] | None,
    typer.Option("--fail-under", help="Exit 1 if a measure is below: right=0.85 top1=0.7 …"),
]
FailOverOption = Annotated[
    list[str] | None,
    typer.Option("--fail-over", help="Exit 1 if a measure is above: false_refusals=0.1 …"),
]


def evaluate(
    questions: QuestionsArgument = None,
    output: OutputOption = None,
    fail_under: FailUnderOption = None,
    fail_over: FailOverOption = None,
    answers: Annotated[
        Path | None,
        typer.Option("--answers", help="Judge these answers, as `answer` writes them; ask none."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Keep answers that still hold.")] = False,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=1,
            help="Processes. Default: one for 100 questions, up to the cores.",
        ),
    ] = None,
    versions: Annotated[
        tuple[str, str] | None,
        typer.Option("--versions", help="Ask of two versions, and list what changed."),
    ] = None,
    fail_on_change: Annotated[
        bool, typer.Option("--fail-on-change", help="With --versions: exit 1 if answers changed.")
    ] = False,
    texts: TextsOption = None,
    policy: PolicyOption = None,
    version: VersionOption = None,
    region: RegionOption = None,
    policies: PoliciesOption = None,
    index: IndexOption = None,
    model: ModelOption = None,
) -> None:
    """Ask question sets, and say how many answers are right; or what a new version changes."""
    from assistant.evaluation.gate import GateError, sets_and_bars
    from assistant.evaluation.locate import AskedOf

    names, bars = sets_and_bars(questions or [], fail_under or [], fail_over or [])
    settings = settings_of(policies, index, model, region)
    with _folder(output) as folder:
        asking = Asking(settings, folder, workers, resume, texts, AskedOf(policy, version))
        if versions is not None:
            _refuse_with_versions({"--answers": answers, "--fail-under or --fail-over": bars})
            _compare_versions(asking, names, versions, output, fail_on_change=fail_on_change)
            return
        if fail_on_change:
            raise GateError("--fail-on-change needs --versions: a run alone changes nothing.")
        evaluation = _evaluated(asking, names, answers)
        _write(evaluation, output)
    _check(evaluation, bars)


def compare_runs(
    run_a: Annotated[Path, typer.Argument(help="The folder of a run, the older one.")],
    run_b: Annotated[Path, typer.Argument(help="The folder of a run, the newer one.")],
    output: Annotated[
        Path | None, typer.Option("--output", help="Folder for compare.json and compare.html.")
    ] = None,
    fail_if_worse: Annotated[
        list[str] | None,
        typer.Option("--fail-if-worse", help="Exit 1 if this measure is surely worse: right …"),
    ] = None,
) -> None:
    """Say what got better and worse from one run to another over the same questions."""
    from assistant.evaluation.compare import compare, worsened
    from assistant.evaluation.gate import GateError, known_measure
    from assistant.evaluation.render import render_comparison
    from assistant.evaluation.run import as_json, read_run, write_whole

    names = [known_measure(name) for words in fail_if_worse or [] for name in words.split(",")]
    comparison = compare(read_run(run_a), read_run(run_b))
    typer.echo(render_comparison(comparison))
    if output is not None:
        from assistant.evaluation.report import comparison_html

        write_whole(output / COMPARE_FILE, as_json(comparison.to_json()))
        write_whole(output / COMPARE_PAGE, comparison_html(comparison))
        say(f"Written to {output / COMPARE_PAGE}.")
    worse = worsened(comparison, names)
    if worse:
        raise GateError(f"Worse than chance explains: {', '.join(worse)}.")


def diff(
    policy: Annotated[str, typer.Argument(help="The policy's id.")],
    old: Annotated[str, typer.Argument(help="The older version (its date).")],
    new: Annotated[str, typer.Argument(help="The newer version (its date).")],
    format: FormatOption = "text",
    policies: PoliciesOption = None,
) -> None:
    """Say what changed between two versions of a policy; numbers and typography are no change."""
    from assistant.evaluation.render import render_diff
    from assistant.render import Format
    from policy_text.diff import diff_versions

    older, newer = _two_versions(settings_of(policies), policy, (old, new))
    typer.echo(render_diff(diff_versions(older, newer), Format(format)))


@dataclass(frozen=True, slots=True)
class Asking:
    """How sets are asked: with which settings, where to, over how many processes, of what."""

    settings: Settings
    folder: Path
    workers: int | None
    resume: bool
    texts: Path | None
    asked_of: AskedOf


@contextmanager
def _folder(output: Path | None) -> Iterator[Path]:
    """The output folder, or one that is gone afterwards."""
    from assistant.evaluation.run import RunError

    if output is not None:
        if output.exists() and not output.is_dir():
            raise RunError(f"{output} is a file. Give --output the path of a folder.")
        yield output
        return
    with TemporaryDirectory(prefix="policy-assistant-") as folder:
        yield Path(folder)


def _evaluated(asking: Asking, names: Sequence[str], given: Path | None) -> Evaluation:
    """The sets asked, or the answers given, and judged."""
    from assistant.evaluation.evaluate import (
        Clock,
        evaluation_of,
        given_answers,
        merged,
        refuse_other_run,
    )
    from assistant.evaluation.locate import locate
    from assistant.evaluation.texts import library_of

    clock = Clock.now()
    sets = _read_sets(names, asking.texts)
    whole = merged(sets)
    library = library_of(whole, asking.settings.policies, asking.folder / TEXTS_FOLDER)
    located = locate(whole, library, asking.asked_of)
    refuse_other_run(asking.folder, sets)
    if given is not None:
        answers, workers = given_answers(given, located), 0
    else:
        answers, workers = _ask(_of_library(asking, library), located)
    return evaluation_of(
        sets, located, answers, workers=workers, started=clock.at, seconds=clock.seconds
    )


def _of_library(asking: Asking, library: Library) -> Asking:
    """The same on the texts that a set brought along; their index stands beside them."""
    settings = asking.settings
    if library.folder == settings.policies:
        return asking
    index = settings.index or asking.folder / INDEX_FOLDER
    return replace(asking, settings=replace(settings, policies=library.folder, index=index))


def _ask(asking: Asking, located: Sequence[LocatedQuestion]) -> tuple[Answers, int]:
    """All questions answered, and how many processes did it."""
    from assistant.evaluation.evaluate import answer_all, workers_for
    from assistant.workers import cores

    workers = asking.workers or workers_for(len(located), cores())
    with opened(asking.settings) as assistant, counting(len(located), None) as advance:
        answers = answer_all(
            assistant,
            asking.settings,
            located,
            asking.folder,
            workers=workers,
            resume=asking.resume,
            advance=advance,
        )
    return answers, workers


def _read_sets(names: Sequence[str], texts: Path | None) -> list[QuestionSet]:
    from assistant.evaluation.formats import named_sets, read_question_set
    from assistant.evaluation.questions import ALL_SETS, QuestionSetError, shipped_sets

    if not names:
        raise QuestionSetError(
            f"Which questions? Name a file, or a set that ships: {', '.join(shipped_sets())}, "
            f"or {ALL_SETS}."
        )
    return [read_question_set(name, texts=texts) for name in named_sets(names)]


def _write(evaluation: Evaluation, output: Path | None) -> None:
    """Prints the figures and, where a folder is given, writes run, figures and report."""
    from assistant.evaluation.evaluate import write_evaluation
    from assistant.evaluation.render import render_metrics

    typer.echo(render_metrics(evaluation.metrics))
    if output is not None:
        from assistant.evaluation.report import report_html

        write_evaluation(output, evaluation, {REPORT_PAGE: report_html(evaluation)})
        say(f"Written to {output / REPORT_PAGE}.")


def _check(evaluation: Evaluation, bars: Sequence[Bar]) -> None:
    from assistant.evaluation.gate import GateError, shortfalls

    missed = shortfalls(evaluation.metrics.measures, bars)
    if missed:
        raise GateError("Falls short:\n" + "\n".join(missed))


def _compare_versions(
    asking: Asking,
    names: Sequence[str],
    versions: tuple[str, str],
    output: Path | None,
    *,
    fail_on_change: bool,
) -> None:
    from assistant.evaluation.evaluate import merged
    from assistant.evaluation.gate import GateError
    from assistant.evaluation.render import render_changes
    from assistant.evaluation.run import as_json, write_whole
    from assistant.evaluation.versions import compare_answers
    from policy_text.diff import diff_versions

    policy = asking.asked_of.policy
    if policy is None:
        raise GateError("Which policy? Say it with --policy; --versions are two of its versions.")
    whole = merged(_read_sets(names or [policy], asking.texts))
    old, new = _two_versions(asking.settings, policy, versions)
    questions = [q for q in whole.questions if q.policy in (None, policy)]
    if whole.texts or not questions:
        raise GateError(f"No question of {whole.name} is asked of the policy {policy}.")
    if len(questions) < len(whole.questions):
        say(f"Left out: {len(whole.questions) - len(questions)} questions on other policies.")
    answers = [_ask_version(asking, questions, version) for version in (old, new)]
    changes = compare_answers(diff_versions(old, new), questions, *answers)
    typer.echo(render_changes(changes))
    if output is not None:
        from assistant.evaluation.report import changes_html

        write_whole(output / CHANGES_FILE, as_json(changes.to_json()))
        write_whole(output / REPORT_PAGE, changes_html(changes))
        say(f"Written to {output / REPORT_PAGE}.")
    if fail_on_change and changes.changed:
        raise GateError(f"{len(changes.changed)} of {len(questions)} answers changed.")


def _refuse_with_versions(given: Mapping[str, object]) -> None:
    """What only a run has does not go with two versions."""
    from assistant.evaluation.gate import GateError

    for name, value in given.items():
        if value:
            raise GateError(f"{name} does not go with --versions, which judges no answers.")


def _ask_version(
    asking: Asking, questions: Sequence[JudgedQuestion], version: PolicyVersion
) -> tuple[Mapping[str, Any], ...]:
    """The answers of one version, kept in a folder of its own below the output."""
    from assistant.evaluation.locate import LocatedQuestion

    located = [LocatedQuestion(question, version, ()) for question in questions]
    own = replace(asking, folder=asking.folder / version.info.version)
    return _ask(own, located)[0].answers


def _two_versions(
    settings: Settings, policy: str, versions: tuple[str, str]
) -> tuple[PolicyVersion, PolicyVersion]:
    from policy_text.library import Library

    library = Library(settings.policies)
    infos = [library.version_info(library.policy(policy), version=v) for v in versions]
    return library.version(infos[0]), library.version(infos[1])
