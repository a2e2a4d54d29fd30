/** Which points a convolution on a grid reads. Not public. */
import type { DType, RealArray } from "../arrays/mod.ts";
import { type Compiled, compiledOnce, type HeapBase, upToLine } from "../wasm/compiled.ts";
import { gridKernels } from "../wasm/grids_wasm.ts";
import { coarserSize, type GridPadding, place } from "./grid.ts";

/** The arguments of the loops of lib/wasm/grids after the addresses of the numbers. */
type Runs = [runs: number, taps: number, channels: number, sizeIn: number, sizeOut: number, unit: number];

/** The functions of lib/wasm/grids; addresses and sizes are bytes. */
interface GridKernels extends HeapBase {
  gather(x: number, columns: number, ...runs: Runs): void;
  scatter32(columns: number, x: number, ...runs: Runs): void;
  scatter64(columns: number, x: number, ...runs: Runs): void;
}

const kernelsOf = compiledOnce<GridKernels>(gridKernels);

/** What the work of one convolution takes place in. */
export interface Workspace<Data extends RealArray> {
  readonly batch: number;
  readonly dtype: DType;
  /** At least so many numbers that any layer may overwrite. */
  scratch(length: number): Data;
}

/** Addresses in the memory of the compiled loops. */
interface Places {
  kernels: Compiled<GridKernels>;
  runs: number;
  x: number;
  columns: number;
}

/**
 * Points that a convolution with an odd kernel reads, for every point that it writes and every tap. Columns are
 * `[taps, channels, points that are written, batch]`, functions `[channels, points that are read, batch]`.
 */
export class Patches {
  /** Points that are read. */
  readonly pointsIn: number;
  /** Points that are written. */
  readonly pointsOut: number;
  /** Taps of the kernel. */
  readonly taps: number;
  /** True if a point reads itself and nothing else. */
  readonly isIdentity: boolean;
  /**
   * True if the adjoint reads as the convolution does, with the taps in reverse: not for mirrors and strides.
   */
  readonly isFlippable: boolean;
  /** What {@linkcode gather} copies, in this order, and where {@linkcode scatter} adds. */
  readonly #copies: Int32Array;
  readonly #additions: Int32Array;

  /**
   * @param dimension 1 or 2.
   * @param n Points per axis that are read.
   * @param kernel Taps per axis, odd.
   * @param stride 1, or 2 to read for the points of the coarser grid.
   */
  constructor(dimension: number, n: number, kernel: number, stride: 1 | 2, padding: GridPadding) {
    const m = stride === 1 ? n : coarserSize(n, padding);
    const half = (kernel - 1) / 2;
    // Of interior points, the second one is the first that is kept.
    const first = stride === 2 && padding === "zero" ? 1 : 0;
    const read = (p: number, tap: number) => place(first + stride * p + tap - half, n, padding);
    this.pointsIn = n ** dimension;
    this.pointsOut = m ** dimension;
    this.taps = kernel ** dimension;
    this.isIdentity = this.taps === 1 && stride === 1;
    this.isFlippable = stride === 1 && padding !== "reflect";
    const runs = Array.from({ length: this.taps }, (_, tap) => {
      const rowTap = dimension === 1 ? half : Math.floor(tap / kernel);
      const sources = Int32Array.from({ length: this.pointsOut }, (_, p) => {
        const row = dimension === 1 ? 0 : read(Math.floor(p / m), rowTap);
        const column = read(p % m, tap % kernel);
        return row < 0 || column < 0 ? -1 : row * n + column;
      });
      return runsOf(sources);
    });
    this.#copies = flat(runs.map(longestFirst));
    this.#additions = flat(runs.map((ofTap) => ofTap.filter(({ from }) => from >= 0)));
  }

  /** Room for columns, until the next call of this or of {@linkcode gather}; what they hold is left from earlier work. */
  columns<Data extends RealArray>(channels: number, room: Workspace<Data>): Data {
    const length = this.taps * channels * this.pointsOut * room.batch;
    const places = this.#places(channels, room);
    return places === null ? room.scratch(length) : view(room, places, places.columns, length);
  }

  /** Columns of what the taps read of `x`. */
  gather<Data extends RealArray>(x: Data, channels: number, room: Workspace<Data>): Data {
    const { pointsIn, pointsOut } = this;
    const { batch } = room;
    const columns = this.columns(channels, room);
    const places = this.#places(channels, room);
    if (places !== null) {
      view(room, places, places.x, x.length).set(x);
      const { kernels: { run } } = places;
      run.gather(places.x, places.columns, ...this.#runs(this.#copies, places, channels, room));
      return columns;
    }
    eachRun(this.#copies, this.taps, channels, (tap, c, start, source, points) => {
      const count = points * batch;
      const to = (tap * channels + c) * pointsOut * batch + start * batch;
      const from = c * pointsIn * batch + source * batch;
      if (source < 0) columns.fill(0, to, to + count);
      else if (count > LONG) columns.set(x.subarray(from, from + count), to);
      else for (let k = 0; k < count; k++) columns[to + k] = x[from + k];
    });
    return columns;
  }

