import {
  requireBoolean,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireOptions,
} from "../arrays/mod.ts";

/** What a field represents; each has constants of its own. */
export type SignalKind = "audio" | "image";

/** Options of {@linkcode winnerScales}. */
export interface WinnerScalesOptions {
  /** `"audio"`: a signal in one dimension. `"image"`: one in two. */
  kind: SignalKind;
  /** Numbers per sample. Default 1. */
  channels?: number;
  /**
   * Samples of a signal in one dimension: s0 is proportional to the Nyquist frequency of its grid. Default
   * 150,000, for which the published 3500 was chosen.
   */
  samples?: number;
  /** Largest s0. Default 3500 (audio, times `(samples - 1) / 149999`) or 50 (image). */
  s0Max?: number;
  /** Rate at which s0 saturates. Default 7 (audio, as in the authors' code; their paper has 5) or 5 (image). */
  a?: number;
  /** Slope of s1. Default 3 (audio) or 0.4 (image). */
  b?: number;
  /** Whether psi is divided by the channels twice, as in the authors' code. Default false. */
  officialDoubleDivision?: boolean;
}

/** Standard deviations of the noise on the frequencies of the first layer (radians) and of the second. */
export interface WinnerScales {
  /** Of the first layer. */
  s0: number;
  /** Of the second layer. */
  s1: number;
}

const KINDS: readonly SignalKind[] = ["audio", "image"];

/** Samples for which the published scale of audio was chosen. */
const PUBLISHED_SAMPLES = 150_000;

/**
 * The scales of the WINNER initialization for a target with spectral centroid psi (Chandravamsi et al. 2025):
 * `s0 = s0Max (1 - exp(-a psi / C))` and `s1 = b psi / C` for C channels.
 *
 * @param psi Centroid of the target, from 0 to 1, as {@linkcode spectralCentroid} returns it.
 * @param options What the target is.
 * @returns The scales.
 * @throws {RangeError} if `psi` is not from 0 to 1, or an option is out of range.
 * @throws {TypeError} if an option or a name is unknown.
 *
 * @example
 * ```ts
 * import { winnerScales } from "refigure/neural_fields";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { s0, s1 } = winnerScales(0.3, { kind: "audio" });
 * assertAlmostEquals(s0, 3071.4025011146, 1e-9);
 * assertAlmostEquals(s1, 0.9, 1e-15);
 * ```
 */
export function winnerScales(psi: number, options: WinnerScalesOptions): WinnerScales {
  requireNumber("psi", psi, { min: 0, max: 1 });
  requireOptions("options", options, [
    "kind",
    "channels",
    "samples",
    "s0Max",
    "a",
    "b",
    "officialDoubleDivision",
  ]);
  const { kind, channels = 1, samples = PUBLISHED_SAMPLES, officialDoubleDivision = false } = options;
  requireOneOf("kind", kind, KINDS);
  requireInteger("channels", channels, { min: 1 });
  requireInteger("samples", samples, { min: 2 });
  requireBoolean("officialDoubleDivision", officialDoubleDivision);
  const isAudio = kind === "audio";
  const {
    s0Max = isAudio ? 3500 * (samples - 1) / (PUBLISHED_SAMPLES - 1) : 50,
    a = isAudio ? 7 : 5,
    b = isAudio ? 3 : 0.4,
  } = options;
  requireNumber("s0Max", s0Max, { min: 0 });
  requireNumber("a", a, { min: 0 });
  requireNumber("b", b, { min: 0 });
  const share = psi / channels / (officialDoubleDivision ? channels : 1);
  return { s0: -s0Max * Math.expm1(-a * share), s1: b * share };
}
