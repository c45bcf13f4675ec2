"""Checks on augmentation: what becomes of pictures is measured from the pictures, over many draws."""

from itertools import combinations

import faces
import numpy as np
import pytest

from referee.checks import Misconception, assert_matches, assert_shape, assert_true
from reference import augmentation

SIZE, MANY = 32, 150  # of the test pattern, and how often it is sent
MOST_ANGLE, MOST_SHIFT = 10.0, 0.1
ANGLE_SLACK, SHIFT_SLACK = 0.3, 0.005  # of the measurement, for values rounded to whole pixels or colours
REACHED = 0.75  # so far at least the largest of MANY even draws goes; less has a chance of 1e-8
EVEN = (0.3, 0.7)  # the share of halves, five standard errors around 1/2
TOGETHER = 0.4  # a correlation of MANY independent draws: five standard errors
UPSIDE_DOWN = "upside-down pictures come out: will the network ever meet somebody upside down?"
DIGITS = "read a 6 after a half turn, or a 7 or 2 in a mirror: is it still the same digit?"


def laid_out(images, framework):
    """Pictures (N, S, S, 3) in the framework's layout."""
    return images if framework == "keras" else np.ascontiguousarray(images.transpose(0, 3, 1, 2))


def channels_last(images, framework):
    """The way back."""
    return images if framework == "keras" else images.transpose(0, 2, 3, 1)


def sound(answer, shape, what="what your augment gives"):
    """An array of finite float32 of this shape, with values from 0 to 255."""
    assert_shape(answer, shape, what=what)
    array = np.asarray(answer)
    assert_true(
        array.dtype == np.float32,
        f"{what}: {array.dtype} where float32 was wanted",
        "whole numbers cannot be mixed from their neighbours",
    )
    assert_true(
        bool(np.isfinite(array).all()) and array.min() >= -0.01 and array.max() <= 255.01,
        f"{what}: values outside of 0 to 255",
        "is the range of colours still the same as before?",
    )
    return array


def patterns(framework, number=MANY, size=SIZE):
    """The same test pattern many times; from its result one reads off how it was moved."""
    return laid_out(np.repeat(augmentation.ramps(size)[np.newaxis], number, axis=0), framework)


def measured(student, rng, framework, size=SIZE):
    """How the student's `augment` moved the pattern, each time."""
    sent = patterns(framework, size=size)
    answer = sound(student.call("augment", sent, int(rng.integers(2**31))), sent.shape)
    return augmentation.measure(channels_last(answer, framework))


def shifts_of(moves):
    """The shifts (N, 2), for a shift before or after the turn, whichever fits the range better."""
    return min(moves.shift, moves.earlier, key=lambda shifts: np.abs(shifts).max())


def assert_spread(values, most, what, hint):
    """Values reach to both ends of a range, and about half of them lie in its inner half."""
    low, high = values.min() / most, values.max() / most
    assert_true(
        low < -REACHED and high > REACHED,
        f"{what} goes from {low:.0%} to {high:.0%} of what it may be, in {len(values)} draws",
        hint,
    )
    inner = float((np.abs(values) < most / 2).mean())
    assert_true(
        EVEN[0] < inner < EVEN[1],
        f"{what} is small in {inner:.0%} of {len(values)} draws",
        "how often should an even draw fall into the inner half of its range?",
    )


@pytest.mark.check("harmless")
def test_faces(student):
    """What leaves a face the same person's."""
    names = sorted(map(str, student["for_faces"])) if isinstance(student["for_faces"], list | tuple) else []
    right = ["horizontal flip", "small rotation", "small shift"]
    assert_matches(
        names,
        right,
        misconceptions=[Misconception("vertical flip", UPSIDE_DOWN, sorted([*right, "vertical flip"]))],
        what="for_faces",
        hint="which of these pictures could a camera have taken of somebody who looks into it?",
    )


@pytest.mark.check("harmless")
def test_digits(student):
    """What leaves every digit the same digit."""
    names = sorted(map(str, student["for_digits"])) if isinstance(student["for_digits"], list | tuple) else []
    right = ["small rotation", "small shift"]
    assert_matches(
        names,
        right,
        misconceptions=[
            Misconception("mirrored digits", DIGITS, ["horizontal flip", *right]),
            Misconception("digits upside down", DIGITS, ["half turn", *right]),
        ],
        what="for_digits",
        hint=DIGITS,
    )


