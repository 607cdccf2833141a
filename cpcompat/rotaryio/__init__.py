"""Turning wheels that tell their position by two contacts."""

from .encoder import IncrementalEncoder

__all__ = ["IncrementalEncoder"]
