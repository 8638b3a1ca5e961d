"""Small symmetric matrices in plain arithmetic, one per slot: whitening and eigenvectors.

Law: no BLAS and no LAPACK. Their sums are ordered by the size of the batch and by the processor, and a chart gives the
same bits for a block as row by row, and in a replay on another machine.

>>> import numpy as np
>>> whitening(np.array([[[4.0, 0.0], [0.0, 9.0]]])).round(3).tolist()
[[[0.5, 0.0], [0.0, 0.333]]]
>>> eigen(np.array([[2.0, 1.0], [1.0, 2.0]]))[0].round(6).tolist()
[3.0, 1.0]
"""

from __future__ import annotations

import math

import numpy as np

from gateway.spc.track import Floats

_SINGULAR = 1e-10  # of a tag's variance that the tags before it leave unexplained
_SMALL = 20_000  # terms that are cheaper to hold than to loop over
_SWEEPS = 60  # Jacobi's method needs six to ten


def whitening(covariance: Floats) -> Floats:
    """The lower triangular W ``[slots, p, p]`` with W S W' = 1, by Cholesky; nan where S is.

    Raises ValueError, naming the tag by its number from 1, where a tag does not vary or follows from those before it.
    """
    slots, p = covariance.shape[:2]
    rest, lower = covariance.astype(np.float64), np.zeros(covariance.shape)
    inverse = np.tile(np.eye(p), (slots, 1, 1))
    variance = np.diagonal(covariance, axis1=1, axis2=2)
    for k in range(p):
        if (variance[:, k] <= 0).any():
            raise ValueError(f"tag {k + 1} does not vary: leave it out, or give samples in which it does")
        pivot = rest[:, k, k]
        if (pivot <= _SINGULAR * variance[:, k]).any():
            raise ValueError(
                f"tag {k + 1} follows exactly from those before it: leave it out, or use a pca chart"
            )
        lower[:, k:, k] = rest[:, k:, k] / np.sqrt(pivot)[:, None]
        below = lower[:, k + 1 :, k]
        rest[:, k + 1 :, k + 1 :] -= below[:, :, None] * below[:, None, :]
    for k in range(p):
        inverse[:, k] /= lower[:, k, k, None]
        inverse[:, k + 1 :] -= lower[:, k + 1 :, k, None] * inverse[:, k, None, :]
    return inverse


def product(matrix: Floats, x: Floats) -> Floats:
    """Matrices ``[slots, q, p]`` times vectors ``x[rows, slots, p]``, summed in the order of the tags."""
    if x.shape[0] * matrix.size <= _SMALL:
        total: Floats = np.add.accumulate(matrix * x[:, :, None, :], axis=-1)[..., -1]
        return total
    total = matrix[:, :, 0] * x[:, :, 0, None]  # the same sums, term by term, without the room for all terms
    for i in range(1, matrix.shape[2]):
        total += matrix[:, :, i] * x[:, :, i, None]
    return total


def squares(y: Floats) -> Floats:
    """Sum of squares along the last axis, in order (`sum` would pair terms by the array's layout)."""
    total: Floats = np.add.accumulate(y * y, axis=-1)[..., -1]
    return total


def eigen(symmetric: Floats) -> tuple[Floats, Floats]:
    """Eigenvalues ``[p]`` from large to small, and eigenvectors as columns ``[p, p]``, by Jacobi's rotations (1846).

    The largest element of each vector is positive, for a sign is nobody's choice.
    """
    a, p = symmetric.astype(np.float64), symmetric.shape[0]
    vectors = np.eye(p)
    enough = 1e-30 * float(np.square(np.diagonal(a)).sum())
    for _ in range(_SWEEPS):
        if float(np.square(np.triu(a, 1)).sum()) <= enough:
            break
        for i in range(p - 1):
            for j in range(i + 1, p):
                _rotate(a, vectors, i, j)
    order = np.argsort(-np.diagonal(a), kind="stable")
    vectors = vectors[:, order]
    largest = np.abs(vectors).argmax(axis=0)
    return np.diagonal(a)[order].copy(), vectors * np.where(vectors[largest, np.arange(p)] < 0, -1.0, 1.0)


def _rotate(a: Floats, vectors: Floats, i: int, j: int) -> None:
    """Turn the plane of i and j so that ``a[i, j]`` becomes 0 (Golub & Van Loan, Matrix Computations, 8.5.2)."""
    if a[i, j] == 0.0:
        return
    tau = float((a[j, j] - a[i, i]) / (2.0 * a[i, j]))
    t = math.copysign(1.0, tau) / (abs(tau) + math.sqrt(1.0 + tau * tau))
    c = 1.0 / math.sqrt(1.0 + t * t)
    s = t * c
    a[:, i], a[:, j] = c * a[:, i] - s * a[:, j], s * a[:, i] + c * a[:, j]
    a[i], a[j] = c * a[i] - s * a[j], s * a[i] + c * a[j]
    vectors[:, i], vectors[:, j] = (
        c * vectors[:, i] - s * vectors[:, j],
        s * vectors[:, i] + c * vectors[:, j],
    )
