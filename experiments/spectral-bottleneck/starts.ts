/** The networks that are compared, at their start. */
import type { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { DenseNetwork } from "../../lib/networks/mod.ts";
import {
  finerActivation,
  fourierFeatures,
  gridCoordinates,
  nyquistFrequency,
  siren,
  winnerScales,
} from "../../lib/neural_fields/mod.ts";
import type { Start } from "./rows.ts";

/** Sine layers of every network. */
const LAYERS = 4;
const OMEGA = 30;

/** What a start depends on. */
export interface StartOptions {
  /** Spectral centroid of the target. */
  psi: number;
  samples: number;
  width: number;
  /** Factors on the scales of SIREN². */
  s0Factor: number;
  s1Factor: number;
  rng: Rng;
}

/** A network at its start and the inputs that it reads. */
export interface Started {
  net: DenseNetwork;
  x: Matrix;
}

/** A network by its name. */
export function startOf(
  start: Start,
  { psi, samples, width, s0Factor, s1Factor, rng }: StartOptions,
): Started {
  const x = gridCoordinates([samples]);
  const { s0, s1 } = winnerScales(psi, { kind: "audio", samples });
  const plain = (options: { s0?: number; s1?: number; firstOmega?: number; inputs?: number } = {}) =>
    siren({ width, layers: LAYERS, omega0: OMEGA, rng, ...options });
  switch (start) {
    case "SIREN":
      return { x, net: plain() };
    case "SIREN²":
      return { x, net: plain({ s0: s0Factor * s0, s1: s1Factor * s1 }) };
    case "s₀ only":
      return { x, net: plain({ s0: s0Factor * s0 }) };
    case "s₁ only":
      return { x, net: plain({ s1: s1Factor * s1 }) };
    case "wide s₀":
      return { x, net: plain({ s0: psi * nyquistFrequency(samples) / 2 }) };
    case "SIREN, tuned":
      return { x, net: plain({ firstOmega: nyquistFrequency(samples) / 10 }) };
    case "FINER":
      return { x, net: withActivation(plain(), finerActivation(OMEGA), 1) };
    case "Gauss":
      return {
        x,
        net: new DenseNetwork({ widths: plain().widths, activation: "gaussian", scale: OMEGA, rng }),
      };
    case "Fourier features": {
      const frequencies = rng.split("frequencies").normalMatrix(width / 2, 1, OMEGA);
      return { x: fourierFeatures(x, frequencies), net: plain({ inputs: width }) };
    }
  }
}

/** The parameters of a network under another activation. */
function withActivation(
  { widths, parameters }: DenseNetwork,
  activation: ReturnType<typeof finerActivation>,
  scale: number,
): DenseNetwork {
  return new DenseNetwork({ widths, parameters, activation, scale });
}
