"""Metrics of class numbers, from the confusion matrix of a whole data set."""

from __future__ import annotations

import numpy as np

from tfmatting.imaging.class_maps import IGNORED


def confusion(labels_pred: np.ndarray, labels_true: np.ndarray, classes: int) -> np.ndarray:
    """Count pixels by true class (rows) and predicted class (columns).

    Args:
        labels_pred: [H, W] of class numbers below `classes`.
        labels_true: [H, W] of class numbers; pixels of 255 state none and are left out.
        classes: how many there are.

    Returns:
        int64 [classes, classes]. The matrices of images are added.
    """
    stated = labels_true != IGNORED
    places = labels_true[stated].astype(np.int64) * classes + labels_pred[stated]
    return np.bincount(places, minlength=classes * classes).reshape(classes, classes)


def class_iou(matrix: np.ndarray) -> np.ndarray:
    """Intersection over union of every class; NaN for classes neither true nor predicted.

    Source: Everingham et al., The PASCAL Visual Object Classes Challenge: A Retrospective, 2015,
    section 4.4.
    """
    both = np.diag(matrix).astype(float)
    return _fraction(both, matrix.sum(axis=0) + matrix.sum(axis=1) - both)


def class_recall(matrix: np.ndarray) -> np.ndarray:
    """The fraction of every class's pixels that is found; NaN for classes that are not true."""
    return _fraction(np.diag(matrix).astype(float), matrix.sum(axis=1))


def _fraction(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(part), np.nan), where=whole > 0)
