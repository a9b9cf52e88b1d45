"""The photo that the networks which ship are tried on, and where to look."""

from __future__ import annotations

import numpy as np
import pytest


@pytest.fixture(scope="session")
def photo():
    return pytest.importorskip("skimage.data", reason="it comes with scikit-image").astronaut()


@pytest.fixture(scope="session")
def counted(photo):
    """Where the tests look: not at the helmet beside her, which a mask may count or not."""
    elsewhere = np.ones(photo.shape[:2], np.float32)
    elsewhere[320:, 280:] = 0
    return elsewhere
