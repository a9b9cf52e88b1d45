"""Steps run eagerly here: a stage of two steps takes much longer to trace than to compute.

Tests marked `traced` run as users' training does, and so do those of the commands.
"""

import pytest


@pytest.fixture(autouse=True)
def eager_steps(request):
    """Steps of `fit` and `evaluate` run one operation after another."""
    if "traced" not in request.keywords:
        request.getfixturevalue("eagerly")
