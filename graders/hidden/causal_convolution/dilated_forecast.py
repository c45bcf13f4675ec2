"""Checks on the forecasts: series by their properties, networks by what they compute, and a fair comparison of both."""

import msgspec
import numpy as np
import pytest

from referee.checks import (
    LayerSpec,
    Misconception,
    StructureMisconception,
    assert_layers,
    assert_matches,
    assert_parameters,
    assert_shape,
    assert_true,
    field_picture,
)
from reference import causal_stack, forecast

SEEN, AHEAD, STEPS = forecast.SEEN, forecast.LOOK_AHEAD, forecast.STEPS
ONE = (None, 1, [1], (1,))  # sizes of a kernel that sees a single step, in any form
NETWORKS = {"plain": forecast.PLAIN, "dilated": forecast.DILATED}

SHIFT = "which steps follow the first 128? Count the first step as 0"
OTHER_NOISE = "losses at different noise are losses of different tasks: nothing may differ but the network"
UNDILATED = "the dilations have no effect: is every convolution told its own?"
SAME = "the network looks ahead: where do all the zeros belong, at the beginning or at both ends?"
CUT = "which of the outputs are compared with the ten steps to be forecasted?"
NEWEST = "that is a forecast of fewer than ten steps: which step has the network's output for it seen last?"


def as_series(values, framework, steps, what, size=None):
    """A student's series (size, steps, 1) or (size, 1, steps) as (size, steps), float64; all of them finite."""
    shape = (size, steps, 1) if framework == "keras" else (size, 1, steps)
    assert_shape(values, shape, what=what)
    array = np.asarray(values, dtype=np.float64).reshape(len(values), -1)
    assert_true(bool(np.isfinite(array).all()), f"{what} has numbers that are not finite")
    return array


def layout(series, framework):
    """Series (N, T) as the framework's networks take them."""
    return np.expand_dims(np.asarray(series, dtype=np.float32), 2 if framework == "keras" else 1)


def generated(student, framework, size, noise, seed):
    """The student's gen_data: seen steps (size, 128) and steps to be forecasted (size, 10)."""
    answer = student.call("gen_data", size, noise, seed)
    assert_true(isinstance(answer, (list, tuple)) and len(answer) == 2, "gen_data does not return two arrays")
    return as_series(answer[0], framework, SEEN, "X", size), as_series(answer[1], framework, AHEAD, "Y", size)


def any_seed(rng):
    """A seed that nobody foresees."""
    return int(rng.integers(1000, 10**6))


@pytest.mark.check("gen_data", weight=2)
def test_wave(student, rng, framework):
    """Without noise, each of your series is the wave of the formula, for a start of its own, and Y continues X."""
    seen, ahead = generated(student, framework, 50, 0.0, any_seed(rng))
    starts, wrong_starts = forecast.fitted_starts(seen), forecast.fitted_starts(seen, STEPS)
    longer = forecast.wave(wrong_starts, np.arange(SEEN), STEPS)
    assert_matches(
        seen,
        forecast.wave(starts, np.arange(SEEN)),
        rtol=0,
        atol=1e-4,
        misconceptions=[
            Misconception("138 steps as 138 intervals", "at which of the steps is u equal to 1?", longer),
        ],
        what="X without noise",
        hint="compare with the formula: two sines with the same start are multiplied",
    )
    different = len(np.unique(seen, axis=0))
    same = Misconception("one start for all series", "is the start drawn once, or once for each series?", 1)
    assert_matches(different, len(seen), misconceptions=[same], what="the number of different series")
    assert_matches(
        ahead,
        forecast.wave(starts, np.arange(SEEN, STEPS)),
        rtol=0,
        atol=1e-4,
        misconceptions=[
            Misconception("target not shifted", SHIFT, forecast.wave(starts, np.arange(SEEN - AHEAD, SEEN))),
            Misconception("off by one", SHIFT, forecast.wave(starts, np.arange(SEEN - 1, STEPS - 1))),
            Misconception("off by one", SHIFT, forecast.wave(starts, np.arange(SEEN + 1, STEPS + 1))),
        ],
        what="Y without noise",
    )


