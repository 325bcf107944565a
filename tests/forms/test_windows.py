"""Windows of one picture worked on together give what each gives by itself."""

from __future__ import annotations

import numpy as np

from ocr.windows import Windows, sums

_RNG = np.random.default_rng(3)
_PICTURE = np.where(_RNG.random((90, 70)) < 0.2, _RNG.integers(1, 200, (90, 70)), 0).astype(np.int32)
# Of many sizes, one of them at each edge of the picture, one that holds all of it, and one that holds nothing.
_SLICES = [
    (slice(0, 12), slice(5, 17)),
    (slice(40, 53), slice(30, 42)),
    (slice(78, 90), slice(58, 70)),
    (slice(20, 80), slice(0, 9)),
    (slice(0, 90), slice(0, 70)),
    (slice(33, 33), slice(10, 20)),
]


def test_stacks_show_each_window_and_nothing_around_it() -> None:
    seen = {}
    for those, within, (stack,) in Windows.of(_SLICES).stacks(_PICTURE):
        for number, inside, shown in zip(those.tolist(), within, stack, strict=True):
            assert not shown[~inside].any()
            seen[number] = shown[inside]
    assert sorted(seen) == list(range(len(_SLICES)))
    for number, window in enumerate(_SLICES):
        assert np.array_equal(seen[number], _PICTURE[window].ravel())


def test_pixels_are_those_that_are_not_zero_in_rows_from_the_top() -> None:
    windows = Windows.of(_SLICES)
    pixels = windows.pixels(_PICTURE)
    assert windows.has(pixels).all()
    for number, window in enumerate(_SLICES):
        some = pixels.where(pixels.window == number)
        rows, columns = np.nonzero(_PICTURE[window])
        assert np.array_equal(some.row, rows + window[0].start)
        assert np.array_equal(some.column, columns + window[1].start)
        assert np.array_equal(some.value, _PICTURE[window][rows, columns])


def test_a_window_grows_as_far_as_its_limits() -> None:
    limits = Windows.of([(slice(0, 60), slice(10, 70))] * 2)
    grown = Windows.of([(slice(2, 10), slice(12, 20)), (slice(30, 59), slice(30, 40))]).widened(5, limits)
    assert [edge.tolist() for edge in grown.edges] == [[0, 25], [15, 60], [10, 25], [25, 45]]


def test_a_window_outside_its_limits_holds_nothing() -> None:
    limits = Windows.of([(slice(0, 20), slice(0, 20))])
    beyond = Windows.of([(slice(25, 30), slice(5, 10))]).widened(0, limits)
    assert len(beyond.pixels(_PICTURE).value) == 0


def test_sums_of_a_part_of_a_picture() -> None:
    stack = _RNG.integers(0, 255, (3, 20, 30)).astype(np.uint8)
    assert sums(stack[:, ::2]).tolist() == stack[:, ::2].astype(int).sum(axis=(1, 2)).tolist()
    assert sums(stack > 100).tolist() == (stack > 100).sum(axis=(1, 2)).tolist()
