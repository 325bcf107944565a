"""What the tests of marks draw upon."""

from __future__ import annotations

import numpy as np
import pytest

from bench.marks_paper import Drawing


@pytest.fixture
def drawing() -> Drawing:
    return Drawing(np.random.default_rng(5))