@pytest.mark.check("gen_data")
def test_starts(student, rng, framework):
    """The starts of your series are spread evenly."""
    seen, _ = generated(student, framework, 400, 0.0, any_seed(rng))
    angles = np.sort(2 * forecast.fitted_starts(seen))  # a start and the one half a turn later are the same wave
    gaps = np.diff(np.append(angles, angles[0] + 2 * np.pi))
    uneven = np.abs(np.exp(1j * angles).mean())
    assert_true(  # for uniform starts, either is exceeded once in 10^8
        bool(gaps.max() < 0.4 and uneven < 0.25),
        "the starts of 400 series do not cover the whole circle evenly",
        "uniform between 0 and pi: which function of the generator draws such numbers, and what are its arguments?",
    )


@pytest.mark.check("gen_data", weight=2)
def test_noise(student, rng, framework):
    """The noise of your series is normal, of the given standard deviation, and another number at every step."""
    noise = float(rng.uniform(0.2, 0.4))
    seen, ahead = generated(student, framework, 400, noise, any_seed(rng))
    series = np.concatenate([seen, ahead], axis=1)
    rest = series - forecast.wave(forecast.fitted_starts(series), np.arange(STEPS))
    for part, what, rtol in ((rest[:, :SEEN], "X", 0.03), (rest[:, SEEN:], "Y", 0.1)):
        assert_matches(
            float(part.std()),
            noise,
            rtol=rtol,
            atol=1e-5,
            misconceptions=[
                Misconception("variance as standard deviation", "what is squared in a variance?", noise**0.5),
                Misconception("variance as standard deviation", "what is squared in a variance?", noise**2),
                Misconception("no noise", "all these numbers follow the wave exactly: where is the noise?", 0.0),
            ],
            what=f"the standard deviation of the noise in {what}",
        )
    assert_true(abs(float(rest.mean())) < 0.05 * noise, "the mean of the noise is not 0")
    neighbours = float(np.mean(rest[:, 1:] * rest[:, :-1])) / noise**2
    between = float(np.mean(rest[1:] * rest[:-1])) / noise**2
    assert_true(
        max(abs(neighbours), abs(between)) < 0.05,
        "the noise of one step, or of one series, depends on that of another one",
        "draw as many random numbers as there are steps in all series together",
    )
    curved = float(np.mean(rest**4)) / noise**4
    assert_true(abs(curved - 3) < 0.4, "the noise is not normal", "how are the errors of a measurement distributed?")


@pytest.mark.check("gen_data")
def test_seeds(student, rng, framework):
    """The same seed gives the same series, another one gives others."""
    seed = any_seed(rng)
    first, again, other = (generated(student, framework, 5, 0.1, each)[0] for each in (seed, seed, seed + 1))
    assert_true(bool(np.array_equal(first, again)), "the same seed gives other series", "what draws your numbers?")
    assert_true(not np.isclose(first, other).any(axis=1).all(), "another seed gives the same series", "who uses seed?")
    clean, others = (generated(student, framework, 5, 0.0, each)[0] for each in (seed, seed + 1))
    assert_true(not np.allclose(clean, others), "another seed gives the same starts", "are the starts drawn from it?")


