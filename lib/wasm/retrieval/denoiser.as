// Loops of lib/retrieval on float32, with sums in doubles: the bits of those in TypeScript.

@inline function plus(a: v128, b: v128): v128 { return f64x2.add(a, b); }
@inline function minus(a: v128, b: v128): v128 { return f64x2.sub(a, b); }
@inline function times(a: v128, b: v128): v128 { return f64x2.mul(a, b); }
/** The first two of four floats, and the last two. */
@inline function lower(x: v128): v128 { return f64x2.promote_low_f32x4(x); }
@inline function upper(x: v128): v128 { return f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)); }
/** Four doubles rounded. */
@inline function rounded(a: v128, b: v128): v128 {
  return i64x2.shuffle(f32x4.demote_f64x2_zero(a), f32x4.demote_f64x2_zero(b), 0, 2);
}

/** Floats as doubles, four times `fours`. */
export function promote(x: usize, out: usize, fours: i32): void {
  for (const end = x + (<usize>fours << 4); x < end; x += 16, out += 32) {
    const four = v128.load(x);
    v128.store(out, lower(four));
    v128.store(out, upper(four), 16);
  }
}

/** out = factor x for four times `fours` floats. */
export function scale(x: usize, factor_: f64, out: usize, fours: i32): void {
  const factor = f64x2.splat(factor_);
  for (const end = x + (<usize>fours << 4); x < end; x += 16, out += 16) {
    const four = v128.load(x);
    v128.store(out, rounded(times(factor, lower(four)), times(factor, upper(four))));
  }
}

/** out = a x + b y. */
export function combine(x: usize, a_: f64, y: usize, b_: f64, out: usize, fours: i32): void {
  const a = f64x2.splat(a_), b = f64x2.splat(b_);
  for (const end = x + (<usize>fours << 4); x < end; x += 16, y += 16, out += 16) {
    const u = v128.load(x), v = v128.load(y);
    v128.store(
      out,
      rounded(plus(times(a, lower(u)), times(b, lower(v))), plus(times(a, upper(u)), times(b, upper(v)))),
    );
  }
}

/** Each of `rows` rows of `out`, of four times `fours` floats, becomes `row`, plus the one of `x` unless that is 0. */
export function addRow(x: usize, row: usize, out: usize, rows: i32, fours: i32): void {
  const size = <usize>fours << 4;
  for (; rows > 0; rows--) {
    if (x == 0) memory.copy(out, row, size);
    else {
      for (let c: usize = 0; c < size; c += 16) v128.store(out + c, f32x4.add(v128.load(x + c), v128.load(row + c)));
      x += size;
    }
    out += size;
  }
}

/** Where two addresses are passed on: to take numbers out of a vector needs the units that compute with vectors. */
const PLACES = memory.data<u64>([0, 0], 16);
const REACH = memory.data<f64>([20]);
const PER_UNIT = memory.data<f64>([1024]);
const ENTRY = memory.data<f64>([16]);
const REACH_OF_FLOAT = memory.data<f32>([20]);

/** The first numbers of two pairs, and the second ones. */
@inline function first(a: v128, b: v128): v128 { return i64x2.shuffle(a, b, 0, 2); }
@inline function second(a: v128, b: v128): v128 { return i64x2.shuffle(a, b, 1, 3); }

/**
 * silu of two doubles within 20 of zero: a straight line between entries, which are a value and the way to the next one. `base`
 * is 2^52 plus the address of the table, so that low bits of the sum with 16 times a small integer are an address.
 */
@inline function line(z: v128, reach: v128, perUnit: v128, entry: v128, base: v128): v128 {
  const place = times(plus(z, reach), perUnit), below = f64x2.floor(place), bits = plus(times(below, entry), base);
  v128.store(PLACES, bits);
  const a = v128.load(<usize>load<u32>(PLACES)), b = v128.load(<usize>load<u32>(PLACES, 8));
  return plus(first(a, b), times(minus(place, below), second(a, b)));
}

/** silu of one float, from `table`. */
function siluOf(z: f32, table: usize): f32 {
  const place = (<f64>z + 20) * 1024;
  if (place > 0 && place < 40960) {
    const below = <i32>place, entry = table + (<usize>below << 4);
    return <f32>(load<f64>(entry) + (place - <f64>below) * load<f64>(entry, 8));
  }
  return z < 0 ? 0 : z;
}

/** Silu of four floats. */
@inline function silu4(
  z: v128, at: usize, reachOfFloat: v128, reach: v128, perUnit: v128, entry: v128, base: v128, table: usize,
): v128 {
  if (i32x4.all_true(f32x4.lt(f32x4.abs(z), reachOfFloat))) {
    return rounded(line(lower(z), reach, perUnit, entry, base), line(upper(z), reach, perUnit, entry, base));
  }
  v128.store(at, z);
  for (let i = 0; i < 4; i++, at += 4) store<f32>(at, siluOf(load<f32>(at), table));
  return v128.load(at - 16);
}

/**
 * out = silu(z + bias + y) for rows of four times `fours` floats; or x + silu(z) if x is not 0, without these. z is written over.
 */
