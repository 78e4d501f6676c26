"""What the policies say: a file becomes a Policy, its Sections and its Passages. No model."""

from policy_text.errors import PolicyFileError, UnknownPolicyError, UserError
from policy_text.model import (
    PATH_SEPARATOR,
    DateKind,
    Passage,
    Policy,
    PolicyVersion,
    Section,
    Segment,
    SegmentKind,
    Span,
    VersionInfo,
)

__all__ = [
    "PATH_SEPARATOR",
    "DateKind",
    "Passage",
    "Policy",
    "PolicyFileError",
    "PolicyVersion",
    "Section",
    "Segment",
    "SegmentKind",
    "Span",
    "UnknownPolicyError",
    "UserError",
    "VersionInfo",
]
