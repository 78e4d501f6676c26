"""What changed between two versions of a policy, by passage and section."""

from policy_text.diff.passage_changes import ChangeKind, PassageChange
from policy_text.diff.section_changes import LabelChange, SectionChange, SectionChangeKind
from policy_text.diff.version_diff import Counterpart, VersionDiff, diff_versions
from policy_text.diff.word_changes import WordChange, WordOp, word_changes

__all__ = [
    "ChangeKind",
    "Counterpart",
    "LabelChange",
    "PassageChange",
    "SectionChange",
    "SectionChangeKind",
    "VersionDiff",
    "WordChange",
    "WordOp",
    "diff_versions",
    "word_changes",
]