export function silu(
  z: usize, bias: usize, y: usize, x: usize, out: usize, rows: i32, fours: i32, table: usize,
): void {
  const reachOfFloat = v128.load32_splat(REACH_OF_FLOAT), reach = v128.load64_splat(REACH);
  const perUnit = v128.load64_splat(PER_UNIT), entry = v128.load64_splat(ENTRY);
  const base = f64x2.splat(<f64>table + 4503599627370496);
  const size = <usize>fours << 4;
  for (; rows > 0; rows--, z += size, out += size) {
    if (x == 0) {
      for (let c: usize = 0; c < size; c += 16) {
        const four = f32x4.add(f32x4.add(v128.load(z + c), v128.load(bias + c)), v128.load(y + c));
        v128.store(out + c, silu4(four, z + c, reachOfFloat, reach, perUnit, entry, base, table));
      }
      y += size;
      continue;
    }
    for (let c: usize = 0; c < size; c += 16) {
      const four = silu4(v128.load(z + c), z + c, reachOfFloat, reach, perUnit, entry, base, table);
      v128.store(out + c, f32x4.add(v128.load(x + c), four));
    }
    x += size;
  }
}

/** Two keys, entries c and c + 1, times two numbers of a query, one after the other. */
@inline function dotStep(sum: v128, a: usize, b: usize, q: v128, r: v128): v128 {
  const x = v128.load(a), y = v128.load(b);
  sum = plus(sum, times(q, i64x2.shuffle(x, y, 0, 2)));
  return plus(sum, times(r, i64x2.shuffle(x, y, 1, 3)));
}

/** Where row `i` of a table is. */
@inline function rowAt(table: usize, indices: usize, row: usize): usize { return table + <usize>load<i32>(indices) * row; }

/**
 * scores[i, j] = scale q_i . key_ij for `rows` queries of `keyDim` floats, an even number. The table is of doubles, `row` bytes a
 * row: key, then value. `query` has room for `keyDim` doubles.
 */
export function scores(
  queries: usize, table: usize, row: usize, indices: usize, rows: i32, k: i32, keyDim: i32, scale: f64, out: usize, query: usize,
): void {
  const size = <usize>keyDim << 3;
  for (; rows > 0; rows--) {
    for (let c: usize = 0; c < size; c += 8, queries += 4) store<f64>(query + c, <f64>load<f32>(queries));
    let j = 0;
    for (; j + 4 <= k; j += 4, indices += 16, out += 16) {
      const a0 = rowAt(table, indices, row), a1 = rowAt(table, indices + 4, row);
      const a2 = rowAt(table, indices + 8, row), a3 = rowAt(table, indices + 12, row);
      let s = f64x2.splat(0), t = s;
      for (let c: usize = 0; c < size; c += 16) {
        const q = v128.load64_splat(query + c), r = v128.load64_splat(query + c, 8);
        s = dotStep(s, a0 + c, a1 + c, q, r);
        t = dotStep(t, a2 + c, a3 + c, q, r);
      }
      const factor = f64x2.splat(scale);
      v128.store(out, rounded(times(factor, s), times(factor, t)));
    }
    for (; j < k; j++, indices += 4, out += 4) {
      const a = rowAt(table, indices, row);
      let s: f64 = 0;
      for (let c: usize = 0; c < size; c += 8) s += load<f64>(query + c) * load<f64>(a + c);
      store<f32>(out, <f32>(scale * s));
    }
  }
}

/** context_i = sum_j weights[i, j] value_ij, four values at a time; `from` is the length of a key in bytes, `valueDim` even. */
export function mix(
  weights: usize, table: usize, row: usize, from: usize, indices: usize, rows: i32, k: i32, valueDim: i32, context: usize,
): void {
  const size = <usize>valueDim << 2;
  table += from;
  for (; rows > 0; rows--, context += size) {
    let j = 0;
    for (; j + 4 <= k; j += 4, indices += 16, weights += 16) {
      const w = v128.load(weights);
      const a = f64x2.splat(<f64>f32x4.extract_lane(w, 0)), b = f64x2.splat(<f64>f32x4.extract_lane(w, 1));
      const c = f64x2.splat(<f64>f32x4.extract_lane(w, 2)), d = f64x2.splat(<f64>f32x4.extract_lane(w, 3));
      let x = rowAt(table, indices, row), y = rowAt(table, indices + 4, row);
      let z = rowAt(table, indices + 8, row), u = rowAt(table, indices + 12, row);
      for (let to = context, end = context + size; to < end; to += 8, x += 16, y += 16, z += 16, u += 16) {
        let sum = plus(times(a, v128.load(x)), times(b, v128.load(y)));
        sum = plus(plus(sum, times(c, v128.load(z))), times(d, v128.load(u)));
        if (j > 0) sum = plus(lower(v128.load64_zero(to)), sum);
        v128.store64_lane(to, f32x4.demote_f64x2_zero(sum), 0);
      }
    }
    if (j == 0) memory.fill(context, 0, size);
    for (; j < k; j++, indices += 4, weights += 4) {
      const a = f64x2.splat(<f64>load<f32>(weights));
      let x = rowAt(table, indices, row);
      for (let to = context, end = context + size; to < end; to += 8, x += 16) {
        const sum = plus(lower(v128.load64_zero(to)), times(a, v128.load(x)));
        v128.store64_lane(to, f32x4.demote_f64x2_zero(sum), 0);
      }
    }
  }
}
