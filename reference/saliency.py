"""Saliency: how strongly does each pixel influence the score of a class?

Source: Simonyan, Vedaldi, Zisserman 2014, "Deep Inside Convolutional Networks: Visualising Image Classification
Models and Saliency Maps", section 3: the absolute gradient of the class score BEFORE the softmax, its maximum over the
channels. Section 2 there says why not the softmax: a probability also rises when the scores of other classes fall.
(The slide "Saliency Maps" of "CNNs part II" says "start from softmax neuron"; its source does not.)

Where the walk back through the network starts is all that differs between the right map and most wrong ones: each
function named `from_...` gives such a start (N, K) for the scores (N, K) and the labels (N,).
"""

from __future__ import annotations

import numpy as np

from reference import small_cnn
from reference.small_cnn import Array, Weights


def saliency(weights: Weights, images: Array, labels: Array) -> Array:
    """One map for each image: (N, H, W, C), (N,) -> (N, H, W), nothing negative."""
    return brightest(gradient(weights, images, labels))


def gradient(weights: Weights, images: Array, labels: Array) -> Array:
    """The derivatives of each image's own class score at its pixels: (N, H, W, C), (N,) -> (N, H, W, C)."""
    return small_cnn.gradient(weights, images, from_score(small_cnn.scores(weights, images), labels))


def brightest(gradients: Array) -> Array:
    """The largest absolute value over the channels: (N, H, W, C) -> (N, H, W)."""
    return np.asarray(np.abs(gradients).max(axis=-1))


def from_score(scores: Array, labels: Array) -> Array:
    """The score itself: 1 for the class, 0 for the others."""
    return np.asarray(np.eye(scores.shape[1])[labels])


def from_softmax(scores: Array, labels: Array) -> Array:
    """The probability p_k instead: dp_k / ds_j = p_k (1 if j = k else 0) - p_k p_j."""
    shares, own = small_cnn.softmax(scores), from_score(scores, labels)
    return np.asarray((shares * own).sum(axis=1, keepdims=True) * (own - shares))


def from_loss(scores: Array, labels: Array) -> Array:
    """The cross-entropy -log p_k instead: p_j - (1 if j = k else 0)."""
    return small_cnn.softmax(scores) - from_score(scores, labels)


def from_all_scores(scores: Array, _labels: Array) -> Array:
    """The sum of all classes' scores, which is what a gradient of the whole output is."""
    return np.ones_like(scores)


def from_prediction(scores: Array, _labels: Array) -> Array:
    """The class that the network itself prefers, whatever was asked."""
    return from_score(scores, scores.argmax(axis=1))
