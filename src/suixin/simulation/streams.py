"""Random numbers that belong to entities, not to the order of work.

A draw is a pure function of (seed, name of the stream, id of the entity): SplitMix64 (Steele, Lea and Flood,
2014, 'Fast splittable pseudorandom number generators') used as a counter-based generator. So a chunk of
merchants draws the same numbers whatever stands before it, in whichever process it runs, and a whole chunk
is drawn by a few numpy passes instead of a generator a merchant.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_WEYL = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio: the step of the Weyl sequence
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_BLOCK = 1 << 14  # ids mixed at a time: three passes over 128 KiB stay in the cache

# Rational approximation of the normal quantile (P. J. Acklam, 2003), relative error below 1.2e-9.
_CENTRE_NUM = (
    -3.969683028665376e01,
    2.209460984245205e02,
    -2.759285104469687e02,
    1.383577518672690e02,
    -3.066479806614716e01,
    2.506628277459239e00,
)
_CENTRE_DEN = (
    -5.447609879822406e01,
    1.615858368580409e02,
    -1.556989798598866e02,
    6.680131188771972e01,
    -1.328068155288572e01,
    1.0,
)
_TAIL_NUM = (
    -7.784894002430293e-03,
    -3.223964580411365e-01,
    -2.400758277161838e00,
    -2.549732539343734e00,
    4.374664141464968e00,
    2.938163982698783e00,
)
_TAIL_DEN = (7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996e00, 3.754408661907416e00, 1.0)
_TAIL = 0.02425


@dataclass(frozen=True, slots=True)
class Streams:
    """All random streams of one seed; each is called by a name and drawn at ids.

    Attributes:
        seed: any integer; the same seed gives the same county on every machine.
    """

    seed: int

    def uniform(self, name: str, ids: Ints) -> Floats:
        """One number in the open interval (0, 1) for each id (int64, any shape)."""
        start = self._key(name)
        flat = np.ascontiguousarray(ids, dtype=np.int64).reshape(-1).view(np.uint64)
        drawn = np.empty(flat.shape, dtype=np.float64)
        for low in range(0, flat.size, _BLOCK):
            state = flat[low : low + _BLOCK] * _WEYL
            state += start
            _mix(state)
            state >>= np.uint64(11)
            drawn[low : low + _BLOCK] = state
        drawn += 0.5
        drawn *= 2.0**-53
        return drawn.reshape(ids.shape)

    def normal(self, name: str, ids: Ints) -> Floats:
        """One standard normal number for each id."""
        return normal_quantile(self.uniform(name, ids))

    def even(self, name: str, ids: Ints, irrational: float) -> Floats:
        """A low-discrepancy sequence over consecutive ids: frac(id × irrational + offset), in (0, 1).

        Any run of n consecutive ids is spread almost evenly, so totals of a county hardly depend on the seed
        (Kronecker sequence; the discrepancy falls as log n / n for badly approximable irrationals).
        """
        offset = float(self.uniform(name, np.zeros(1, dtype=np.int64))[0])
        return np.clip((ids * irrational + offset) % 1.0, 1e-12, 1.0 - 1e-12)

    def _key(self, name: str) -> np.uint64:
        digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
        return np.uint64(int.from_bytes(digest, "little"))


def _mix(state: NDArray[np.uint64]) -> None:
    """SplitMix64's finaliser, in place."""
    state ^= state >> np.uint64(30)
    state *= _MIX_1
    state ^= state >> np.uint64(27)
    state *= _MIX_2
    state ^= state >> np.uint64(31)


def normal_quantile(probability: Floats) -> Floats:
    """The standard normal quantile of each probability in (0, 1); relative error below 1.2e-9."""
    centred = probability - 0.5
    square = centred * centred
    value = centred * _polynomial(_CENTRE_NUM, square) / _polynomial(_CENTRE_DEN, square)
    tail = np.abs(centred) > 0.5 - _TAIL
    if tail.any():
        p = probability[tail]
        low = p < 0.5
        root = np.sqrt(-2.0 * np.log(np.where(low, p, 1.0 - p)))
        far = _polynomial(_TAIL_NUM, root) / _polynomial(_TAIL_DEN, root)
        value[tail] = np.where(low, far, -far)
    return value


def _polynomial(coefficients: tuple[float, ...], x: Floats) -> Floats:
    total = np.full_like(x, coefficients[0])
    for coefficient in coefficients[1:]:
        total *= x
        total += coefficient
    return total


def poisson_quantile(probability: Floats, mean: Floats) -> Ints:
    """The Poisson quantile at each probability for each mean (same shape, one dimension).

    Exact by summing the probabilities below a mean of 30; above it the Cornish-Fisher expansion, whose error
    is then under half a count.
    """
    counts = np.zeros(probability.shape, dtype=np.int64)
    large = mean >= 30.0
    if large.any():
        z, m = normal_quantile(probability[large]), mean[large]
        counts[large] = np.maximum(np.rint(m + np.sqrt(m) * z + (z * z - 1.0) / 6.0), 0.0)
    term = np.exp(-mean)
    at = np.flatnonzero(~large & (probability > term))
    p, m, term = probability[at], mean[at], term[at]
    total, k = term.copy(), 0
    while at.size:
        k += 1
        term = term * m / k
        total = total + term
        counts[at] = k
        more = (p > total) & (term > 1e-15)
        at, p, m, term, total = at[more], p[more], m[more], term[more], total[more]
    return counts
