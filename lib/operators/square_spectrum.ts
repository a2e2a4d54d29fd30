import { plan } from "../transforms/plan.ts";

/**
 * A function that computes the transform of (re x)^2 + i (im x)^2 where x is the transform of n complex
 * numbers `v`, both forward and not normalized; `out` has mode k at the place of -k then, as two forward
 * transforms reverse the order of the points. `v` is not changed.
 */
export function squareSpectrum(n: number): (v: Float64Array, out: Float64Array) => void {
  if (n >= 16 && (n & (n - 1)) === 0) return powerOfTwo(n);
  const transform = plan(n);
  const space = new Float64Array(2 * n);
  return (v, out) => {
    transform(v, space);
    for (let i = 0; i < 2 * n; i++) space[i] *= space[i];
    transform(space, out);
  };
}

/** exp(-2 pi i k / n), interleaved. */
export function twiddlesOf(n: number): Float64Array {
  return Float64Array.from({ length: 2 * n }, (_, i) => {
    const angle = 2 * Math.PI * (i >> 1) / n;
    return i % 2 === 0 ? Math.cos(angle) : -Math.sin(angle);
  });
}

/**
 * Radix 4 in place: the first transform leaves the points in the order of reversed digits (decimation in
 * frequency), where they are squared, and the second one takes them in that order (decimation in time), so
 * that nothing is ever put in order. The last stage of the first, the squares and the first stage of the
 * second are one loop.
 */
function powerOfTwo(n: number): (v: Float64Array, out: Float64Array) => void {
  const twiddles = twiddlesOf(n);
  const hasRadixTwo = Math.log2(n) % 2 === 1;
  const largest = hasRadixTwo ? n / 2 : n;
  return (v, x) => {
    x.set(v);
    if (hasRadixTwo) halve(x, n, twiddles);
    for (let size = largest; size > 4; size /= 4) quarter(x, n, size, twiddles);
    squareInFours(x, n);
    for (let size = 16; size <= largest; size *= 4) join(x, n, size, twiddles);
    if (hasRadixTwo) joinHalves(x, n, twiddles);
  };
}

/** The first stage of decimation in frequency, radix 2. */
function halve(x: Float64Array, n: number, twiddles: Float64Array): void {
  for (let i = 0; i < n; i += 2) {
    const j = i + n;
    const re = x[i] - x[j];
    const im = x[i + 1] - x[j + 1];
    x[i] += x[j];
    x[i + 1] += x[j + 1];
    x[j] = re * twiddles[i] - im * twiddles[i + 1];
    x[j + 1] = re * twiddles[i + 1] + im * twiddles[i];
  }
}

/** The last stage of decimation in time, radix 2. */
function joinHalves(x: Float64Array, n: number, twiddles: Float64Array): void {
  for (let i = 0; i < n; i += 2) {
    const j = i + n;
    const re = x[j] * twiddles[i] - x[j + 1] * twiddles[i + 1];
    const im = x[j] * twiddles[i + 1] + x[j + 1] * twiddles[i];
    x[j] = x[i] - re;
    x[j + 1] = x[i + 1] - im;
    x[i] += re;
    x[i + 1] += im;
  }
}

/** A stage of decimation in frequency: blocks of `size` numbers become four blocks each. */
function quarter(x: Float64Array, n: number, size: number, twiddles: Float64Array): void {
  const q = size / 2;
  for (let at = 0; at < q; at += 2) {
    const w = at * n / size;
    const re1 = twiddles[w];
    const im1 = twiddles[w + 1];
    const re2 = twiddles[2 * w];
    const im2 = twiddles[2 * w + 1];
    const re3 = twiddles[3 * w];
    const im3 = twiddles[3 * w + 1];
    for (let a = at; a < 2 * n; a += 4 * q) {
      const b = a + q;
      const c = b + q;
      const d = c + q;
      const sumRe = x[a] + x[c];
      const sumIm = x[a + 1] + x[c + 1];
      const differenceRe = x[a] - x[c];
      const differenceIm = x[a + 1] - x[c + 1];
      const otherRe = x[b] + x[d];
      const otherIm = x[b + 1] + x[d + 1];
      // -i (b - d)
      const turnedRe = x[b + 1] - x[d + 1];
      const turnedIm = x[d] - x[b];
      x[a] = sumRe + otherRe;
      x[a + 1] = sumIm + otherIm;
      const firstRe = differenceRe + turnedRe;
      const firstIm = differenceIm + turnedIm;
      x[b] = firstRe * re1 - firstIm * im1;
      x[b + 1] = firstRe * im1 + firstIm * re1;
      const secondRe = sumRe - otherRe;
      const secondIm = sumIm - otherIm;
      x[c] = secondRe * re2 - secondIm * im2;
      x[c + 1] = secondRe * im2 + secondIm * re2;
      const thirdRe = differenceRe - turnedRe;
      const thirdIm = differenceIm - turnedIm;
      x[d] = thirdRe * re3 - thirdIm * im3;
      x[d + 1] = thirdRe * im3 + thirdIm * re3;
    }
  }
}

