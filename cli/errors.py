"""Errors that the person at the keyboard can mend; shown as one message, never as a traceback."""


class UserError(Exception):
    """What is wrong, where, and what to do about it, in words."""
