/** What must be seen, as data: notes 7 numbers the criteria. */
import { median } from "simple-statistics";
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  near,
  type RowTable,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import { fitLine } from "../../lib/statistics/mod.ts";
import type { Row, System } from "./rows.ts";

/** The last spike's height and frequency, computed in another language. */
const SPIKES: Record<number, [height: number, omega: number]> = {
  8: [0.6940709440, 19.8556776],
  16: [0.6509530649, 80.9659653],
  32: [0.6402001437, 325.4263078],
  64: [0.6375146633, 1303.2738421],
  128: [0.6368434822, 5214.6656135],
  256: [0.6366756990, 20860.2331114],
};
/** L2 errors for inputs with spectra 1/√(1+ω²) and 1/(1+ω²). */
const FIXED_INPUT: Record<number, [first: number, second: number]> = {
  8: [0.06237587, 0.03090322],
  16: [0.03124234, 0.01559286],
  32: [0.01562452, 0.00780983],
  64: [0.00781247, 0.00390604],
  128: [0.00390625, 0.00195311],
  256: [0.00195312, 0.00097656],
};
/** ‖A‖/n² and the largest resolvent norm. */
const NORMS: Record<number, [norm: number, resolvent: number]> = {
  16: [0.63685013, 1.7324268],
  64: [0.63663361, 1.8216589],
  256: [0.63662063, 1.8725576],
};
/** Condition number of LegS's eigenvectors, computed with 120 digits. */
const KAPPA: Record<number, number> = { 4: 86.11239356, 8: 77032.41841, 16: 8.31985913e10 };

