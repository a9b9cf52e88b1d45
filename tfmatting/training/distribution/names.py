"""The names of the strategies, apart from what needs TensorFlow."""

SINGLE, MIRRORED, MULTI_WORKER = "single", "mirrored", "multi-worker"
STRATEGIES = (SINGLE, MIRRORED, MULTI_WORKER)
