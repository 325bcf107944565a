"""The sheets in a scan that can't be read as one: each lies its own way, and shows some part of the form.

Only to tell what is wrong with a page: nothing is read from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocr.register.ink import Ink, Matrix, Points, inverse, mm_to_work, moved_by
from ocr.register.landmarks import Landmarks, features_of

_RATIO = 0.85
_LEAST = 14
_REACH_PX = 4.0
_GONE_PX = 10.0
_MOST = 3
_SIZE, _SKEW = 0.15, 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """Print of the form that lies one way."""

    way: Matrix
    """mm on the form → pixels of the page's ink."""
    form: Points
    """The places of the form that were found so, mm."""

    @property
    def degrees(self) -> float:
        """Clockwise, -180 to 180."""
        return float(np.degrees(np.arctan2(self.way[1, 0], self.way[0, 0])))


def layers_of(ink: Ink, blank: Landmarks) -> list[Layer]:
    """The layers, the one with most print first; a place of the form may be found in several."""
    keypoints, descriptors = features_of(ink.image)
    if min(len(keypoints), len(blank.keypoints)) < _LEAST:
        return []
    # From the page to the form: a place that the page shows twice is matched twice.
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(descriptors, blank.descriptors, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
    there = keypoints[[one.queryIdx for one in good]]
    form = moved_by(inverse(mm_to_work()), blank.keypoints[[one.trainIdx for one in good]].astype(np.float64))
    found: list[Layer] = []
    while len(form) >= _LEAST and len(found) < _MOST:
        part, agreeing = cv2.estimateAffine2D(form, there, method=cv2.RANSAC, ransacReprojThreshold=_REACH_PX)
        if part is None or np.count_nonzero(agreeing) < _LEAST:
            break
        way = np.vstack((np.asarray(part, np.float64), [0, 0, 1]))
        near = np.linalg.norm(moved_by(way, form) - there, axis=1)
        if _is_paper(way):
            found.append(Layer(way, form[near < _REACH_PX]))
        form, there = form[near > _GONE_PX], there[near > _GONE_PX]
    return found


def _is_paper(way: Matrix) -> bool:
    """A sheet, perhaps one that slipped on its way through the scanner: not mirrored, hardly skewed."""
    across, down = (way @ inverse(mm_to_work()))[:2, :2].T
    wide, high = float(np.linalg.norm(across)), float(np.linalg.norm(down))
    square = abs(float(across @ down)) < _SKEW * wide * high
    return abs(wide - 1) < _SIZE and abs(high - 1) < _SIZE and square and float(np.linalg.det(way[:2, :2])) > 0
