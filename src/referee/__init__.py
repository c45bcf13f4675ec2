"""Referee: runs deep-learning course notebooks and grades what the student's code computes, from outside the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from referee.student import exercise

__version__ = "0.1.0"
__all__ = ["__version__", "exercise"]


def __getattr__(name: str) -> Any:
    """`from referee import exercise`, loaded only when a notebook asks for it."""
    if name == "exercise":
        from referee.student import exercise  # noqa: PLC0415 - see the docstring

        return exercise
    raise AttributeError(f"module 'referee' has no attribute {name!r}")
