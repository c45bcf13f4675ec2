"""Pictures of every kind and size, for property tests: whatever a report may hold."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from referee.pictures import Curves, Field, Heat, Level, mask, written

numbers = st.floats(width=32) | st.floats(allow_nan=True) | st.integers(-(10**6), 10**6)
titles = st.text(max_size=30)
sizes = st.integers(1, 10**9)
counts = st.integers(0, 2**63 - 1)


def _up_to(most: tuple[int, int]) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(1, most[0]), st.integers(1, most[1]))


@st.composite
def heats(draw: Any) -> Heat:
    rows, columns = draw(st.just(1) | st.integers(1, 32)), draw(st.integers(1, 32))
    values = st.lists(numbers, min_size=3, max_size=3)

    def side() -> tuple[str, ...]:
        few = draw(values)  # repeated: drawing a thousand numbers each time takes long, and adds nothing
        return tuple(written(few[(i * j + i + j) % 3] for j in range(columns)) for i in range(rows))

    every = draw(st.integers(1, 5))
    marks = mask([(i + j) % every == 0 for j in range(columns)] for i in range(rows))
    shape = draw(st.lists(counts, min_size=2, max_size=4).map(tuple))
    axes = (len(shape) - 2, len(shape) - 1)[draw(st.integers(0, rows == 1)) :]
    return Heat(
        title=draw(titles), shape=shape, axes=axes, place=shape,
        step=(draw(sizes), draw(sizes)), actual=side(), expected=draw(st.sampled_from([(), side()])),
        wrong=draw(st.sampled_from([(), marks])),
    )  # fmt: skip


@st.composite
def fields(draw: Any) -> Field:
    rows, columns = draw(st.sampled_from([(1, 256), (64, 64)]).flatmap(_up_to))

    def side() -> tuple[str, ...]:
        every = draw(st.integers(1, 7))
        return mask([(i * j + j) % every == 0 for j in range(columns)] for i in range(rows))

    return Field(
        title=draw(titles), shape=draw(st.lists(sizes, min_size=1, max_size=2).map(tuple)),
        step=(draw(sizes), draw(sizes)), actual=side(), expected=draw(st.sampled_from([(), side()])),
    )  # fmt: skip


series = st.lists(numbers, min_size=1, max_size=200).map(written)
curves = st.builds(
    Curves, title=titles, series=st.dictionaries(st.text(max_size=60), series, min_size=1, max_size=8),
    epochs=counts, step=sizes, gap=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    best=st.none() | sizes,
)  # fmt: skip
shares = st.floats(0, 1)
maybe = st.none() | shares
levels = st.builds(
    Level, title=titles, share=shares, error=shares, total=sizes, lowest=maybe, mean=maybe, highest=maybe, floor=maybe
)
pictures = heats() | fields() | curves | levels