@pytest.mark.check("augment")
def test_faces_keep_their_form(student, rng, framework):
    """Unseen faces keep their shape and range, one or many, whole numbers or floats, and are not changed themselves."""
    drawn, _ = faces.draw(1, rng)
    for images in (drawn[:1], drawn, drawn[:, 8:40, 8:40].astype(np.float32)):
        sent = laid_out(images, framework)
        outcome = student.outcome("augment", sent, int(rng.integers(2**31)))
        answer = sound(outcome.value, sent.shape)
        assert_true(not outcome.changed, "your augment changes the pictures in place", "work on a copy")
        near = np.abs(answer - sent).mean(axis=(1, 2, 3))
        assert_true(
            bool(near.max() > 1) and bool(near.mean() < 80),
            f"on average the values of a face differ by {near.mean():.1f} from what they were",
            "a face that is moved a little has other values, but not quite different ones",
        )


@pytest.mark.check("augment")
def test_seed(student, rng, framework):
    """The same seed gives the same pictures, and another one others."""
    sent, seed = patterns(framework, number=8), int(rng.integers(2**31))
    first, again, other = (student.call("augment", sent, s) for s in (seed, seed, seed + 1))
    first, again, other = (sound(answer, sent.shape) for answer in (first, again, other))
    assert_matches(
        again,
        first,
        rtol=1e-4,
        atol=1e-2,
        misconceptions=[
            Misconception("another draw for the same seed", "do all your random numbers come from the seed?", again)
        ],
        what="the pictures for the same seed, for the second time",
    )
    same = int((np.abs(first - other).max(axis=(1, 2, 3)) < 0.5).sum())
    assert_matches(
        same,
        0,
        misconceptions=[Misconception("the seed does not matter", "where does your function use its seed?", same)],
        what="how many pictures are the same for another seed",
    )


@pytest.mark.check("augment")
def test_each_picture_is_drawn(student, rng, framework):
    """Every picture has a draw of its own, and angle, shifts and mirror image do not depend on one another."""
    moves = measured(student, rng, framework)
    columns = (moves.angle, *shifts_of(moves).T, moves.mirrored)
    alike = columns[0].std() < 0.01 or columns[1].std() < 1e-4 or columns[2].std() < 1e-4
    assert_matches(
        bool(alike),
        False,
        misconceptions=[
            Misconception(
                "one draw for the whole batch",
                "all pictures of a batch are moved in the same way: how many random numbers do N pictures need?",
                True,
            )
        ],
        what="whether all pictures get the same angle or shift",
    )
    pairs = [augmentation.most_in_common(a, b) for a, b in combinations(columns, 2)]
    assert_matches(
        max(pairs) > TOGETHER,
        False,
        misconceptions=[
            Misconception(
                "the same random numbers for several things",
                "two of angle, shifts and mirror image go together: do they come from the same random numbers?",
                True,
            )
        ],
        what="whether angle, shifts and mirror images depend on one another",
    )


@pytest.mark.check("augment", weight=2)
def test_no_vertical_flip(student, rng, framework):
    """About half of the pictures are mirrored left to right, and none is upside down."""
    moves = measured(student, rng, framework)
    upside_down = int(moves.upside_down.sum())
    turned = int((np.abs(moves.angle) > MOST_ANGLE + ANGLE_SLACK).sum())
    assert_matches(
        upside_down,
        0,
        misconceptions=[Misconception("vertical flip", UPSIDE_DOWN, upside_down if not turned else None)],
        what=f"how many of {MANY} pictures are upside down",
        hint="in which unit is your angle?",
    )
    share = float(moves.mirrored.mean())
    assert_true(
        EVEN[0] < share < EVEN[1],
        f"{share:.0%} of {MANY} pictures are mirrored left to right",
        "one case of two: which of your numbers decides it?",
    )


