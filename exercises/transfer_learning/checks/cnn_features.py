"""Checks that run in your own notebook: shapes, types, and the colour that the text works out."""

import numpy as np
import pytest

from referee.checks import assert_matches, assert_shape, assert_true

COLOUR, IN_RANGE = (200, 100, 50), (-53.939, -16.779, 76.32)


@pytest.mark.check("preprocess")
def test_colour(student, framework):
    """Your preprocess turns the example's colour into (-53.939, -16.779, 76.32), at every pixel, as float32."""
    images = np.broadcast_to(np.array(COLOUR, dtype=np.uint8), (2, 48, 48, 3)).copy()
    expected = np.broadcast_to(np.array(IN_RANGE, dtype=np.float32), (2, 32, 32, 3))
    if framework == "torch":
        expected = expected.transpose(0, 3, 1, 2)
    assert_matches(student.call("preprocess", images), expected, rtol=1e-3, atol=1e-3, dtype="float32")


@pytest.mark.check("extractor")
def test_shape(student, framework):
    """Your extractor gives 96 numbers for each picture."""
    inputs = np.zeros((2, 3, 32, 32) if framework == "torch" else (2, 32, 32, 3), dtype=np.float32)
    assert_shape(student.model("extractor").predict(inputs), (2, 96), what="what comes out of your extractor")


@pytest.mark.check("features")
def test_features_shape(student):
    """Your extract_features gives 96 numbers of float32 for each picture."""
    features = student.call("extract_features", np.zeros((2, 48, 48, 3), dtype=np.uint8))
    assert_shape(features, (2, 96), what="the features")
    assert_true(
        np.asarray(features).dtype == np.float32, f"the features are of {np.asarray(features).dtype}, not float32"
    )


@pytest.mark.check("file")
def test_file_shape(student):
    """The file features_train.npy holds 96 numbers of float32 for each of your 40 training pictures."""
    features = student.call("load_features", "features_train.npy")
    assert_shape(features, (40, 96), what="what load_features reads")
    assert_true(np.asarray(features).dtype == np.float32, f"it is of {np.asarray(features).dtype}, not float32")


@pytest.mark.check("classifier")
def test_people(student):
    """Your recognise gives one whole number from 0 to 7 for each picture."""
    people = student.call("recognise", np.zeros((3, 48, 48, 3), dtype=np.uint8))
    assert_shape(people, (3,), what="what recognise gives")
    assert_true(bool(np.isin(np.asarray(people), np.arange(8)).all()), "there is something else than 0 to 7 in it")
