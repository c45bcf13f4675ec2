"""Checks on fine-tuning in two stages: what is trainable, what moved and what must not have, and unseen faces."""

import math

import backbone
import faces
import numpy as np
import pytest

from referee.checks import Misconception, assert_accuracy, assert_matches, assert_true
from reference import backbone as truth

CLOSE = {"rtol": 2e-3, "atol": 2e-2}  # logits are about 3; a GPU rounds more coarsely
LAST = f"{truth.LAST_BLOCK}_conv1"
SHAPES = truth.weight_shapes(top=False) | {"head": [(truth.FLAT, faces.CLASSES), (faces.CLASSES,)]}
SIZES = {name: sum(math.prod(shape) for shape in shapes) for name, shapes in SHAPES.items()}
LEARNED = {name: size // 2 if "_bn" in name else size for name, size in SIZES.items()}  # scale and shift, no statistics
NORMALIZATIONS = sum(size for name, size in LEARNED.items() if "_bn" in name)
HEAD, STAGE_2 = LEARNED["head"], LEARNED["head"] + LEARNED[LAST]


def layout(framework, images):
    """A batch (N, H, W, C) in the layout of the framework."""
    return np.ascontiguousarray(images.transpose(0, 3, 1, 2)) if framework == "torch" else images


def by_layer(arrays, framework):
    """The student's weights by the names of the layers; None where there are other ones."""
    return truth.by_name(truth.from_torch(arrays) if framework == "torch" else arrays, SHAPES)


def weights_of(student, framework):
    """The student's weights by the names of the layers, of which every one is there."""
    found = by_layer(student.model("model").weights(), framework)
    assert_true(
        found is not None,
        "the weights of your model are not those of the four blocks and of one dense layer for eight people",
        "all layers of `blocks`, then one dense layer behind `flatten`, and nothing else",
    )
    return found


def assert_kept(found, *, but=()):
    """All layers of the blocks but some are as they were shipped, to the last bit."""
    shipped = {name: arrays for name, arrays in backbone.weights("small").items() if name in found}

    def changed(kind, part):
        """How many layers of a kind have another array in this part of their list."""
        return sum(
            not all(
                have.dtype == want.dtype and np.array_equal(have, want)
                for have, want in list(zip(found[name], shipped[name], strict=True))[part]
            )
            for name in shipped
            if kind in name and name not in but
        )

    kernels, scales = changed("_conv", slice(None)), changed("_bn", slice(0, 2))
    statistics = changed("_bn", slice(2, 4))
    assert_matches(
        [kernels, scales, statistics],
        [0, 0, 0],
        misconceptions=[
            Misconception(
                "running statistics moved",
                "no optimizer touched the frozen layers, yet the means and variances of batch normalizations are not "
                "those that were shipped: in which mode did they run while others learned?",
                [0, 0, statistics],
            ),
            Misconception(
                "batch normalization trained",
                "the batch normalizations learned another scale and shift: are they frozen, each of them?",
                [0, scales, statistics],
            ),
            Misconception(
                "frozen blocks trained",
                "filters changed that should be frozen by now: which layers did the optimizer reach?",
                [kernels, scales, statistics],
            ),
        ],
        what="how many frozen layers have changed (convolutions; scales and shifts; running statistics)",
    )


def assert_trainable(student, framework, wanted, misconceptions):
    """So many parameters are trainable now, of the right total."""
    example = layout(framework, np.zeros((1, truth.SIDE, truth.SIDE, 3), dtype=np.float32))
    summary = student.model("model").layers(example)
    assert_true(
        summary.parameters == sum(SIZES.values()),
        f"your model has {summary.parameters:,} parameters, which are not those of the blocks and the head",
        "all layers of `blocks`, then one dense layer behind `flatten`, and nothing else",
    )
    assert_matches(summary.trainable, wanted, misconceptions=misconceptions, what="the number of trainable parameters")


def unseen(data, rng):
    """Unseen pictures of the eight people, upside down: new ones, or of real data those that are held back."""
    images, labels = faces.draw(40, rng) if data == "drawn" else faces.load_test(data)
    return truth.preprocess(images[:, ::-1]), labels


def assert_same_logits(student, framework, inputs):
    """What a reference network gives with the student's weights (N, 8), which the student's own outputs equal.

    The reference's values are returned: those of the student may be nudged within the tolerance.
    """
    found = weights_of(student, framework)
    with np.errstate(all="ignore"):  # weights may be anything
        expected = truth.activations(found, inputs)["head"].astype(np.float32)
    assert_matches(
        student.model("model").predict(layout(framework, inputs)),
        expected,
        **CLOSE,
        what="what comes out of your model",
        hint="the weights are right, but what they compute differs: which layers come in which order?",
    )
    return expected


@pytest.mark.check("preprocess")
def test_range(student, rng, framework):
    """Your preprocess brings any image into the network's size and range."""
    images = rng.integers(0, 256, size=(2, 48, 48, 3), dtype=np.uint8)
    wrong = {name: layout(framework, truth.preprocess(images, name)) for name in truth.MISTAKES}
    assert_matches(
        student.call("preprocess", images),
        layout(framework, truth.preprocess(images)),
        rtol=1e-3,
        atol=2e-3,
        dtype="float32",
        misconceptions=[
            Misconception(
                "RGB instead of BGR",
                "the first of the three colours is not the one that the network expects there",
                wrong["RGB instead of BGR"],
            ),
        ],
        what="preprocess of two images",
    )


@pytest.mark.check("model")
def test_model_computes(student, rng, framework):
    """Your model gives the logits that its blocks and its head compute, in this order."""
    assert_same_logits(student, framework, truth.preprocess(rng.integers(0, 256, size=(5, 48, 48, 3), dtype=np.uint8)))


@pytest.mark.check("model")
def test_model_begins_pretrained(student, framework):
    """The blocks of your model have the weights that were learned, to the last bit."""
    assert_kept(weights_of(student, framework))


@pytest.mark.check("freeze")
def test_only_head_trainable(student, framework):
    """Only the head's parameters are trainable."""
    assert_trainable(
        student,
        framework,
        HEAD,
        [
            Misconception(
                "nothing frozen",
                "every parameter would learn: the blocks have to be frozen before the first stage",
                sum(LEARNED.values()),
            ),
            Misconception(
                "batch normalization not frozen",
                "the convolutions are frozen, the batch normalizations are not: they belong to the blocks, too",
                HEAD + NORMALIZATIONS,
            ),
        ],
    )


@pytest.mark.check("stage_1", weight=2)
def test_stage_1_keeps_blocks(student, framework):
    """After the first stage, the blocks are as they were shipped, to the last bit, running statistics included."""
    assert_kept(weights_of(student, framework))


@pytest.mark.check("stage_1", weight=2)
def test_stage_1_head(student, rng, framework, data, calibration):
    """After the first stage, the head alone recognises unseen faces about as well as the reference's does."""
    inputs, labels = unseen(data, rng)
    assert_accuracy(
        assert_same_logits(student, framework, inputs),
        labels,
        band=calibration("head"),
        what="unseen faces, upside down",
        hint="did the head learn long enough, and each picture with its own label?",
    )


@pytest.mark.check("unfreeze")
def test_last_block_trainable(student, framework):
    """The head's parameters are trainable and those of the last block's convolution, and no others."""
    assert_trainable(
        student,
        framework,
        STAGE_2,
        [
            Misconception("nothing unfrozen", "these are the parameters of the head alone, as before", HEAD),
            Misconception(
                "everything unfrozen",
                "all blocks would learn now: which of them look for something that is different upside down?",
                sum(LEARNED.values()),
            ),
            Misconception(
                "batch normalization unfrozen, too",
                "there are some parameters more than a convolution and a head have: what else is in the last block?",
                STAGE_2 + LEARNED[f"{truth.LAST_BLOCK}_bn1"],
            ),
        ],
    )


@pytest.mark.check("stage_2", weight=2)
def test_stage_2_keeps_others(student, framework):
    """After the second stage, all layers but the last block's convolution are as shipped, to the last bit."""
    assert_kept(weights_of(student, framework), but=(LAST,))


@pytest.mark.check("stage_2", weight=2)
def test_last_block_moved(student, framework, calibration):
    """The last block's convolution has learned something, in small steps."""
    kernel, shipped = weights_of(student, framework)[LAST][0], backbone.weights("small")[LAST][0]
    moved, band = largest_change(kernel, shipped), calibration("movement")
    assert_matches(
        int(moved > 0),
        1,
        misconceptions=[
            Misconception(
                "last block unchanged",
                "it is trainable, but nobody trained it: since when does the optimizer know which weights are its own?",
                0,
            )
        ],
        what="whether the last block's convolution has changed",
    )
    assert_steps(moved, band, "the last block's convolution")


@pytest.mark.check("stage_2")
def test_head_goes_on(student, framework, calibration):
    """The head of the second stage goes on from where the first one ended, in small steps."""
    kept = student["after_stage_1"]
    usable = isinstance(kept, list) and all(isinstance(each, np.ndarray) for each in kept)
    before = by_layer([each for each in kept if each.ndim], framework) if usable else None
    assert_true(
        before is not None,
        "after_stage_1 does not hold the weights of your model after the first stage",
        "run the given cells as they are, and keep the same model in both stages",
    )
    moved = largest_change(weights_of(student, framework)["head"][0], before["head"][0])
    assert_steps(moved, calibration("head_movement"), "the head")


def largest_change(now, before):
    """The most that a number has changed; NaN counts as infinitely far."""
    change = float(np.max(np.abs(now.astype(np.float64) - before)))
    return change if math.isfinite(change) else math.inf


def assert_steps(moved, band, what):
    """A change that is neither far larger nor far smaller than the reference's."""
    assert_true(
        moved < 2 * band.highest,
        f"{what} has changed by up to {moved:.2g} in the second stage, far more than with small steps",
        "the same model goes on learning, and with which learning rate?",
    )
    assert_true(
        moved > band.lowest / 2,
        f"{what} has changed by {moved:.2g} only in the second stage",
        "with which learning rate, and for how many epochs, did the second stage learn?",
    )


@pytest.mark.check("accuracy")
def test_accuracy(student, rng, framework, data, calibration):
    """Your fine-tuned network recognises unseen faces, upside down, about as well as the reference does."""
    inputs, labels = unseen(data, rng)
    assert_accuracy(
        assert_same_logits(student, framework, inputs),
        labels,
        band=calibration("accuracy"),
        what="unseen faces, upside down",
    )
