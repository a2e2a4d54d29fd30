import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { classic, gaussianFit, mixed, perStep, precision } from "./claims/precision.ts";
import { escape, published, quadrature, sampled } from "./claims/shapes.ts";
import { breakdown, everyDraw, independent, muonFalls, single } from "./claims/outliers.ts";
import { adamWins, clipFirst, training, trainingTuned } from "./claims/training.ts";
import type { Row } from "./rows.ts";

/** The acceptance criteria of the sheet, by their numbers, and what we found beside them. */
export function claims(rows: Row[]): Claim[] {
  return [
    precision(rows),
    classic(rows),
    quadrature(rows),
    published(rows),
    escape(rows),
    sampled(rows),
    independent(rows),
    muonFalls(rows),
    everyDraw(rows),
    single(rows),
    training(rows),
    trainingTuned(rows),
    adamWins(rows),
    clipFirst(rows),
    mixed(rows),
    gaussianFit(rows),
    perStep(rows),
    breakdown(rows),
  ];
}
