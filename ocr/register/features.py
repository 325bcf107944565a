"""Registration without corner marks: corners of the print found again on the scan, and the one sheet that explains most."""

from __future__ import annotations

import cv2
import numpy as np

from ocr.register.ink import WORK_PX_PER_MM, Ink, Matrix, mm_to_work, moved_by
from ocr.register.landmarks import Landmarks, features_of

_RATIO = 0.85
_LEAST_MATCHES = 12
_LEAST_AGREEING = 10
_REACH_PX = 4.0


def by_features(ink: Ink, blank: Landmarks, paper_mm: tuple[float, float]) -> list[Matrix]:
    """The way the page lies, if its print is the form's: mm on the form → pixels of ``ink``; none or one."""
    keypoints, descriptors = features_of(ink.image)
    if min(len(keypoints), len(blank.keypoints)) < _LEAST_MATCHES:
        return []
    pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(blank.descriptors, descriptors, k=2)
    good = [pair[0] for pair in pairs if len(pair) == 2 and pair[0].distance < _RATIO * pair[1].distance]
    if len(good) < _LEAST_MATCHES:
        return []
    form = blank.keypoints[[one.queryIdx for one in good]]
    there = keypoints[[one.trainIdx for one in good]]
    found, agreeing = cv2.findHomography(form, there, cv2.USAC_MAGSAC, _REACH_PX, maxIters=2000, confidence=0.999)
    if found is None or int(np.count_nonzero(agreeing)) < _LEAST_AGREEING:
        return []
    way = np.asarray(found, np.float64) @ mm_to_work()
    return [way] if _is_paper(way, paper_mm) else []


def _is_paper(way: Matrix, paper_mm: tuple[float, float]) -> bool:
    """The whole paper stays a sheet of its size: four sides within 8 %, four square corners, not mirrored."""
    width, height = paper_mm
    corners = moved_by(way, np.array([[0, 0], [width, 0], [width, height], [0, height]], float)) / WORK_PX_PER_MM
    sides = np.roll(corners, -1, axis=0) - corners
    lengths = np.linalg.norm(sides, axis=1)
    if not np.all(np.abs(lengths / np.array([width, height, width, height]) - 1) < 0.08):
        return False
    along = sides / lengths[:, None]
    turns = along[:, 0] * np.roll(along, -1, axis=0)[:, 1] - along[:, 1] * np.roll(along, -1, axis=0)[:, 0]
    return bool(np.all(turns > 0.995))