@pytest.mark.check("make_model", weight=2)
def test_layers(student, rng, framework):
    """plain, dilated and other networks of make_model have their convolutions in order: size, filters, dilations."""
    size, dilations = int(rng.integers(2, 5)), [int(d) for d in rng.permutation([1, 2, 3, 5, 6])[:3]]
    example = layout(np.zeros((1, 70)), framework)
    for model, kernel_size, stack in (
        (student.model("plain"), forecast.KERNEL_SIZE, forecast.PLAIN),
        (student.model("dilated"), forecast.KERNEL_SIZE, forecast.DILATED),
        (student.build("make_model", size, dilations), size, dilations),
    ):
        wrong = [
            StructureMisconception("no dilation", UNDILATED, convolutions(kernel_size, [1] * len(stack))),
            StructureMisconception(
                "dilations from the output to the input",
                "the first number belongs to the convolution that sees the series",
                convolutions(kernel_size, stack[::-1]),
            ),
        ]
        what = f"the network with the dilations {tuple(stack)}"
        expected = convolutions(kernel_size, stack)
        assert_layers(only_convolutions(model.layers(example)), expected, misconceptions=wrong, what=what)


@pytest.mark.check("make_model")
def test_parameters(student, framework):
    """Both networks have as many parameters as the formulas say, all of them trainable."""
    counts = forecast.parameters(forecast.KERNEL_SIZE, 4)
    wrong = [
        Misconception(
            "no biases", "every filter has a bias, and so has the dense layer", sum(counts) - 4 * forecast.FILTERS - 1
        ),
        Misconception("no biases", "every filter of a convolution has a bias", sum(counts) - 4 * forecast.FILTERS),
        Misconception("one convolution too few", "one convolution for each number in dilations", sum(counts[1:])),
        Misconception(
            "one convolution too few", "one convolution for each number in dilations", sum(counts) - counts[1]
        ),
    ]
    for name in NETWORKS:
        summary = student.model(name).layers(layout(np.zeros((1, 70)), framework))
        assert_parameters(summary, total=sum(counts), frozen=0, misconceptions=wrong, what=name)


@pytest.mark.check("make_model", weight=3)
def test_same_weights_same_forecasts(student, rng, framework):
    """With the weights of your networks, the reference forecasts the same, for unseen series, long and short."""
    for name in NETWORKS:
        for steps in (SEEN, 31, AHEAD + 2):  # what stands before a short series is seen by every output
            assert_same_forecasts(student, name, rng.normal(size=(4, steps)), framework)


@pytest.mark.check("make_model")
def test_what_the_outputs_see(student, rng, framework):
    """Each output of a network sees its newest step, and back from there as far as kernel size and dilations allow."""
    size, dilations, steps = int(rng.integers(3, 5)), [2, 1, 4], 40
    memory = causal_stack.memory([(size, dilation) for dilation in dilations])
    changed = np.concatenate([np.zeros((1, steps)), 1000.0 * np.eye(steps)])
    outputs = student.build("make_model", size, dilations).predict(layout(changed, framework))
    forecasts = as_series(outputs, framework, AHEAD, "the forecasts", len(changed))
    change = np.abs(forecasts[1:] - forecasts[0])
    seen = change > 1e-5 * change.max()
    back = np.flatnonzero(causal_stack.response([np.ones(size)] * len(dilations), dilations))
    for output in range(AHEAD):
        newest, looked_at = steps - AHEAD + output, np.flatnonzero(seen[:, output])
        assert_true(looked_at.size > 0, f"output {output} does not depend on the series at all")
        right = np.isin(np.arange(steps), newest - back)
        picture = field_picture(f"the steps of the series that output {output} sees", seen[:, output], right)
        assert_matches(
            int(looked_at[-1]), newest, what=f"the newest step that output {output} sees", hint=CUT, picture=picture
        )
        assert_matches(
            newest - int(looked_at[0]),
            memory,
            what=f"the memory of output {output}",
            hint=UNDILATED,
            picture=picture,
        )


@pytest.mark.check("measures", weight=2)
def test_baseline(student, rng, framework):
    """Your baseline is for each step the value that the network's output for it has seen last."""
    for steps in (SEEN, 31):
        X = rng.normal(size=(4, steps))
        answer = student.call("baseline", layout(X, framework))
        wrong = [
            Misconception("forecast of one step", NEWEST, np.repeat(X[:, -1:], AHEAD, axis=1)),
            Misconception("off by one", NEWEST, X[:, -AHEAD - 1 : -1]),
            Misconception("the oldest steps", "these are the first steps of the series, not its newest", X[:, :AHEAD]),
        ]
        found = as_series(answer, framework, AHEAD, "the baseline", len(X))
        assert_matches(found, forecast.baseline(X), rtol=1e-4, atol=1e-5, misconceptions=wrong, what="the baseline")


