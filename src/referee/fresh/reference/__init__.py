"""The truth of the course, by topic: what hidden graders compare with. It never leaves."""
