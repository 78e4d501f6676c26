"""The one root of errors that a user can mend: what happened, where, what to do."""


class UserError(Exception):
    """A problem that the user can fix; its message says what happened, where, and what to do."""


class PolicyFileError(UserError):
    """A policy file, or a folder of them, that cannot be read as policies."""


class UnknownPolicyError(UserError):
    """A policy, version, date or section was asked for that the library does not have."""