@pytest.mark.check("measures")
def test_mse(student, rng, framework):
    """Your mse is the mean over all series and steps, as a float."""
    Y, guess = rng.normal(size=(7, AHEAD)), rng.normal(size=(7, AHEAD))
    answer = student.call("mse", layout(guess, framework), layout(Y, framework))
    error = guess - Y
    wrong = [
        Misconception("sum instead of mean", "divide by the number of errors", float(np.sum(error**2))),
        Misconception("mean over the series alone", "there are ten steps", float(np.sum(error**2) / len(Y))),
        Misconception("absolute error", "errors are squared before they are averaged", float(np.mean(np.abs(error)))),
        Misconception("root of the error", "the square root is not asked for", float(np.sqrt(np.mean(error**2)))),
        Misconception("mean not squared", "first square, then average", float(np.mean(error) ** 2)),
    ]
    assert_matches(answer, forecast.mse(guess, Y), rtol=1e-4, misconceptions=wrong, what="mse")
    assert_true(isinstance(answer, float), "mse does not return a float", "convert it")


@pytest.mark.check("experiment")
def test_training_series(student, framework):
    """X_train and Y_train are 256 series with the noise 0.1, from the seed of the notebook."""
    seed, size = seed_of(student), forecast.TRAINING
    wrong = [
        Misconception("trained without noise", OTHER_NOISE, as_made(student, framework, size, 0.0, seed)),
        Misconception(
            "trained on the test's seed",
            "series of a test were never seen before: which seed belongs to which?",
            as_made(student, framework, size, forecast.NOISE, seed + 1),
        ),
    ]
    right = as_made(student, framework, size, forecast.NOISE, seed)
    found = given_series(student, framework, "train", size)
    assert_matches(found, right, rtol=1e-5, atol=1e-5, misconceptions=wrong, what="X_train and Y_train")


@pytest.mark.check("experiment")
def test_test_series(student, framework):
    """X_test and Y_test are 1000 other series with the same noise, from the next seed."""
    seed, size = seed_of(student), forecast.TEST
    wrong = [
        Misconception("tested without noise", OTHER_NOISE, as_made(student, framework, size, 0.0, seed + 1)),
        Misconception(
            "tested on the training's seed",
            "the test has to be on series that no training has seen: which seed?",
            as_made(student, framework, size, forecast.NOISE, seed),
        ),
    ]
    right = as_made(student, framework, size, forecast.NOISE, seed + 1)
    found = given_series(student, framework, "test", size)
    assert_matches(found, right, rtol=1e-5, atol=1e-5, misconceptions=wrong, what="X_test and Y_test")