  /**
   * The adjoint of {@linkcode gather}: adds what was read at a point to that point. `columns` are from the last call
   * of {@linkcode gather} or {@linkcode columns}.
   */
  scatter<Data extends RealArray>(columns: Data, x: Data, channels: number, room: Workspace<Data>): void {
    const { pointsIn, pointsOut } = this;
    const { batch } = room;
    const places = this.#places(channels, room);
    if (places !== null) {
      const sums = view(room, places, places.x, x.length);
      sums.set(x);
      const { kernels: { run } } = places;
      const scatter = room.dtype === "float32" ? run.scatter32 : run.scatter64;
      scatter(places.columns, places.x, ...this.#runs(this.#additions, places, channels, room));
      x.set(sums);
      return;
    }
    eachRun(this.#additions, this.taps, channels, (tap, c, start, target, points) => {
      const from = (tap * channels + c) * pointsOut * batch + start * batch;
      const to = c * pointsIn * batch + target * batch;
      for (let k = 0; k < points * batch; k++) x[to + k] += columns[from + k];
    });
  }

  /** Where runs, functions and columns are in the memory of the compiled loops; null if there are none. */
  #places(channels: number, room: Workspace<RealArray>): Places | null {
    const kernels = kernelsOf();
    if (kernels === null) return null;
    const ofChannels = channels * bytesOfPoint(room);
    const ofRuns = upToLine(4 * Math.max(this.#copies.length, this.#additions.length));
    const ofX = upToLine(this.pointsIn * ofChannels);
    const runs = kernels.scratch(ofRuns + ofX + this.taps * this.pointsOut * ofChannels);
    return runs === 0 ? null : { kernels, runs, x: runs + ofRuns, columns: runs + ofRuns + ofX };
  }

  /** Writes the runs to the memory of the compiled loops, and returns what these want to know. */
  #runs(runs: Int32Array, places: Places, channels: number, room: Workspace<RealArray>): Runs {
    new Int32Array(places.kernels.float64.buffer, places.runs, runs.length).set(runs);
    const unit = bytesOfPoint(room);
    return [places.runs, this.taps, channels, this.pointsIn * unit, this.pointsOut * unit, unit];
  }
}

/** Numbers in a row from which a copy by the engine is faster than a loop. */
const LONG = 96;

/** Points in a row that are written from `to` on and read from `from` on; zeros if that is -1. */
interface Run {
  to: number;
  from: number;
  points: number;
}

function runsOf(sources: Int32Array): Run[] {
  const runs: Run[] = [];
  let to = 0;
  while (to < sources.length) {
    const from = sources[to];
    let points = 1;
    while (to + points < sources.length && sources[to + points] === (from < 0 ? -1 : from + points)) points++;
    runs.push({ to, from, points });
    to += points;
  }
  return runs;
}

/**
 * Away from the border a tap reads all points at one distance: one run from the first of them to the last, and the others
 * over it.
 */
function longestFirst(runs: Run[]): Run[] {
  const distance = ({ to, from }: Run) => from < 0 ? undefined : from - to;
  const longest = runs.reduce((most, run) => run.from >= 0 && run.points > most.points ? run : most, {
    to: 0,
    from: -1,
    points: 0,
  });
  if (longest.points <= 1) return runs;
  const [own, others] = [
    runs.filter((run) => distance(run) === distance(longest)),
    runs.filter((run) => distance(run) !== distance(longest)),
  ];
  const last = own[own.length - 1];
  return [{ ...own[0], points: last.to + last.points - own[0].to }, ...others];
}

/** For each tap the number of its runs, then their numbers. */
function flat(runs: Run[][]): Int32Array {
  return Int32Array.from(
    runs.flatMap((ofTap) => [ofTap.length, ...ofTap.flatMap(({ to, from, points }) => [to, from, points])]),
  );
}

/** Calls `body` with the runs of every tap and channel. */
function eachRun(
  runs: Int32Array,
  taps: number,
  channels: number,
  body: (tap: number, channel: number, to: number, from: number, points: number) => void,
): void {
  let first = 1;
  for (let tap = 0; tap < taps; tap++) {
    const end = first + 3 * runs[first - 1];
    for (let c = 0; c < channels; c++) {
      for (let r = first; r < end; r += 3) body(tap, c, runs[r], runs[r + 1], runs[r + 2]);
    }
    first = end + 1;
  }
}

/** Bytes of the numbers of a whole batch at a point. */
function bytesOfPoint({ batch, dtype }: Workspace<RealArray>): number {
  return batch * (dtype === "float32" ? 4 : 8);
}

/** Numbers in the memory of the compiled loops. */
function view<Data extends RealArray>(
  { dtype }: Workspace<Data>,
  { kernels: { float64: { buffer } } }: Places,
  at: number,
  length: number,
): Data {
  return (dtype === "float32"
    ? new Float32Array(buffer, at, length)
    : new Float64Array(buffer, at, length)) as RealArray as Data;
}
