/** Storage of one pass over a block of inputs. Not public. */
import type { Room } from "./compiled.ts";

/** What a pass of `rows` inputs writes; layer l maps `values[l]` to `values[l + 1]`. */
export interface Tape<Data> {
  /** The inputs of every layer, then the outputs: rows x widths[l]. Entry 0 is set by the pass. */
  readonly values: Data[];
  /** Derivatives of the activations of hidden layer l. */
  readonly slopes: Data[];
  /** Derivatives by the (scaled) pre-activations of layer l. */
  readonly deltas: Data[];
  /** Room for one number per output of the widest layer. */
  readonly sums: Data;
}

/** What a pass with tangents writes beside. */
export interface TangentTape<Data> {
  /** Second derivatives of the activations of hidden layer l. */
  readonly curvatures: Data[];
  /** Tangents of the pre-activations of layer l; the last ones are those of the outputs. */
  readonly preTangents: Data[];
  /** Tangents of `values[l]`; entry 0 is set by the pass, absent if the inputs have none. */
  readonly tangents: (Data | undefined)[];
  /** Derivatives by the tangents of the pre-activations of layer l. */
  readonly tangentDeltas: Data[];
}

/** What passes leave of each output at each input, one per row. */
export interface EachOutput<Data> {
  readonly rows: number;
  /** The inputs of layer l: rows x widths[l]. */
  readonly values: Data[];
  /** The derivatives of the output by the (scaled) pre-activations of layer l: rows x widths[l + 1]. */
  readonly deltas: Data[];
}

/** Storage for `rows` inputs of a network. */
export function newTape<Data>(widths: readonly number[], rows: number, room: Room<Data>): Tape<Data> {
  const ofRows = (width: number) => room(rows * width);
  return {
    values: [room(0), ...widths.slice(1).map(ofRows)],
    slopes: widths.slice(1, -1).map(ofRows),
    deltas: widths.slice(1).map(ofRows),
    sums: room(widths.reduce((a, b) => Math.max(a, b))),
  };
}

/** Storage for the tangents of `rows` inputs of a network. */
export function newTangentTape<Data>(
  widths: readonly number[],
  rows: number,
  room: Room<Data>,
): TangentTape<Data> {
  const ofRows = (width: number) => room(rows * width);
  return {
    curvatures: widths.slice(1, -1).map(ofRows),
    preTangents: widths.slice(1).map(ofRows),
    tangents: [undefined, ...widths.slice(1, -1).map(ofRows)],
    tangentDeltas: widths.slice(1).map(ofRows),
  };
}