export const claims = defineClaims<Row>((claim) => ({
  "spikes-stay": claim({
    figure: "heights",
    criterion: 1,
    headline: true,
    statement:
      "The diagonal model's transfer function keeps spikes of constant height, at frequencies up to " +
      "order n², where LegS has almost no gain.",
    source: theorem("Theorem 2 and Figure 1", { notes: "3.3" }),
    measure: ({ spike }) => {
      const last = spike.filter(({ j, n }) => j === 0 && n in SPIKES);
      return {
        "height of the last spike over its closed form, minus 1": last.map(({ n, height }) =>
          height / SPIKES[n][0] - 1
        ),
        "its frequency over the tabulated one, minus 1": last.map(({ n, omega }) => omega / SPIKES[n][1] - 1),
        "height for n >= 256": spike.filter(({ j, n }) => j === 0 && n >= 256).map(({ height }) => height),
        "times LegS at n = 64": last.filter(({ n }) => n === 64).map(({ height, legs }) => height / legs),
      };
    },
    expect: {
      "height of the last spike over its closed form, minus 1": within(-1e-6, 1e-6),
      "its frequency over the tabulated one, minus 1": within(-1e-6, 1e-6),
      "height for n >= 256": near(2 / Math.PI, { absolute: 1e-3 }),
      "times LegS at n = 64": above(800),
    },
  }),
  "smooth-inputs": claim({
    figure: null,
    criterion: 2,
    statement: "For each fixed smooth input the diagonal model still converges, like 1/n.",
    source: theorem("Theorem 1; constants 1/(2n) and 1/(4n)", { notes: "3.4" }),
    measure: ({ "fixed-input": fixed }) => ({
      "error over the tabulated one, minus 1": fixed.map(({ n, decay, error }) =>
        error / FIXED_INPUT[n][decay - 1] - 1
      ),
      "slopes of log error on log n": [slopeOf(fixed, 1), slopeOf(fixed, 2)],
    }),
    expect: {
      "error over the tabulated one, minus 1": within(-1e-5, 1e-5),
      "slopes of log error on log n": near(-1, { absolute: 0.02 }),
    },
  }),
  "naive-hopeless": claim({
    figure: null,
    criterion: 3,
    statement:
      "Diagonalizing HiPPO-LegS itself is hopeless: its eigenvectors become dependent exponentially fast.",
    source: derived("3.1"),
    measure: ({ naive }) => {
      const at = (n: number) => naive.filter((row) => row.n === n);
      const off = (n: number) => at(n).map(({ kappa }) => kappa / KAPPA[n] - 1);
      return {
        "κ(V) over its exact value at n = 4 and 8, minus 1": [...off(4), ...off(8)],
        "κ(V) over its exact value at n = 16, minus 1": off(16),
        // What rounding makes of them differs between eigensolvers; that more than half of the digits are lost does not.
        "κ(V) at n = 32, 64": [...at(32), ...at(64)].map(({ kappa }) => kappa),
        "backward error at n = 32, 64": [...at(32), ...at(64)].map(({ backwardError }) => backwardError),
      };
    },
    expect: {
      "κ(V) over its exact value at n = 4 and 8, minus 1": within(-1e-6, 1e-6),
      "κ(V) over its exact value at n = 16, minus 1": within(-0.01, 0.01),
      "κ(V) at n = 32, 64": above(1e13),
      "backward error at n = 32, 64": above(1e-6),
    },
  }),
  conditioning: claim({
    figure: "sweep",
    criterion: 4,
    statement: "A random perturbation of size ε makes the eigenvectors as well conditioned as 1/ε.",
    source: theorem("Theorems 4 and 5; Figure 3c", { notes: "3.2" }),
    decidedBy: ({ sweep }) => atLeastSeeds(sweep, 3),
    measure: ({ sweep }) => ({ "slope of log median κ on log ε up to 0.1": slopeOfMedians(sweep, "kappa") }),
    expect: { "slope of log median κ on log ε up to 0.1": within(-1.05, -0.85) },
  }),
  "uniformly-close": claim({
    figure: "sweep",
    criterion: 5,
    statement:
      "The perturbed transfer function stays close to that of LegS at every frequency, in proportion to ε.",
    source: theorem("Theorem 3", { notes: "3.4" }),
    decidedBy: ({ sweep }) => atLeastSeeds(sweep, 3),
    measure: ({ sweep }) => ({
      "slope of log median deviation on log ε up to 0.1": slopeOfMedians(sweep, "deviation"),
      "deviation over the bound (2 ln n + 4) ε n": upTo1(sweep).map((row) =>
        row.deviation / ((2 * Math.log(row.n) + 4) * row.eps * row.n)
      ),
    }),
    expect: {
      "slope of log median deviation on log ε up to 0.1": near(1, { absolute: 0.01 }),
      "deviation over the bound (2 ln n + 4) ε n": atMost(1),
    },
  }),
  norms: claim({
    figure: null,
    criterion: 6,
    statement: "‖A‖ grows as 2n²/π and S4D's own perturbation PPᵀ as n²/2: S4D is the far corner of PTD.",
    source: derived("3.5"),
    measure: ({ norms }) => ({
      "‖A‖/n² minus its tabulated value": norms.map(({ n, relative }) => relative - NORMS[n][0]),
      "‖PPᵀ‖/n² minus 1/2": norms.map(({ lowRank }) => lowRank - 0.5),
      "resolvent norm minus its tabulated value": norms.map(({ n, resolvent }) => resolvent - NORMS[n][1]),
    }),
    expect: {
      "‖A‖/n² minus its tabulated value": within(-2e-8, 2e-8),
      "‖PPᵀ‖/n² minus 1/2": within(-1e-12, 1e-12),
      "resolvent norm minus its tabulated value": within(-2e-7, 2e-7),
    },
    context: ({ norms }) => ({ "‖A‖/n²": norms.map(({ relative }) => relative) }),
  }),
  "robust-readout": claim({
    figure: "robustness",
    criterion: 7,
    statement:
      "A tone at the spike's frequency comes through a readout trained on S4D, and not through PTD's or S4's.",
    source: derived("6.5"),
    decidedBy: ({ readout }) => atLeastSeeds(readout, 8),
    measure: ({ readout }) => {
      const [s4, s4d, ptd] = (["S4", "S4D", "PTD"] as const).map((system) => ofSystem(readout, system));
      const noisy = (of: readonly Row<"readout">[], over: readonly Row<"readout">[]) =>
        of.map((row, k) => row.noisy / over[k].noisy);
      return {
        "median of error with tone, S4D over PTD": median(noisy(s4d, ptd)),
        "that ratio in every seed": noisy(s4d, ptd),
        "median of error with tone, PTD over S4": median(noisy(ptd, s4)),
        // S4D's readout is worse without a tone already; this is what the tone adds.
        "median of error added by the tone, S4D over PTD": median(
          s4d.map((row, k) => added(row) / Math.abs(added(ptd[k]))),
        ),
        "gain of PTD's readout at the tone": ptd.map(({ toneGain }) => toneGain),
      };
    },
    expect: {
      "median of error with tone, S4D over PTD": atLeast(500),
      "that ratio in every seed": atLeast(20),
      "median of error with tone, PTD over S4": atMost(5),
      "median of error added by the tone, S4D over PTD": atLeast(500),
      "gain of PTD's readout at the tone": within(0, 0.05),
    },
    context: ({ readout }) => ({
      "gain of S4D's": ofSystem(readout, "S4D").map(({ toneGain }) => toneGain),
    }),
  }),
  stability: claim({
    figure: null,
    criterion: 8,
    statement: "Small perturbations keep LegS stable, large ones do not.",
    source: derived("3.2"),
    decidedBy: ({ sweep }) => atLeastSeeds(sweep, 3),
    measure: ({ sweep }) => ({
      "largest real part for ε <= 1": upTo1(sweep).map(({ maxRe }) => maxRe),
      "largest real part over the seeds at ε = 10": Math.max(
        ...sweep.filter(({ eps }) => eps === 10).map(({ maxRe }) => maxRe),
      ),
    }),
    expect: {
      "largest real part for ε <= 1": below(0),
      "largest real part over the seeds at ε = 10": above(0),
    },
  }),
  optimizing: claim({
    figure: "optimized",
    statement:
      "Optimizing the perturbation improves the conditioning; at equal conditioning its deviation stays within a " +
      "factor of ten of a random one's.",
    source: derived("11"),
    measure: ({ optimized }) => {
      const weak = optimized.filter(({ method, gamma }) => method === "optimized" && gamma <= 10);
      const start = optimized.find(({ method, size }) => method === "random" && near01(size))!;
      return {
        "κ over that of the random start, γ <= 10": weak.map(({ kappa }) => kappa / start.kappa),
        "deviation over that of a random perturbation of the same κ": weak.map((row) =>
          overRandomLaw(row, optimized)
        ),
      };
    },
    expect: {
      "κ over that of the random start, γ <= 10": below(1),
      "deviation over that of a random perturbation of the same κ": within(0.1, 10),
    },
  }),
}));

