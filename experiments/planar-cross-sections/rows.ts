/** What trials return. */
import type { RowOfKind } from "../../lib/experiment/mod.ts";

/** What is changed in the method; notes 4. */
export type Variant = "full" | "one pass" | "no hinge" | "one radius";

/** Fields of the rows that trials return, by kind. */
export interface RowFields {
  /** One reconstruction of the annulus from lines. */
  annulus: {
    variant: Variant;
    /** Whether the lines are the fixed set of notes 6.2 or drawn with the seed. */
    lines: "fixed" | "random";
    /** Lines, and passes of the network. */
    count: number;
    passes: number;
    seed: number;
    steps: number;
    batch: number;
    /** Intersection over union with the truth, of the field and of the nearest line. */
    iou: number;
    nearest: number;
    /** Lengths of the logit's gradient on the true contour. */
    gradientMedian: number;
    gradient95: number;
  };
  /** A point of something that is drawn in the plane. */
  outline: {
    what: "truth" | "lines" | "nearest line" | Variant;
    /** Points with the same number are one line, in their order. */
    piece: number;
    x: number;
    y: number;
  };
  /** How good the estimate is after each pass. */
  pass: { shape: "annulus" | "torus"; seed: number; pass: number; iou: number };
  /** One reconstruction of the torus from planes. */
  torus: {
    variant: Variant;
    seed: number;
    /** Steps of the training. */
    steps: number;
    batch: number;
    planes: number;
    iou: number;
    /** Of the nearest plane, and of the harmonic fill. */
    nearest: number;
    harmonic: number;
    /** Quantiles of the length of the logit's gradient at nodes within 0.05 of the surface. */
    gradientMedian: number;
    gradient95: number;
    /** Mean distance between the linear crossing and the field's own zero, in parts of an edge. */
    crossingError: number;
    /** Standard deviation of the linear crossings' places on their edges. */
    crossingDeviation: number;
    /** Share of fresh points in the planes, at least 0.03 from the surface, that are on the wrong side. */
    wrong: number;
    fresh: number;
  };
  /** A bar of the histogram of places of linear crossings on their edges. */
  crossing: {
    variant: Variant;
    steps: number;
    seed: number;
    /** Middle of the bar, from 0 to 1. */
    place: number;
    density: number;
  };
  /** A vertex of the mesh of a reconstruction, with its unit normal. */
  vertex: { shape: "torus" | "bunny"; x: number; y: number; z: number; nx: number; ny: number; nz: number };
  /** The estimate of a crossing from a field that saturates; notes 3.6. */
  ripple: {
    /** Slope of the field in units of a cell. */
    k: number;
    /** The true place on the edge, and the estimate. */
    t: number;
    estimate: number;
  };
  /** A circle, contoured from a field that saturates. */
  circle: { k: number; piece: number; x: number; y: number };
  /** How far the contour of the circle is from it. */
  circleError: {
    k: number;
    /** Largest distance from the circle, in cells. */
    worst: number;
  };
  /** The bunny, rebuilt from planes. */
  bunny: {
    seed: number;
    planes: number;
    steps: number;
    iou: number;
    nearest: number;
    /** Volume of the mesh over the true one. */
    volume: number;
    eulerCharacteristic: number;
  };
}

/** A row of one kind, or of any. */
export type Row<Kind extends keyof RowFields = keyof RowFields> = RowOfKind<RowFields, Kind>;
