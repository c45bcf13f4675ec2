"""Pictures of every kind, as a check attaches them, under titles of any kind."""

from __future__ import annotations

from referee.pictures import Curves, Field, Heat, Level, Picture, mask, written


def heat(side: int, title: str = "the feature map") -> Heat:
    """A map of so many rows and columns, a half of it wrong."""
    rows = [[(3 * i + j) % 7 - 2.5 for j in range(side)] for i in range(side)]
    return Heat(
        title=title,
        shape=(side, side),
        axes=(0, 1),
        place=(0, 0),
        step=(1, 1),
        actual=tuple(map(written, rows)),
        expected=tuple(written(value * (1 + (j % 2)) for j, value in enumerate(row)) for row in rows),
        wrong=mask([j % 2 == 1 for j in range(side)] for _ in range(side)),
    )


def every(title: str = "what your network learned") -> tuple[Picture, ...]:
    """One of every kind, small and large, under this title."""
    title = title[:200]
    loss = {
        f"{title[:50]} {name}": written(1 / (n + shift) for n in range(1, 31))
        for name, shift in (("loss", 0), ("val", 1))
    }
    return (
        heat(4, title),
        heat(32, title),
        Curves(title=title, series={**loss, "loss": "3 2 1", "val_loss": "3 2.5 2.75"}, epochs=30, gap=0.25, best=2),
        Field(title=title, shape=(9, 9), step=(1, 1), actual=("..#####..",) * 9, expected=("...###...",) * 9),
        Field(title=title, shape=(64,), step=(1, 1), actual=("#." * 32,), expected=("." * 32 + "#" * 32,)),
        Level(title=title, share=0.91, error=0.02, total=450, lowest=0.94, mean=0.96, highest=0.98, floor=0.93),
    )
