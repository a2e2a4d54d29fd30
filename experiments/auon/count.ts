import { type Matrix, Rng } from "../../lib/arrays/mod.ts";
import { frobeniusNorm } from "../../lib/linalg/mod.ts";
import { auonUpdates, hybridAuonUpdates, NEWTON_SCHULZ, newtonSchulz } from "../../lib/optimizers/mod.ts";
import { directionOf } from "./optimizers.ts";
import type { Row } from "./rows.ts";

/** The pseudo-code of the paper in plain loops that count their multiplications and additions. */
class Counter {
  operations = 0;

  /** A product; with `symmetric` only the upper half is computed. */
  product(a: Float64Array, b: Float64Array, n: number, symmetric: boolean): Float64Array {
    const out = new Float64Array(n * n);
    for (let i = 0; i < n; i++) {
      for (let k = 0; k < n; k++) {
        const x = a[i * n + k];
        const from = symmetric ? i : 0;
        for (let j = from; j < n; j++) out[i * n + j] += x * b[k * n + j];
        this.operations += 2 * (n - from);
      }
    }
    if (symmetric) {
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < i; j++) out[i * n + j] = out[j * n + i];
      }
    }
    return out;
  }

  /** The sums of x^2, x^4 and x^6, from which norm and R follow, then one division. */
  brake(x: Float64Array, of: "direction" | "entries"): Float64Array {
    let p2 = 0;
    let p4 = 0;
    let p6 = 0;
    for (const z of x) {
      const square = z * z;
      const fourth = square * square;
      p2 += square;
      p4 += fourth;
      p6 += fourth * square;
      this.operations += 6;
    }
    const norm = of === "direction" ? Math.sqrt(p2) + 1e-7 : 1;
    const unit = norm * norm;
    const s = (p2 / unit + p4 / (3 * unit ** 2) + 2 * p6 / (45 * unit ** 3)) / x.length;
    const divisor = norm * (Math.sqrt(1 + s) + 1e-8);
    this.operations += x.length;
    return x.map((z) => z / divisor);
  }

  newtonSchulz(g: Float64Array, n: number, steps: number): Float64Array {
    let sum = 0;
    for (const z of g) sum += z * z;
    const norm = Math.sqrt(sum) + 1e-7;
    let x: Float64Array = g.map((z) => z / norm);
    this.operations += 3 * x.length;
    for (const [a, b, c] of NEWTON_SCHULZ.muon5.slice(0, steps)) {
      const transposed = new Float64Array(n * n);
      for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) transposed[j * n + i] = x[i * n + j];
      const gram = this.product(x, transposed, n, true);
      const square = this.product(gram, gram, n, true);
      for (let k = 0; k < n * n; k++) square[k] = c * square[k] + b * gram[k];
      for (let i = 0; i < n; i++) square[i * n + i] += a;
      this.operations += 3 * x.length + n;
      x = this.product(square, x, n, false);
    }
    return x;
  }
}

/** Counts what the three methods do to one square matrix, and checks that they did the right thing. */
export function countOperations(seed: number, size: number): Row<"count">[] {
  const g = new Rng(seed).normalMatrix(size, size);
  const run = (
    method: Row<"count">["method"],
    body: (c: Counter) => Float64Array,
    library: Matrix,
  ): Row<"count"> => {
    const counter = new Counter();
    const found = body(counter);
    let distance = 0;
    for (let k = 0; k < found.length; k++) distance += (found[k] - library.data[k]) ** 2;
    return {
      kind: "count",
      method,
      size,
      operations: counter.operations,
      distance: Math.sqrt(distance) / frobeniusNorm(library),
    };
  };
  return [
    run("Newton–Schulz, 5 steps", (c) => c.newtonSchulz(g.data, size, 5), newtonSchulz(g)),
    run(
      "Hybrid-AuON",
      (c) => c.brake(c.newtonSchulz(g.data, size, 1), "entries"),
      directionOf(hybridAuonUpdates, g),
    ),
    run("AuON", (c) => c.brake(g.data, "direction"), directionOf(auonUpdates, g)),
  ];
}
