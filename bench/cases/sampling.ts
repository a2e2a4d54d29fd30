/** Draws of a determinantal point process, beside NumPy. */
import { Rng } from "../../lib/arrays/mod.ts";
import { legendreSpace } from "../../lib/sampling/mod.ts";
import type { BenchCase } from "../bench.ts";
import { python } from "../python.ts";

/**
 * The same chain rule in NumPy, vectorised over candidates: their basis in one recurrence, one product per step that
 * lowers the residuals of all of them, and the first one that is accepted.
 */
const chainRule = (m: number) => `
import numpy as np
rng = np.random.default_rng(0)
m = ${m}
b = np.arange(1, m) / np.sqrt(4.0 * np.arange(1, m) ** 2 - 1)
count = int(1.5 * m * sum(1 / i for i in range(1, m + 1))) + 20
def basis(x):
    phi = np.empty((m, len(x)))
    phi[0] = 1
    for j in range(1, m):
        phi[j] = (x * phi[j - 1] - (b[j - 2] * phi[j - 2] if j > 1 else 0)) / b[j - 1]
    return phi
def candidates():
    angle = np.pi * rng.random(3 * count)
    x = np.cos(angle)
    phi = basis(x)
    j = rng.integers(m, size=len(x))
    kept = rng.random(len(x)) < np.pi / 4 * np.sin(angle) * phi[j, np.arange(len(x))] ** 2
    return x[kept], np.ascontiguousarray(phi[:, kept].T)
def draw():
    points = np.empty(m)
    q = np.empty((m, m))
    x = np.empty(0)
    place = 0
    k = 0
    while k < m:
        if place >= len(x):
            x, phi = candidates()
            left = (phi ** 2).sum(1)
            level = rng.random(len(x)) * left
            left -= ((phi @ q[:k].T) ** 2).sum(1)
            place = 0
        ahead = level[place:] < left[place:]
        first = ahead.argmax()
        if not ahead[first]:
            place = len(x)
            continue
        place += first
        r = phi[place]
        for _ in range(2):
            r = r - (q[:k] @ r) @ q[:k]
        q[k] = r / np.sqrt(r @ r)
        points[k] = x[place]
        left -= (phi @ q[k]) ** 2
        place += 1
        k += 1
    return points
`;

/** Draws behind the means that are compared. */
const DRAWS = 400;

function sumOfSquares(points: Float64Array): number {
  return points.reduce((sum, x) => sum + x * x, 0);
}

export const cases: BenchCase[] = [10, 20, 50].map((m) => ({
  what: `dpp draw, ${m} Legendre polynomials`,
  peer: "numpy",
  async setup() {
    const space = legendreSpace(m);
    const rng = new Rng(1);
    const peer = await python("numpy", {
      setup: chainRule(m),
      run: "draw()",
      value: `[np.mean([(draw() ** 2).sum() for _ in range(${DRAWS})])]`,
    });
    return {
      ours: () => void space.sampleDpp({ rng }),
      peer,
      // Of a mean over draws: the error is that of sampling.
      error: async () => {
        let ours = 0;
        for (let k = 0; k < DRAWS; k++) ours += sumOfSquares(space.sampleDpp({ rng }).points) / DRAWS;
        const [theirs] = await peer.value();
        return Math.abs(ours - theirs) / theirs;
      },
    };
  },
}));
