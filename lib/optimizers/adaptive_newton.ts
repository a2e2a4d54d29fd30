import { requireInteger, requireOptions } from "../arrays/mod.ts";
import { MOST_STEPS, requireTable } from "./checks.ts";
import { NEWTON_SCHULZ, type NewtonSchulzCoefficients, type Quintic } from "./coefficients.ts";
import { newtonSchulz } from "./newton_schulz.ts";
import { type GradientTransformation, stateless } from "./transformation.ts";

/** A shape without its orientation, shorter side first: `2048x8192`. */
export type ShapeKey = `${number}x${number}`;

/** One quintic per shape. */
export type CoefficientTable = Readonly<Record<ShapeKey, Quintic>>;

const MUON = NEWTON_SCHULZ.muon5[0];

/**
 * The triples that ROOT publishes, for the four shapes of its 1B Transformer (He et al., arXiv 2511.20626,
 * official code).
 *
 * @example
 * ```ts
 * import { ADAPTIVE_NEWTON, marchenkoPasturNodes, newtonSchulzError } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const five = new Array(5).fill(ADAPTIVE_NEWTON["2048x8192"]);
 * assertAlmostEquals(newtonSchulzError(marchenkoPasturNodes(2048, 8192), five), 0.03906377, 1e-8);
 * ```
 */
export const ADAPTIVE_NEWTON: CoefficientTable = {
  "2048x2048": [3.4916, -4.8224, 2.1095],
  "2048x3072": [3.4509, -4.5790, 1.9325],
  "2048x8192": [2.9794, -3.6674, 1.6207],
  "2048x16384": [3.1943, -3.8221, 1.5322],
};

/**
 * The key of a shape; orientation does not matter.
 *
 * @throws {RangeError} if a side is not an integer of at least 0.
 *
 * @example
 * ```ts
 * import { shapeKey } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(shapeKey(256, 64), "64x256");
 * ```
 */
export function shapeKey(rows: number, columns: number): ShapeKey {
  requireInteger("rows", rows);
  requireInteger("columns", columns);
  return `${Math.min(rows, columns)}x${Math.max(rows, columns)}`;
}

/** Options of {@linkcode adaptiveCoefficients} and {@linkcode orthogonalizeByShape}. */
export interface AdaptiveNewtonOptions {
  /** Quintics by shape. Default {@linkcode ADAPTIVE_NEWTON}. */
  table?: CoefficientTable;
  /** How often the quintic is applied, 1 to 1000 times. Default 5. */
  steps?: number;
}

/**
 * The Newton-Schulz schedule of a shape: its quintic from the table, at every step; Muon's where the table
 * has none.
 *
 * @param rows Rows of the matrix; their order with `columns` does not matter.
 * @param columns Columns.
 * @param options The table and the number of steps.
 * @returns One quintic per step.
 * @throws {RangeError} if a key of the table is not `<shorter>x<longer>` or a coefficient is not finite.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { adaptiveCoefficients, NEWTON_SCHULZ } from "refigure/optimizers";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(adaptiveCoefficients(8192, 2048)[4], [2.9794, -3.6674, 1.6207]);
 * assertEquals(adaptiveCoefficients(10, 10), NEWTON_SCHULZ.muon5);
 * ```
 */
export function adaptiveCoefficients(
  rows: number,
  columns: number,
  options: AdaptiveNewtonOptions = {},
): NewtonSchulzCoefficients {
  const { table, steps } = requireAdaptiveNewton(options);
  return new Array(steps).fill(table[shapeKey(rows, columns)] ?? MUON);
}

function requireAdaptiveNewton(options: AdaptiveNewtonOptions): Required<AdaptiveNewtonOptions> {
  requireOptions("options", options, ["table", "steps"]);
  const { table = ADAPTIVE_NEWTON, steps = 5 } = options;
  requireInteger("steps", steps, { min: 1, max: MOST_STEPS });
  requireTable("table", table);
  return { table, steps };
}

/**
 * Orthogonalizes the update by Newton-Schulz with coefficients made for its shape (ROOT's adaptive Newton
 * iteration). A shape that the table does not have gets Muon's, and one warning, not one per step.
 *
 * @throws {RangeError} if the table is malformed (see {@linkcode adaptiveCoefficients}).
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { fitNewtonSchulz, orthogonalizeByShape, spectrumOf } from "refigure/optimizers";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const g = Matrix.diagonal([3, 4]), { quintic } = fitNewtonSchulz([spectrumOf(g)]);
 * const link = orthogonalizeByShape({ table: { "2x2": quintic } });
 * const parameter = { name: "w", weights: Matrix.zeros(2, 2), outputs: "rows" as const };
 * assertAlmostEquals(link.update(g, link.init(parameter), parameter).get(1, 1), 1, 1e-3);
 * ```
 */
export function orthogonalizeByShape(options: AdaptiveNewtonOptions = {}): GradientTransformation {
  const { table, steps } = requireAdaptiveNewton(options);
  const warned = new Set<ShapeKey>();
  return stateless((updates) => {
    const key = shapeKey(updates.rows, updates.columns);
    if (table[key] === undefined && !warned.has(key)) {
      warned.add(key);
      console.warn(
        `No Newton-Schulz coefficients for shape ${key}: Muon's are used. Fit some with fitNewtonSchulz.`,
      );
    }
    return newtonSchulz(updates, { coefficients: new Array(steps).fill(table[key] ?? MUON) });
  });
}
