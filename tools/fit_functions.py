"""Prints the coefficients of lib/tfjs/wasm/kernels/functions.as, least-maximum fits by Lawson's weights, and those of
lib/tangent_kernels/arc_functions.ts, which are in double precision, from Chebyshev's nodes in higher precision.

    .venv/bin/python tools/fit_functions.py
"""

import mpmath
import numpy as np
from numpy.polynomial import chebyshev, polynomial
from scipy.special import erf, erfc


def nodes(low, high, n=4000):
    t = np.cos(np.pi * (np.arange(n) + 0.5) / n)
    return t, (low + high) / 2 + (high - low) / 2 * t


def powers(c, low, high):
    """Coefficients of powers of x from those of Chebyshev polynomials on low..high."""
    result = np.zeros(1)
    for k in chebyshev.cheb2poly(c)[::-1]:
        result = polynomial.polyadd(polynomial.polymul(result, [-(low + high) / (high - low), 2 / (high - low)]), [k])
    return result[: len(c)]


def fit(f, weight, low, high, top, bottom=0, rounds=300):
    """P / Q of these degrees, Q(0) = 1, with the least maximum of weight |f - P / Q| that is met on the way."""
    t, x = nodes(low, high)
    P, Q = chebyshev.chebvander(t, top), chebyshev.chebvander(t, bottom)
    y, w, share, last, best = f(x), weight(x), np.ones_like(x), np.ones_like(x), (np.inf,)
    for _ in range(rounds):
        s = (np.sqrt(share) * w / np.abs(last))[:, None]
        c = np.linalg.svd(np.hstack([P, -y[:, None] * Q]) * s, full_matrices=False)[2][-1]
        q = Q @ c[top + 1 :]
        error = np.abs((P @ c[: top + 1] / q - y) * w)
        if (q.min() > 0 or q.max() < 0) and error.max() < best[0]:
            best = (error.max(), c)
        last = q / np.abs(q).max()
        share *= error / error.max() + 1e-3
        share /= share.mean()
    p, q = powers(best[1][: top + 1], low, high), powers(best[1][top + 1 :], low, high)
    return best[0], p / q[0], q / q[0]


def factors(p):
    """A polynomial of degree 7 with one real root as a quartic times x^3 + ..., whose roots are the real one and the first pair right of 0."""
    roots = polynomial.polyroots(p)
    pair = min(roots[roots.real > 0].real)
    mine = (np.abs(roots.imag) < 1e-9) | (np.abs(roots.real - pair) < 1e-9)
    return p[-1] * polynomial.polyfromroots(roots[~mine]).real, polynomial.polyfromroots(roots[mine]).real


def show(name, error, p, q):
    print(f"{name}: {error:.1e}\n  P {[f'{c:.9g}' for c in p]}\n  Q {[f'{c:.9g}' for c in q]}")


half = np.log(2) / 2 * 1.001
with np.errstate(all="ignore"):
    for degree in (4, 3):
        show("(exp r - 1 - r) / r^2", *fit(
            lambda r: np.where(np.abs(r) < 1e-4, 0.5 + r / 6, (np.expm1(r) - r) / r**2),
            lambda r: r * r / np.exp(r) + 1e-12, -half, half, degree))
    error, p, _ = fit(
        lambda a: (erfc(a / np.sqrt(2)) / 2) ** (1 / 8),
        lambda a: np.maximum(a, 0.45) * 8 * (erfc(a / np.sqrt(2)) / 2) ** (7 / 8), 0, 5.6, 7)
    show("Phi(-a)^(1/8), a quartic times a cubic", error, *factors(p))
    for name, top, degree in (("log", ((np.sqrt(2) - 1) / (np.sqrt(2) + 1)) ** 2, 3), ("softplus", 1 / 9, 4)):
        show(f"2 artanh(s) / s in s^2, for {name}", *fit(
            lambda w: 2 * np.arctanh(np.sqrt(w)) / np.sqrt(w),
            lambda w: np.sqrt(w) / np.arctanh(np.sqrt(w)) / 2, 1e-12, 1.001 * top, degree))
    relative = {"tanh": (np.tanh, 9.1, 4), "erf": (erf, 3.95, 5)}
    for name, (f, top, degree) in relative.items():
        show(f"{name}(x) / x in x^2", *fit(
            lambda z: f(np.sqrt(z)) / np.sqrt(z), lambda z: np.sqrt(z) / f(np.sqrt(z)), 1e-9, top**2, degree, degree))
    show("(slope of gelu - 1/2) / x in x^2", *fit(
        lambda z: erf(np.sqrt(z / 2)) / 2 / np.sqrt(z) + np.exp(-z / 2) / np.sqrt(2 * np.pi),
        lambda z: np.maximum(np.sqrt(z), 0.3), 1e-9, 5.8**2, 5, 5))

with mpmath.workdps(40):
    p, error = mpmath.chebyfit(lambda w: (mpmath.asin(mpmath.sqrt(w)) / mpmath.sqrt(w) - 1) / w, [0, 0.25], 13, error=True)
print(f"(asin(x) / x - 1) / w in w = x^2: {float(error):.1e}\n  P {[float(c) for c in p[::-1]]}")