function slopeOf(fixed: readonly Row<"fixed-input">[], decay: 1 | 2): number {
  const list = fixed.filter((row) => row.decay === decay);
  return fitLine(list.map(({ n }) => Math.log(n)), list.map(({ error }) => Math.log(error))).slope;
}

/** The sweep as far as theory goes: perturbations up to 1. */
function upTo1(sweep: RowTable<Row>["sweep"]): readonly Row<"sweep">[] {
  return sweep.filter(({ eps }) => eps <= 1);
}

/** Slope of the logarithms of medians over seeds against log eps, over eps <= 0.1. */
function slopeOfMedians(sweep: readonly Row<"sweep">[], field: "kappa" | "deviation"): number {
  const sizes = distinct(sweep, "eps").filter((eps) => eps <= 0.1);
  const medians = sizes.map((eps) => median(sweep.filter((row) => row.eps === eps).map((row) => row[field])));
  return fitLine(sizes.map(Math.log), medians.map(Math.log)).slope;
}

function ofSystem(readout: readonly Row<"readout">[], system: System): readonly Row<"readout">[] {
  return readout.filter((row) => row.system === system);
}

/** What the tone adds to the error. */
function added({ noisy, clean }: Row<"readout">): number {
  return noisy - clean;
}

function near01(size: number): boolean {
  return Math.abs(size - 0.1) < 1e-6;
}

/** An optimized perturbation's deviation over that of a random one of the same κ, on the line through the random ones. */
function overRandomLaw({ kappa, deviation }: Row<"optimized">, all: readonly Row<"optimized">[]): number {
  const random = all.filter(({ method }) => method === "random");
  const law = fitLine(random.map((row) => Math.log(row.kappa)), random.map((row) => Math.log(row.deviation)));
  return deviation / Math.exp(law.intercept + law.slope * Math.log(kappa));
}
