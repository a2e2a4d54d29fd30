/** Storage of one pass over a block of inputs. Not public. */
import { allocate, type ArrayOf, type DType } from "../arrays/mod.ts";

/** What a pass of `rows` inputs writes; layer l maps `values[l]` to `values[l + 1]`. */
export interface Tape<Data> {
  /** Room for so many inputs. */
  readonly capacity: number;
  /** The inputs of every layer, then the outputs: rows x widths[l]. Entry 0 is set by the pass. */
  readonly values: Data[];
  /** Derivatives of the activations of hidden layer l. */
  readonly slopes: Data[];
  /** Derivatives by the (scaled) pre-activations of layer l. */
  readonly deltas: Data[];
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

/** Storage for `rows` inputs of a network; of the slopes, for as many as are passed at once. */
export function newTape<Precision extends DType>(
  dtype: Precision,
  widths: readonly number[],
  rows: number,
  atOnce = rows,
): Tape<ArrayOf<Precision>> {
  const room = (width: number) => allocate(dtype, rows * width);
  return {
    capacity: rows,
    values: [allocate(dtype, 0), ...widths.slice(1).map(room)],
    slopes: widths.slice(1, -1).map((width) => allocate(dtype, atOnce * width)),
    deltas: widths.slice(1).map(room),
  };
}

/** Storage for the tangents of `rows` inputs of a network. */
export function newTangentTape<Precision extends DType>(
  dtype: Precision,
  widths: readonly number[],
  rows: number,
): TangentTape<ArrayOf<Precision>> {
  const room = (width: number) => allocate(dtype, rows * width);
  return {
    curvatures: widths.slice(1, -1).map(room),
    preTangents: widths.slice(1).map(room),
    tangents: [undefined, ...widths.slice(1, -1).map(room)],
    tangentDeltas: widths.slice(1).map(room),
  };
}
