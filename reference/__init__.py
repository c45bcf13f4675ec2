"""The truth of the course, by topic: short NumPy code from first principles, and the same models in both frameworks."""
