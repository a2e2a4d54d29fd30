import { colorBy, palette } from "../../lib/figures/mod.ts";
import { polarFactor } from "../../lib/linalg/mod.ts";
import type { Matrix } from "../../lib/arrays/mod.ts";
import {
  adamwUpdates,
  chain,
  type GradientTransformation,
  momentum,
  muonUpdates,
  NEWTON_SCHULZ,
  type NewtonSchulzCoefficients,
  normalizedSgdUpdates,
  scaleByLearningRate,
  type Schedule,
  sgdUpdates,
  stateless,
} from "../../lib/optimizers/mod.ts";

/** The coefficient schedules that are compared, by the names in the figures. */
export const SCHEDULES: Record<string, NewtonSchulzCoefficients> = {
  "Muon (5 steps)": NEWTON_SCHULZ.muon5,
  "You (5 steps)": NEWTON_SCHULZ.you5,
  "Polar Express (8 steps)": NEWTON_SCHULZ.polarExpress8,
  "cubic (5 steps)": NEWTON_SCHULZ.cubic,
};

/** An optimizer of the comparison. */
export interface Contender {
  make(learningRate: Schedule): GradientTransformation;
  color: string;
  /** Learning rate about which the digits' grid lies. */
  digitsScale: number;
  /** Learning rates for the associative memory, and the one at which its curves are drawn. */
  memoryRates: number[];
  memoryRate: number;
}

const orthogonalizing = { digitsScale: 0.05, memoryRates: [0.02, 0.05, 0.1, 0.2], memoryRate: 0.1 };

/** Muon with another schedule. */
const withSchedule = (coefficients: NewtonSchulzCoefficients, color: string): Contender => ({
  ...orthogonalizing,
  make: (learningRate) => muonUpdates({ learningRate, coefficients }),
  color,
});

/** Everything that is compared, by name; the first five are the protocol's, the others ablations of Muon. */
export const CONTENDERS: Record<string, Contender> = {
  "Muon": withSchedule(NEWTON_SCHULZ.muon5, palette[0]),
  "Adam": {
    make: (learningRate) => adamwUpdates({ learningRate }),
    color: palette[1],
    digitsScale: 0.05,
    memoryRates: [0.003, 0.01, 0.03],
    memoryRate: 0.01,
  },
  "exact polar": {
    ...orthogonalizing,
    make: (learningRate) =>
      chain(
        momentum(),
        stateless((updates) => polarFactor(updates as Matrix)),
        scaleByLearningRate(learningRate),
      ),
    color: palette[2],
  },
  "SGD": {
    make: (learningRate) => sgdUpdates({ learningRate }),
    color: palette[3],
    digitsScale: 5,
    memoryRates: [1, 3, 10, 30],
    memoryRate: 3,
  },
  "normalized SGD": {
    make: (learningRate) => normalizedSgdUpdates({ learningRate }),
    color: palette[4],
    digitsScale: 0.5,
    memoryRates: [0.1, 0.3, 1],
    memoryRate: 0.3,
  },
  "Polar Express": withSchedule(NEWTON_SCHULZ.polarExpress8, palette[5]),
  "cubic": withSchedule(NEWTON_SCHULZ.cubic, palette[7]),
};

/** Colours of some contenders. */
export const colorsOf = (names: readonly string[]): string[] => names.map((name) => CONTENDERS[name].color);

/** The optimizer as colour: one has the same colour in all figures. */
export function colors(names: readonly string[]): ReturnType<typeof colorBy> {
  return colorBy("optimizer", null, names, colorsOf(names));
}
