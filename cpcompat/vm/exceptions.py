"""Exceptions that end a program from outside."""

from __future__ import annotations


class ReloadException(BaseException):
    """The program is to run anew: a file was saved, or it asked for it.

    A built-in name in every program on a drive. ``except Exception`` does not catch it.
    """