@pytest.mark.check("augment", weight=2)
def test_rotation(student, rng, framework):
    """The pictures are turned by angles from -10 to 10 degrees, evenly, and are neither stretched nor blurred."""
    for size in (SIZE, 48):
        moves = measured(student, rng, framework, size)
        odd = (moves.stretch > 1.03) | (moves.misfit > 0.6)
        assert_true(
            not odd.any(),
            f"{odd.sum()} of {MANY} pictures are stretched, sheared or changed in their colours",
            "all lengths and colours stay as they are; are values between pixels mixed from their neighbours?",
        )
        far = int(((np.abs(moves.angle) > MOST_ANGLE + ANGLE_SLACK) | moves.upside_down).sum())
        assert_matches(
            far,
            0,
            misconceptions=[
                Misconception(
                    "turned too far",
                    "degrees, radians, or parts of a full turn: which does your function want?",
                    far if not moves.upside_down.any() or np.abs(moves.angle).max() > 3 * MOST_ANGLE else None,
                )
            ],
            what=f"how many of {MANY} pictures are turned by more than 10 degrees",
        )
        assert_spread(moves.angle, MOST_ANGLE, "the angle", "10 degrees to either side, drawn evenly")


@pytest.mark.check("augment", weight=2)
def test_shift(student, rng, framework):
    """The pictures are shifted by up to 10 % of their side, both ways and in both directions, evenly."""
    for size in (SIZE, 48):
        shifts = shifts_of(measured(student, rng, framework, size))
        largest = np.abs(shifts).max(axis=0)
        assert_true(
            bool((largest < MOST_SHIFT + SHIFT_SLACK).all()),
            f"a picture is shifted by {largest.max():.1%} of its side",
            "what is 10 % of a side, in the unit of your function?",
        )
        half = bool(((largest > 0.37 * MOST_SHIFT) & (largest < 0.54 * MOST_SHIFT)).any())
        assert_matches(
            half,
            False,
            misconceptions=[
                Misconception(
                    "half the shift",
                    "the shifts end at 5 %: how long is a whole side in the coordinates of your function?",
                    True,
                )
            ],
            what="whether shifts end at half of what they may be",
        )
        for axis, name in enumerate(("the shift to the left or right", "the shift upwards or downwards")):
            assert_spread(shifts[:, axis], MOST_SHIFT, name, "10 % to either side, drawn evenly")


def epoch_of(student, images, labels, seed, *, training, batch_size=32):
    """The mini-batches of the student's `one_epoch`: all pictures, all labels and the sizes."""
    pairs = student.call("one_epoch", images, labels, seed, training, batch_size)
    fine = isinstance(pairs, list) and all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs)
    assert_true(fine, "your one_epoch does not give a list of pairs", "a generator is no list: list(...) makes one")
    sizes = [len(images[i : i + batch_size]) for i in range(0, len(images), batch_size)]
    assert_true(
        len(pairs) == len(sizes),
        f"your one_epoch gives {len(pairs)} mini-batches for {len(images)} pictures, {batch_size} at a time",
        "which is the last one, and how many pictures does it have?",
    )
    pictures, truth = [], []
    for (x, y), size in zip(pairs, sizes, strict=True):
        pictures.append(sound(x, (size, *images.shape[1:]), "the pictures of a mini-batch"))
        assert_shape(y, (size,), what="the labels of a mini-batch")
        truth.append(np.asarray(y))
    return np.concatenate(pictures), np.concatenate(truth)


def plain_colours(number, framework):
    """Pictures of one colour each, which no movement changes in the middle, with labels that tell which it is."""
    images = np.zeros((number, 16, 16, 3), dtype=np.uint8) + np.arange(number, dtype=np.uint8)[:, None, None, None] * 3
    return laid_out(images, framework), (37 * np.arange(number) + 11) % 101


def numbers_of(pictures, framework):
    """Which of the pictures of one colour these are."""
    return np.rint(channels_last(pictures, framework)[:, 8, 8].mean(axis=-1) / 3).astype(int)


