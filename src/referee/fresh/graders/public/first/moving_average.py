"""Checks that run in a student's own notebook, too: numbers that the text works out by hand."""

import numpy as np
import pytest

from referee.checks import assert_matches


@pytest.mark.check("moving_average")
def test_example(student):
    """Your moving_average gives (1.5, 4, 4.5) for the example."""
    assert_matches(student.call("moving_average", np.array([1.0, 2.0, 6.0, 3.0]), 2), np.array([1.5, 4.0, 4.5]))