@pytest.mark.check("experiment", weight=2)
def test_reported_losses(student, framework):
    """Your losses are those of your networks, and of the baseline, on your test series."""
    losses = student["losses"]
    assert_true(
        isinstance(losses, dict)
        and losses.keys() == {"baseline", *NETWORKS}
        and all(isinstance(loss, float) for loss in losses.values()),
        'losses is no dictionary of a float each for "baseline", "plain" and "dilated"',
    )
    seed = seed_of(student)
    test, train = (given_series(student, framework, each, None) for each in ("test", "train"))
    clean = as_made(student, framework, len(test), 0.0, seed + 1)
    for name, loss in losses.items():
        forecasts, clean_forecasts, train_forecasts = (
            forecast.baseline(series[:, :SEEN])
            if name == "baseline"
            else assert_same_forecasts(student, name, series[:, :SEEN], framework)
            for series in (test, clean, train)
        )
        ahead = test[:, SEEN:]
        wrong = [
            Misconception("loss without noise", OTHER_NOISE, forecast.mse(clean_forecasts, clean[:, SEEN:])),
            Misconception("loss without noise", OTHER_NOISE, forecast.mse(clean_forecasts, ahead)),
            Misconception("loss without noise", OTHER_NOISE, forecast.mse(forecasts, clean[:, SEEN:])),
            Misconception(
                "training loss instead of test loss",
                "how well a network does on series that it knows, says little about others",
                forecast.mse(train_forecasts, train[:, SEEN:]),
            ),
            Misconception(
                "first output as one step",
                "this is the loss of the first output alone: it looks ten steps ahead as well, as all others do",
                forecast.mse(forecasts[:, 0], ahead[:, 0]),
            ),
            Misconception("forecast of one step", NEWEST, forecast.mse(test[:, SEEN - 1 : SEEN], ahead[:, :1])),
        ]
        assert_matches(loss, forecast.mse(forecasts, ahead), rtol=2e-3, misconceptions=wrong, what=f"losses[{name!r}]")


@pytest.mark.check("experiment", weight=2)
def test_trained(student, rng, framework, calibration):
    """On unseen series of the same noise, both of your networks forecast as well as the reference's do."""
    seen, ahead = forecast.gen_data(forecast.TEST, forecast.NOISE, rng)
    clean_seen, clean_ahead = forecast.gen_data(forecast.TEST, 0.0, rng)
    baseline = forecast.mse(forecast.baseline(seen), ahead)
    for name, dilations in NETWORKS.items():
        band = calibration(f"{name}_loss")
        loss = forecast.mse(assert_same_forecasts(student, name, seen, framework), ahead)
        memory = causal_stack.memory([(forecast.KERNEL_SIZE, dilation) for dilation in dilations])
        best = forecast.best_linear_loss(memory, forecast.NOISE)
        assert_true(
            loss <= ceiling(band),
            f"{name} has a loss of {loss:.4f} on {len(seen)} unseen series; the reference reaches {band.lowest:.4f} to "
            f"{band.highest:.4f} with {band.seeds} seeds, the best filter with its memory {best:.4f}, and the baseline "
            f"{baseline:.4f}",
            "was it trained, on all training series, with their noise, and with the targets that belong to them?",
        )
        clean = forecast.mse(assert_same_forecasts(student, name, clean_seen, framework), clean_ahead)
        never_noisy = clean < calibration(f"{name}_clean_loss").lowest / 10  # a noise-free wave can be learned exactly
        assert_matches(
            "series without noise" if never_noisy else "series with noise",
            "series with noise",
            misconceptions=[Misconception("trained without noise", OTHER_NOISE, "series without noise")],
            what=f"what {name} was trained on, by its loss on series without noise",
        )


@pytest.mark.check("experiment", weight=2)
def test_dilated_is_better(student, rng, framework, calibration):
    """On the same unseen series, your dilated network is better than the plain one by as much as the reference is."""
    seen, ahead = forecast.gen_data(forecast.TEST, forecast.NOISE, rng)
    plain, dilated = (
        forecast.mse(assert_same_forecasts(student, name, seen, framework), ahead) for name in ("plain", "dilated")
    )
    band = calibration("ratio")  # of the dilated loss to the plain one
    assert_true(
        dilated <= plain * ceiling(band),
        f"on the same {len(seen)} series with noise, dilated has a loss of {dilated:.4f} and plain one of {plain:.4f}",
        "both have as many weights: which of them was told to look back further, and were both trained alike?",
    )


def ceiling(band):
    """What one more training like the reference's stays below, but for one in a thousand.

    For a mean and a spread that come of five draws, Student's t puts that at 8 spreads above the mean.
    """
    return band.mean + 8 * band.spread


def seed_of(student):
    """The seed of the notebook."""
    seed = student["seed"]
    whole = isinstance(seed, int) and not isinstance(seed, bool) and 0 <= seed < 2**31
    assert_true(whole, "seed is no whole number", "leave it as it was given")
    return seed


