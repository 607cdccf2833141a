"""Counting the edges at a pin."""

from .counter import Counter, Edge

__all__ = ["Counter", "Edge"]
