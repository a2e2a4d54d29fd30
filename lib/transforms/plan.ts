/** Complex Fourier transforms of one length, prepared once: tables of roots and scratch memory are kept. */
import FFT from "fft.js";

/**
 * A transform of n complex numbers, forward (with exp(-2 pi i jk / n)), not normalized. `out` must not be
 * `x`.
 */
export type Plan = (x: Float64Array, out: Float64Array) => void;

/** What `fft.js` offers of itself; the package has no types. */
interface PowerOfTwo {
  transform(out: Float64Array, x: Float64Array): void;
}

/**
 * Plans are kept for the lengths in use; a program that sweeps over many lengths must not fill the memory.
 */
const KEPT = 32;
const plans = new Map<number, Plan>();

/** The plan for n >= 1 complex numbers. */
export function plan(n: number): Plan {
  let found = plans.get(n);
  if (found === undefined) {
    found = n === 1 ? (x, out) => out.set(x) : (n & (n - 1)) === 0 ? powerOfTwo(n) : bluestein(n);
    if (plans.size >= KEPT) plans.delete(plans.keys().next().value!);
  } else {
    plans.delete(n);
  }
  // Set anew, so that the Map's order is that of the last use and the first key is the one to drop.
  plans.set(n, found);
  return found;
}

function powerOfTwo(n: number): Plan {
  const radix4: PowerOfTwo = new FFT(n);
  return (x, out) => radix4.transform(out, x);
}

/**
 * Bluestein's algorithm (1970) for a length that is no power of two: with jk = (j^2 + k^2 - (k - j)^2) / 2
 * the transform is a convolution with a chirp, and that is computed at a length that is a power of two.
 */
function bluestein(n: number): Plan {
  const m = nextPowerOfTwo(2 * n - 1);
  const transform = plan(m);
  // exp(-pi i j^2 / n); j^2 is reduced modulo the period 2n in integers, so that no digits are lost for large
  // j.
  const chirp = new Float64Array(2 * n);
  let square = 0;
  for (let j = 0; j < n; j++) {
    const angle = -Math.PI * square / n;
    chirp[2 * j] = Math.cos(angle);
    chirp[2 * j + 1] = Math.sin(angle);
    square = (square + 2 * j + 1) % (2 * n);
  }
  const work = new Float64Array(2 * m);
  const spectrum = new Float64Array(2 * m);
  const filter = new Float64Array(2 * m);
  for (let j = 0; j < n; j++) {
    for (const at of j === 0 ? [0] : [j, m - j]) {
      work[2 * at] = chirp[2 * j] / m;
      work[2 * at + 1] = -chirp[2 * j + 1] / m;
    }
  }
  transform(work, filter);
  return (x, out) => {
    work.fill(0, 2 * n);
    multiply(x, chirp, work, n);
    transform(work, spectrum);
    // The inverse transform of the product is the conjugate of the forward one of its conjugate.
    for (let k = 0; k < 2 * m; k += 2) {
      const a = spectrum[k];
      const b = spectrum[k + 1];
      const c = filter[k];
      const d = filter[k + 1];
      spectrum[k] = a * c - b * d;
      spectrum[k + 1] = -(a * d + b * c);
    }
    transform(spectrum, work);
    for (let k = 1; k < 2 * n; k += 2) work[k] = -work[k];
    multiply(work, chirp, out, n);
  };
}

/** Entry by entry product of n complex numbers. */
function multiply(x: Float64Array, y: Float64Array, out: Float64Array, n: number): void {
  for (let k = 0; k < 2 * n; k += 2) {
    const a = x[k];
    const b = x[k + 1];
    const c = y[k];
    const d = y[k + 1];
    out[k] = a * c - b * d;
    out[k + 1] = a * d + b * c;
  }
}

/** The smallest power of two that is at least n. */
export function nextPowerOfTwo(n: number): number {
  return n <= 1 ? 1 : 2 ** (32 - Math.clz32(n - 1));
}