def as_made(student, framework, size, noise, seed):
    """What the student's gen_data gives, seen steps and those to be forecasted in one: (size, 138)."""
    return np.concatenate(generated(student, framework, size, noise, seed), axis=1)


def given_series(student, framework, which, size):
    """The student's series for the training or the test, (size, 138)."""
    seen = as_series(student[f"X_{which}"], framework, SEEN, f"X_{which}", size)
    return np.concatenate([seen, as_series(student[f"Y_{which}"], framework, AHEAD, f"Y_{which}", len(seen))], axis=1)


def convolutions(kernel_size, dilations):
    """The convolutions of a network, and its dense layer, as they are expected."""
    counts = forecast.parameters(kernel_size, len(dilations))
    settings = [{"filters": forecast.FILTERS, "kernel_size": kernel_size, "dilation_rate": each} for each in dilations]
    return [
        LayerSpec(type="Conv1D", trainable=count, frozen=0, config=config)
        for count, config in zip(counts[:-1], settings, strict=True)
    ]


def only_convolutions(summary):
    """The layers with a kernel of more than one step, by the framework's name also where they are a student's class."""
    kind = "Conv1D" if summary.framework == "keras" else "Conv1d"
    kept = [layer for layer in summary.layers if layer.parameters and layer.config.get("kernel_size") not in ONE]
    kept = [msgspec.structs.replace(layer, type=kind) for layer in kept]
    return msgspec.structs.replace(summary, layers=tuple(kept))


def assert_same_forecasts(student, name, series, framework):
    """What a network with the student's weights forecasts for series (N, T), which the student's own has to equal.

    The reference's forecasts (N, 10) are returned, so that no other answer of the student's network counts.
    """
    dilations = NETWORKS[name]
    model = student.model(name)
    weights = [weight for weight in model.weights() if weight.dtype.kind == "f" and np.isfinite(weight).all()]
    weights = forecast.from_torch(weights) if framework == "torch" else weights
    wanted = forecast.weight_shapes(forecast.KERNEL_SIZE, len(dilations))
    dense = len(wanted) - 2
    if len(weights) == len(wanted) and weights[dense].shape == (1, *wanted[dense]):
        weights[dense] = weights[dense][0]  # a convolution with a kernel of size 1 is a dense layer at each step
    assert_true(
        [weight.shape for weight in weights] == wanted,
        f"the weights of {name} do not fit into the reference's network",
        "compare your layers with the text: one is missing, is one too many, or has another size",
    )
    forecasts = as_series(
        model.predict(layout(series, framework)), framework, AHEAD, f"what {name} forecasts", len(series)
    )
    with np.errstate(all="ignore"):  # weights may be anything
        outputs = forecast.forward(weights, dilations, series)
        wrong = [
            Misconception("no dilation", UNDILATED, lambda: forecast.forward(weights, (1,) * 4, series)[:, -AHEAD:]),
            Misconception(
                "'same' instead of causal",
                SAME,
                lambda: forecast.forward(weights, dilations, series, same=True)[:, -AHEAD:],
            ),
            Misconception(
                "activation between the layers",
                "negative numbers are lost on their way: the text wants no activation",
                lambda: forecast.forward(weights, dilations, series, rectified=True)[:, -AHEAD:],
            ),
            Misconception("the first steps instead of the last", CUT, outputs[:, :AHEAD]),
            Misconception("cut off by one", CUT, outputs[:, -AHEAD - 1 : -1]),
        ]
        right = outputs[:, -AHEAD:]
        size = float(np.abs(right).max())
        assert_matches(
            forecasts,
            right,
            rtol=1e-3,
            atol=2e-3 * size if np.isfinite(size) else None,
            misconceptions=wrong,
            what=f"what {name} forecasts",
            hint="the layers have the right weights, but they compute something else: look at their order and settings",
        )
    return right
