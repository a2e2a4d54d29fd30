/** Features through many layers: the four starts, and the released conformal factor (notes 6, A). */
import { Matrix, type RealArray, Rng } from "../../lib/arrays/mod.ts";
import { poincareInit, poincareLinear } from "../../lib/hyperbolic/mod.ts";
import { rowNorms } from "../../lib/linalg/mod.ts";
import type { Row, Start } from "./rows.ts";

/** One stack of layers. */
export interface DepthTrial {
  d: number;
  curvatures: number[];
  rhos: number[];
  layers: number;
  directions: number;
  seed: number;
}

/** All starts, curvatures and norms for one width and seed. */
export function depthRows({ d, curvatures, rhos, layers, directions, seed }: DepthTrial): Row<"depth">[] {
  const rows: Row<"depth">[] = [];
  const rng = new Rng(seed).split(`width ${d}`);
  const directionsOf = rng.split("directions");
  const unit = Matrix.fromRows(Array.from({ length: directions }, () => directionsOf.sphere(d)));
  const weights: Record<Start, (layer: number) => Matrix<RealArray>> = {
    "identity": () => poincareInit("identity", d, d),
    "identity, float32": () => poincareInit("identity", d, d).astype("float32"),
    "½Q": (layer) => poincareInit("orthogonal", d, d, { rng: rng.split(`orthogonal ${layer}`) }),
    "HNN++": (layer) => poincareInit("hnn++", d, d, { rng: rng.split(`hnn ${layer}`) }),
  };
  for (const start of Object.keys(weights) as Start[]) {
    const stack = Array.from({ length: layers }, (_, layer) => weights[start](layer));
    for (const c of curvatures) {
      for (const rho of rhos) {
        rows.push({
          kind: "depth",
          start,
          d,
          c,
          rho,
          seed,
          ...throughLayers(unit.times(rho), stack, c, rho),
        });
      }
    }
  }
  return rows;
}

function throughLayers(input: Matrix, stack: Matrix<RealArray>[], c: number, rho: number) {
  const zero = Matrix.zeros(1, input.columns).astype(stack[0].dtype);
  let u: Matrix<RealArray> = input.astype(stack[0].dtype);
  const norms = [rho];
  let worst = 0;
  for (const Z of stack) {
    u = poincareLinear(u, Z, zero, { c });
    const own = rowNorms(u);
    norms.push(own.reduce((sum, norm) => sum + norm, 0) / own.length);
    for (const norm of own) worst = Math.max(worst, Math.abs(norm / rho - 1));
  }
  return { norms, worst };
}

/**
 * The layer in the coordinates of the ball at the identity start, tangent vector to tangent vector, every
 * step rounded as in single precision if `round` is `Math.fround`. Weights ½ I make it act on a vector's norm
 * alone, so that one number is enough.
 *
 * @param conformalFactor λ as a function of 1 - c|x|²: 2 over it, or times it as in the released code.
 */
export function ballLayer(
  norm: number,
  c: number,
  conformalFactor: (gap: number) => number,
  round: (x: number) => number = (x) => x,
): number {
  const root = round(Math.sqrt(c));
  // exp0, the layer with v = asinh(√c λ x)/√c and w = sinh(√c v)/√c, then log0.
  const x = round(round(Math.tanh(round(root * norm))) / root);
  const lambda = round(conformalFactor(round(1 - round(c * round(x * x)))));
  const v = round(round(Math.asinh(round(root * round(lambda * x)))) / root);
  const w = round(round(Math.sinh(round(root * v))) / root);
  const y = round(w / round(1 + round(Math.sqrt(round(1 + round(c * round(w * w)))))));
  return round(round(Math.atanh(round(root * y))) / root);
}

/** The identity start with λ = 2(1 - c|x|²). */
export function releasedRows(
  { curvatures, rhos, layers }: Omit<DepthTrial, "d" | "directions" | "seed">,
): Row<"released">[] {
  return curvatures.flatMap((c) =>
    rhos.map((rho): Row<"released"> => {
      const norms = [rho];
      for (let layer = 0; layer < layers; layer++) norms.push(ballLayer(norms[layer], c, (gap) => 2 * gap));
      return { kind: "released", c, rho, norms };
    })
  );
}

/** The layers after which the batch of {@linkcode diskRows} is looked at. */
const LOOKED_AT = [0, 1, 2, 3, 4, 6, 8, 12, 16, 20];

/** A batch of 40 vectors of 16 entries through 20 layers at c = 1, seen in the plane of the first two coordinates. */
export function diskRows(seed: number): Row<"disk">[] {
  const [n, d, c] = [40, 16, 1];
  const rng = new Rng(seed).split("disk");
  // Close to the plane that is seen, and of norms from 0 to 2.
  const input = Matrix.from(n, d, (_, j) => (j < 2 ? 0.9 : 0.05) * rng.normal());
  const zero = Matrix.zeros(1, d);
  const weights = {
    "identity": () => poincareInit("identity", d, d),
    "HNN++": (layer: number) => poincareInit("hnn++", d, d, { rng: rng.split(layer) }),
  };
  const rows: Row<"disk">[] = [];
  const look = (start: Row<"disk">["start"], layer: number, u: Matrix) => {
    if (!LOOKED_AT.includes(layer)) return;
    const norms = rowNorms(u);
    // exp0, over the radius of the ball.
    const place = (i: number, j: number) =>
      Math.tanh(Math.sqrt(c) * norms[i]) * u.get(i, j) / Math.max(norms[i], 1e-300);
    rows.push({
      kind: "disk",
      start,
      layer,
      points: Array.from(norms, (_, i) => [place(i, 0), place(i, 1)]),
    });
  };
  for (const start of ["identity", "HNN++"] as const) {
    let u = input;
    look(start, 0, u);
    for (let layer = 1; layer <= 20; layer++) {
      u = poincareLinear(u, weights[start](layer), zero, { c });
      look(start, layer, u);
    }
  }
  const first = rowNorms(input);
  let norms = first;
  look("released code", 0, input);
  for (let layer = 1; layer <= 20; layer++) {
    norms = norms.map((norm) => ballLayer(norm, c, (gap) => 2 * gap));
    look("released code", layer, Matrix.from(n, d, (i, j) => input.get(i, j) * norms[i] / first[i]));
  }
  return rows;
}

/** Single precision far out, c = 1: how far off the norm is that the ball form and the fused form return. */
export function boundaryRows(): Row<"boundary">[] {
  const d = 16;
  const zero = Matrix.zeros(1, d, "float32");
  const rng = new Rng(0).split("boundary");
  // The ball form acts on the norm alone at any isometry; with ½I the fused one would not even round.
  const Z = poincareInit("orthogonal", d, d, { rng }).astype("float32");
  const direction = new Matrix(1, d, rng.sphere(d));
  return Array.from({ length: 24 }, (_, k) => (k + 1) / 2).flatMap((size): Row<"boundary">[] => {
    const u = direction.times(size).astype("float32");
    const [norm] = rowNorms(u);
    const ball = ballLayer(norm, 1, (gap) => 2 / gap, Math.fround);
    const [fused] = rowNorms(poincareLinear(u, Z, zero, { c: 1 }));
    return [
      { kind: "boundary", form: "ball", norm: size, error: Number.isFinite(ball) ? ball / norm - 1 : null },
      { kind: "boundary", form: "fused", norm: size, error: fused / norm - 1 },
    ];
  });
}