@pytest.mark.check("one_epoch")
def test_validation_is_left_alone(student, rng, framework):
    """With training=False all faces come unchanged, in float32, in their order, with their labels."""
    images, labels = faces.draw(5, rng)
    images = laid_out(images, framework)
    seed = int(rng.integers(2**31))
    for size in (32, 16):
        pictures, truth = epoch_of(student, images, labels, seed, training=False, batch_size=size)
        moved = not np.allclose(np.sort(pictures.sum(axis=(1, 2, 3))), np.sort(images.sum(axis=(1, 2, 3))), rtol=1e-5)
        assert_matches(
            pictures,
            images.astype(np.float32),
            misconceptions=[
                Misconception(
                    "validation pictures are changed",
                    "on which pictures should an accuracy be measured that you want to compare?",
                    pictures if moved else None,
                ),
                Misconception(
                    "validation pictures are shuffled",
                    "the pictures are the right ones, but in another order: what decides the order here?",
                    pictures if not moved else None,
                ),
            ],
            what="the validation pictures",
        )
        assert_matches(truth, labels, what="the validation labels")


@pytest.mark.check("one_epoch")
def test_training_shows_every_picture(student, rng, framework):
    """With training=True every picture comes once, with its label, in an order that the seed decides."""
    images, labels = plain_colours(70, framework)
    seed = int(rng.integers(2**30))
    orders = []
    for s in (seed, seed, seed + 1):
        pictures, truth = epoch_of(student, images, labels, s, training=True)
        order = numbers_of(pictures, framework)
        assert_matches(np.sort(order), np.arange(70), what="which pictures come in an epoch")
        assert_matches(
            truth,
            labels[order],
            misconceptions=[
                Misconception(
                    "labels left behind",
                    "the pictures are in a new order: which picture does the first label belong to now?",
                    labels,
                )
            ],
            what="the labels of the shuffled pictures",
        )
        orders.append(order)
    assert_matches(orders[1], orders[0], what="the order for the same seed, for the second time")
    same = int((orders[0] == orders[2]).sum())
    assert_matches(
        same > 35 or bool((orders[0] == np.arange(70)).sum() > 35),
        False,
        misconceptions=[
            Misconception("the same order in every epoch", "what decides the order, and when does it change?", True)
        ],
        what="whether the order stays the same",
    )


@pytest.mark.check("one_epoch")
def test_training_draws_anew(student, rng, framework):
    """With training=True no two mini-batches share their draws, neither in one epoch nor in the next one."""
    sent, labels = patterns(framework, number=48), np.arange(48)
    seed = int(rng.integers(2**30))
    draws, moved = [], []
    for s in (seed, seed + 1):
        pictures, _ = epoch_of(student, sent, labels, s, training=True, batch_size=16)
        moves = augmentation.measure(channels_last(pictures, framework))
        draws += [set(zip(*part, strict=True)) for part in split(moves)]
        moved.append(moves)
    far = [np.abs(m.angle).max() > MOST_ANGLE + ANGLE_SLACK or bool(m.upside_down.any()) for m in moved]
    assert_true(not any(far), "the pictures are moved in another way than your augment should", "use your augment")
    still = sum(int((np.abs(m.angle) < 0.01).sum()) for m in moved)
    assert_true(still < 20, f"{still} of 96 pictures are not turned at all", "in training, every picture is augmented")
    shared = [len(a & b) > 8 for a, b in combinations(draws[:3], 2)]
    assert_matches(
        any(shared),
        False,
        misconceptions=[
            Misconception(
                "the same draws in every mini-batch",
                "two mini-batches of an epoch are moved in the same way: which seed does each of them get?",
                True,
            )
        ],
        what="whether mini-batches of one epoch share their draws",
    )
    again = any(len(a & b) > 8 for a in draws[:3] for b in draws[3:])
    assert_matches(
        again,
        False,
        misconceptions=[
            Misconception(
                "draws that come again",
                "the next epoch, whose seed is the next number, meets draws of this one: which seeds did you use?",
                True,
            )
        ],
        what="whether the next epoch shares draws with this one",
    )


def split(moves):
    """Angles and shifts of three mini-batches, rounded, so that equal draws can be recognised."""
    columns = np.round([moves.angle, *(100 * moves.shift.T)], 1)
    return [part.tolist() for part in np.split(columns, 3, axis=1)]
