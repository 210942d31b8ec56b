"""Defines what makes a verdict unknown before a solver is asked."""


class NotEncodedError(Exception):
    """Something that the solver is not told about; the message says what, lowercase, in a reader's words."""