/** A stage of decimation in time: four blocks become one of `size` numbers. */
function join(x: Float64Array, n: number, size: number, twiddles: Float64Array): void {
  const q = size / 2;
  for (let at = 0; at < q; at += 2) {
    const w = at * n / size;
    const re1 = twiddles[w];
    const im1 = twiddles[w + 1];
    const re2 = twiddles[2 * w];
    const im2 = twiddles[2 * w + 1];
    const re3 = twiddles[3 * w];
    const im3 = twiddles[3 * w + 1];
    for (let a = at; a < 2 * n; a += 4 * q) {
      const b = a + q;
      const c = b + q;
      const d = c + q;
      const bRe = x[b] * re1 - x[b + 1] * im1;
      const bIm = x[b] * im1 + x[b + 1] * re1;
      const cRe = x[c] * re2 - x[c + 1] * im2;
      const cIm = x[c] * im2 + x[c + 1] * re2;
      const dRe = x[d] * re3 - x[d + 1] * im3;
      const dIm = x[d] * im3 + x[d + 1] * re3;
      const sumRe = x[a] + cRe;
      const sumIm = x[a + 1] + cIm;
      const differenceRe = x[a] - cRe;
      const differenceIm = x[a + 1] - cIm;
      const otherRe = bRe + dRe;
      const otherIm = bIm + dIm;
      const turnedRe = bIm - dIm;
      const turnedIm = dRe - bRe;
      x[a] = sumRe + otherRe;
      x[a + 1] = sumIm + otherIm;
      x[b] = differenceRe + turnedRe;
      x[b + 1] = differenceIm + turnedIm;
      x[c] = sumRe - otherRe;
      x[c + 1] = sumIm - otherIm;
      x[d] = differenceRe - turnedRe;
      x[d + 1] = differenceIm - turnedIm;
    }
  }
}

/** Blocks of four: a transform, the squares of all parts, a transform. */
function squareInFours(x: Float64Array, n: number): void {
  for (let i = 0; i < 2 * n; i += 8) {
    let sumRe = x[i] + x[i + 4];
    let sumIm = x[i + 1] + x[i + 5];
    let differenceRe = x[i] - x[i + 4];
    let differenceIm = x[i + 1] - x[i + 5];
    let otherRe = x[i + 2] + x[i + 6];
    let otherIm = x[i + 3] + x[i + 7];
    let turnedRe = x[i + 3] - x[i + 7];
    let turnedIm = x[i + 6] - x[i + 2];
    const aRe = square(sumRe + otherRe);
    const aIm = square(sumIm + otherIm);
    const bRe = square(differenceRe + turnedRe);
    const bIm = square(differenceIm + turnedIm);
    const cRe = square(sumRe - otherRe);
    const cIm = square(sumIm - otherIm);
    const dRe = square(differenceRe - turnedRe);
    const dIm = square(differenceIm - turnedIm);
    sumRe = aRe + cRe;
    sumIm = aIm + cIm;
    differenceRe = aRe - cRe;
    differenceIm = aIm - cIm;
    otherRe = bRe + dRe;
    otherIm = bIm + dIm;
    turnedRe = bIm - dIm;
    turnedIm = dRe - bRe;
    x[i] = sumRe + otherRe;
    x[i + 1] = sumIm + otherIm;
    x[i + 2] = differenceRe + turnedRe;
    x[i + 3] = differenceIm + turnedIm;
    x[i + 4] = sumRe - otherRe;
    x[i + 5] = sumIm - otherIm;
    x[i + 6] = differenceRe - turnedRe;
    x[i + 7] = differenceIm - turnedIm;
  }
}

/** `x ** 2` is a call of Math.pow in some engines. */
function square(x: number): number {
  return x * x;
}
