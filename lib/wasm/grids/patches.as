// What a convolution on a grid reads: lib/multigrid/grid.ts does the same by loops. A point has `unit` bytes, a multiple of 4; the
// runs of a tap are their number, then for each one where it is written, where it is read (-1: zeros) and its length, in points.

/** From how many bytes on the engine's own copy is faster than the loop. */
const LONG: usize = 256;

@inline function copy(to: usize, from: usize, bytes: usize): void {
  if (bytes >= LONG) {
    memory.copy(to, from, bytes);
    return;
  }
  const end = to + bytes;
  for (; to + 16 <= end; to += 16, from += 16) v128.store(to, v128.load(from));
  for (; to < end; to += 4, from += 4) store<i32>(to, load<i32>(from));
}

@inline function clear(to: usize, bytes: usize): void {
  const end = to + bytes, zero = i32x4.splat(0);
  for (; to + 16 <= end; to += 16) v128.store(to, zero);
  for (; to < end; to += 4) store<i32>(to, 0);
}

/** `[channels, points, unit]` to `[taps, channels, points that are written, unit]`; `sizeIn` and `sizeOut` are bytes of a channel. */
export function gather(
  x: usize, columns: usize, runs: usize, taps: i32, channels: i32, sizeIn: usize, sizeOut: usize, unit: usize,
): void {
  for (; taps > 0; taps--) {
    const first = runs + 4, end = first + 12 * <usize>load<i32>(runs);
    for (let c = 0, from = x; c < channels; c++, from += sizeIn, columns += sizeOut) {
      for (let r = first; r < end; r += 12) {
        const to = columns + <usize>load<i32>(r) * unit, source = load<i32>(r, 4), bytes = <usize>load<i32>(r, 8) * unit;
        if (source < 0) clear(to, bytes);
        else copy(to, from + <usize>source * unit, bytes);
      }
    }
    runs = end;
  }
}

/** The adjoint of `gather`, on singles: adds to x. All runs read. */
export function scatter32(
  columns: usize, x: usize, runs: usize, taps: i32, channels: i32, sizeIn: usize, sizeOut: usize, unit: usize,
): void {
  for (; taps > 0; taps--) {
    const first = runs + 4, end = first + 12 * <usize>load<i32>(runs);
    for (let c = 0, target = x; c < channels; c++, target += sizeIn, columns += sizeOut) {
      for (let r = first; r < end; r += 12) {
        let from = columns + <usize>load<i32>(r) * unit, to = target + <usize>load<i32>(r, 4) * unit;
        const stop = to + <usize>load<i32>(r, 8) * unit;
        for (; to + 16 <= stop; to += 16, from += 16) v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
        for (; to < stop; to += 4, from += 4) store<f32>(to, load<f32>(to) + load<f32>(from));
      }
    }
    runs = end;
  }
}

/** The same on doubles. */
export function scatter64(
  columns: usize, x: usize, runs: usize, taps: i32, channels: i32, sizeIn: usize, sizeOut: usize, unit: usize,
): void {
  for (; taps > 0; taps--) {
    const first = runs + 4, end = first + 12 * <usize>load<i32>(runs);
    for (let c = 0, target = x; c < channels; c++, target += sizeIn, columns += sizeOut) {
      for (let r = first; r < end; r += 12) {
        let from = columns + <usize>load<i32>(r) * unit, to = target + <usize>load<i32>(r, 4) * unit;
        const stop = to + <usize>load<i32>(r, 8) * unit;
        for (; to + 16 <= stop; to += 16, from += 16) v128.store(to, f64x2.add(v128.load(to), v128.load(from)));
        for (; to < stop; to += 8, from += 8) store<f64>(to, load<f64>(to) + load<f64>(from));
      }
    }
    runs = end;
  }
}
