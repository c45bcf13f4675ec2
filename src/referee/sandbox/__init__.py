"""Where a student's kernel lives: its limits, its walls and Jupyter's door to it."""
