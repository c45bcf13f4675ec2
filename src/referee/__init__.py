"""Referee: runs deep-learning course notebooks and grades what the student's code computes, from outside the kernel."""

__version__ = "0.1.0"
