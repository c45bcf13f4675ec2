"""The deck's headline numbers beside what the references compute, as a table in docs/headline.md.

Nothing here is looked up: numbers come from the references, and accuracies from `referee calibrate` on the data that
REFEREE_DATA names.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "datasets")]

import numpy as np  # noqa: E402 - the path comes first

from referee import calibration, data  # noqa: E402 - the same
from referee.errors import GraderError, RefereeError, UsageError  # noqa: E402 - the same
from reference import (  # noqa: E402 - the same
    causal,
    causal_stack,
    cnn1,
    cnn2,
    detector,
    fcn,
    forecast,
    inception,
    networks,
    occlusion,
    receptive_field,
)

TARGET = ROOT / "docs" / "headline.md"
# The deck's slide "One kernel or filter searches for specific local feature", without the stray eighth column.
CURVE = np.zeros((7, 7))
CURVE[0, 5], CURVE[1, 4], CURVE[2:6, 3] = 30, 30, 30
BACK = np.zeros((7, 7))
BACK[0, 6], BACK[1, 4:7], BACK[2, 3:5], BACK[3:, 3:5] = 30, 50, (20, 50), 50
HEAD = np.zeros((7, 7))
HEAD[1, 1], HEAD[2, [0, 2]], HEAD[3, :2], HEAD[4, 1], HEAD[5, 2], HEAD[6, [0, 1, 3]] = (
    *(40, 40, (40, 20), 50, 50),
    (25, 25, 50),
)


class Row(NamedTuple):
    """One line of the table."""

    what: str
    deck: str
    ours: str


def computed() -> Iterator[Row]:
    """The numbers that follow from formulas."""
    conv = receptive_field.conv
    counted = {"fcn": networks.parameters(fcn.layers()), "cnn1": networks.parameters(cnn1.layers())}
    yield Row("parameters of the fully connected net", "420,260", _counts(counted["fcn"]))
    yield Row("parameters of cnn1", "251,210", _counts(counted["cnn1"]))
    yield Row("parameters of cnn2 (the deck prints none)", "36,314", _counts(networks.parameters(cnn2.layers())))
    found = (detector.response(patch, CURVE) for patch in (BACK, HEAD))
    yield Row("responses of the curve detector", "6600 and 0", " and ".join(f"{value:g}" for value in found))
    yield Row("causal toy example", "20, 50, 80", _numbers(causal.causal_conv1d([10, 20, 30], [1, 2])))
    memories = (causal_stack.memory([(2, dilation) for dilation in each]) for each in ((1, 1, 1, 1), (1, 2, 4, 8)))
    yield Row("memory of four layers, plain and dilated", "4 and 15 steps", " and ".join(map(str, memories)) + " steps")
    fields = [receptive_field.receptive_field([conv(size)] * number) for size, number in ((7, 1), (3, 2), (3, 3))]
    yield Row("receptive fields: 7x7, two 3x3, three 3x3", "7, 5, 7", _numbers(fields))
    weights = [receptive_field.weights([conv(size)] * number) for size, number in ((7, 1), (3, 3))]
    yield Row("weights: 7x7, three 3x3", "49 and 27", " and ".join(map(str, weights)))
    joined = inception.depth_concat([np.ones((14, 14, 2)), np.ones((16, 16, 3))])
    yield Row("DepthConcat of (14,14,2) and (16,16,3)", "(16, 16, 5)", str(joined.shape))
    sizes = [sum(forecast.parameters(5, 4))]
    yield Row("parameters of the dilated forecast", "15,681", _counts(sizes))
    rows, columns = occlusion.positions(224, 224, 26, 18)
    yield Row("positions of the occluding mask", "144", f"{rows} x {columns} = {rows * columns}")
    last = receptive_field.receptive_field(receptive_field.vgg16_stack())
    yield Row("receptive field of VGG16's last pooling layer", "(not in the deck)", f"{last}")


def measured(source: str) -> Iterator[Row]:
    """The accuracies, as calibrated on this data: mean and range."""
    quantities = (
        ("fcn_mnist", "validation", "fully connected net, validation accuracy", "~91 %"),
        ("cnn1_mnist", "raw_validation", "cnn1 on raw pixels, validation accuracy", "76 %"),
        ("cnn1_mnist", "validation", "cnn1, standardized, validation accuracy", "92.5 %"),
        ("cnn2_mnist", "validation", "cnn2, validation accuracy", "95.2 % (test)"),
        ("cnn2_mnist", "accuracy", "cnn2, test accuracy", "95.2 % (test)"),
        ("cnn2_mnist", "unfilled_accuracy", "cnn2 without the student's layers, test accuracy", "(not in the deck)"),
    )
    for stem, quantity, what, deck in quantities:
        for framework in ("keras", "torch"):
            known = calibration.read(calibration.path_of(ROOT, "cnn_mnist", stem))
            try:
                band = calibration.band(known, f"cnn_mnist/{stem}", framework, data.identity(source), quantity)
            except GraderError as error:
                raise UsageError(
                    error.wanted, error.found, f"REFEREE_DATA={source} referee calibrate cnn_mnist"
                ) from error
            ours = f"{100 * band.mean:.1f} % ({100 * band.lowest:.1f} to {100 * band.highest:.1f}, {band.seeds} seeds)"
            yield Row(f"{what}, {framework}", deck, ours)


def page(source: str) -> str:
    """The whole page."""
    lines = [
        "# The deck's headline numbers",
        "",
        "Made by `ci/headline`: what the deck prints or implies, beside what the references compute.",
        f"Accuracies are means and ranges of `referee calibrate` on {Path(source).name} ({data.identity(source)}).",
        "",
        "| what | deck | reference |",
        "|---|---|---|",
        *(f"| {row.what} | {row.deck} | {row.ours} |" for row in (*computed(), *measured(source))),
        "",
        "The deck's 76 % for raw pixels is one draw from a very wide spread, so no grader takes it for a target. It",
        "does not come out here because today's frameworks compute the cross-entropy from the logits. Computed from",
        "probabilities that are clipped to 1e-7, as Keras did then, with batches of 128, three seeds of each framework",
        "ended between 46 and 65 %: the softmax of grey values up to 255 is sure of itself, and where it is clipped",
        "there is no gradient.",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Write the page, or print it."""
    parser = argparse.ArgumentParser(description="The deck's headline numbers beside those of the references.")
    parser.add_argument("--data", default=os.environ.get("REFEREE_DATA", ""), help="an .npz file of real digits")
    parser.add_argument("--print", action="store_true", dest="shown", help="to stdout instead of docs/headline.md")
    options = parser.parse_args()
    try:
        if not options.data:
            raise UsageError("real digits, for the accuracies", "none", "REFEREE_DATA=mnist.npz ci/headline")
        text = page(options.data)
    except RefereeError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if options.shown:
        print(text)
    else:
        TARGET.write_text(text, encoding="utf-8")
        print(f"written: {TARGET.relative_to(ROOT)}")
    return 0


def _counts(numbers: Any) -> str:
    """Parameter counts: total / trainable / not trainable, or a total alone."""
    return " / ".join(f"{number:,}" for number in numbers)


def _numbers(values: Any) -> str:
    return ", ".join(f"{value:g}" for value in values)


if __name__ == "__main__":
    raise SystemExit(main())
