"""What is worked out for many cells at once, or beside other work, is what it is for each by itself."""

from __future__ import annotations

import threading
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ocr.beside import beside
from ocr.cut import cut
from ocr.engines.darkness import PAD, resized
from ocr.engines.parts import LOOSE, Inner, parts_of
from ocr.page import BLANK_DPI, MM_PER_INCH, Page, Sheet
from ocr.reading import Box

_RNG = np.random.default_rng(5)


def _sheet() -> Sheet:
    scale = BLANK_DPI / MM_PER_INCH
    pages = [Page(_RNG.integers(0, 256, (400, 300)).astype(np.uint8), BLANK_DPI, name, 1) for name in ("scan", "blank")]
    transform = np.array([[scale, 0.05, -0.5], [-0.05, scale, 3.0], [1e-6, -1e-6, 1.0]])
    return Sheet(pages[0], pages[1], transform, 0.0, 0)


def test_boxes_of_many_sizes_are_cut_as_each_alone_and_in_their_order() -> None:
    sheet = _sheet()
    boxes = [Box(0, 2 + 3 * number, 1 + 4 * number, 5 + number % 3, 6 + number % 2) for number in range(11)]
    boxes += [Box(0, 30, -3, 20, 30), Box(0, 36, 48, 9, 9)]  # these go over the paper's edge
    alone = [cut(sheet, [box], 8.0, 1.2)[0] for box in boxes]
    for (scan, blank), (one, same) in zip(cut(sheet, boxes, 8.0, 1.2), alone, strict=True):
        assert np.array_equal(scan, one)
        assert np.array_equal(blank, same)


def test_so_many_boxes_that_both_threads_cut_them_are_cut_as_each_alone() -> None:
    sheet = _sheet()
    boxes = [Box(0, 1 + 0.4 * number, 1 + 0.5 * number, 12 + number % 3, 14) for number in range(60)]
    for (scan, blank), box in zip(cut(sheet, boxes, 8.0, 1.2), boxes, strict=True):
        ((one, same),) = cut(sheet, [box], 8.0, 1.2)
        assert np.array_equal(scan, one)
        assert np.array_equal(blank, same)


def test_ink_at_the_first_and_the_last_pixel_is_a_part_as_any_other() -> None:
    found = parts_of(np.ones((2, 12, 12), np.uint8), np.zeros((2, 12, 12), np.uint8), Inner(2, 2, 8, 8))
    assert found.area.tolist() == [0, 288]


def test_boxes_side_by_side_are_cut_within_half_a_pixel_of_where_each_alone_would_be() -> None:
    y, x = np.indices((400, 300))
    page = Page(np.asarray(127 + 60 * np.sin(x / 9) + 60 * np.cos(y / 7), np.uint8), BLANK_DPI, "scan", 1)
    sheet = replace(_sheet(), page=page, blank=page)
    boxes = [Box(0, 21.3 - 4.63 * number, 7.1, 4.63, 6.2) for number in range(5)] + [Box(0, 30.2, 7.1, 4.1, 6.2)]
    for box, (scan, _) in zip(boxes, cut(sheet, boxes, 8.0, 1.2), strict=True):
        moved = [cut(sheet, [box._replace(left=box.left + by / 80)], 8.0, 1.2)[0][0].astype(int) for by in range(-5, 6)]
        assert min(np.abs(scan - one).max() for one in moved) <= 2
        assert scan.shape == moved[5].shape


def test_a_scan_much_finer_than_what_is_cut_is_averaged_first() -> None:
    dots = np.where(np.indices((400, 300)).sum(axis=0) % 2, 255, 0).astype(np.uint8)
    scale = 300 / MM_PER_INCH
    page = Page(dots, 300.0, "scan", 1)
    sheet = replace(_sheet(), page=page, transform=np.array([[scale, 0, -0.5], [0, scale, -0.5], [0, 0, 1.0]]))
    ((grey, _),) = cut(sheet, [Box(0, 5, 5, 10, 10)], 6.0, 0.0)
    assert np.ptp(grey) <= 2
    ((fine, _),) = cut(sheet, [Box(0, 5, 5, 10, 10)], 11.8, 0.0)
    assert np.ptp(fine) > 100


@pytest.mark.parametrize("count", [1, 3, 64, 65, 130])
def test_pictures_are_resized_as_each_alone(count: int) -> None:
    stack = _RNG.integers(0, 256, (count, 9, 10)).astype(np.uint8)
    for one, found in zip(stack, resized(stack, 83, 77), strict=True):
        assert np.array_equal(found, cv2.resize(one, (83, 77), interpolation=cv2.INTER_LINEAR))


def test_parts_of_a_stack_are_measured_as_counted_pixel_by_pixel() -> None:
    binary, lines, box = np.zeros((3, 50, 40), np.uint8), np.zeros((3, 50, 40), np.uint8), Inner(12, 11, 14, 25)
    for cell, top, left, height, width in ((0, 4, 4, 20, 3), (0, 30, 15, 8, 12), (1, 9, 9, 30, 25), (1, 41, 4, 4, 32)):
        binary[cell, top : top + height, left : left + width] = _RNG.random((height, width)) < 0.9
    lines[:, 10:13] = 1
    found = parts_of(binary, lines, box)
    assert not binary[2].any() and not found.torn.any()
    _, labels = cv2.connectedComponents(binary.reshape(-1, 40), connectivity=8)
    y, x = np.indices((50, 40))

    def within(by: int) -> np.ndarray:
        across = (x >= box.left - by) & (x < box.left + box.width + by)
        return across & (y >= box.top - by) & (y < box.top + box.height + by)

    for part in range(1, len(found.area)):
        cells, rows, columns = np.nonzero(labels.reshape(binary.shape) == part)
        assert min(rows.min(), columns.min()) >= PAD
        assert (found.area[part], found.cell[part]) == (len(rows), cells[0])
        assert found.sides[:, part].tolist() == [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert found.loose[part] == within(LOOSE)[rows, columns].sum()
        assert found.inside[part] == within(0)[rows, columns].sum() / len(rows)
        assert found.deep[part] == within(-LOOSE)[rows, columns].sum() / len(rows)
        assert found.by_line[part] == lines[cells, rows, columns].sum() / len(rows)
    assert sorted(found.ink[found.part == 1].tolist()) == np.flatnonzero(labels == 1).tolist()


def test_a_stack_without_ink_has_no_parts() -> None:
    none = np.zeros((2, 30, 30), np.uint8)
    assert parts_of(none, none, Inner(8, 8, 14, 14)).area.tolist() == [0]


def by_whom(number: int) -> tuple[int, int]:
    return number, threading.get_ident()


def test_what_has_not_begun_beside_is_done_by_the_one_who_asks() -> None:
    free = threading.Event()
    here = threading.get_ident()
    busy = beside(free.wait, 30)
    later = [beside(by_whom, number) for number in range(3)]
    assert [one() for one in reversed(later)] == [(2, here), (1, here), (0, here)]
    free.set()
    assert busy()


def test_what_goes_wrong_beside_is_told_to_the_one_who_asks() -> None:
    with pytest.raises(ZeroDivisionError):
        beside(divmod, 1, 0)()
