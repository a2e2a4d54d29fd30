/**
 * The loops of the transforms in TypeScript, for engines without WebAssembly SIMD and for what does not go in
 * pairs. lib/wasm/kernels/transforms.as and real_transforms.as do the same operations in the same order, and
 * explain the layout: complex number e is at {@linkcode placeOf}(e), its imaginary part two numbers behind.
 */

/** Where complex number e of an array of blocks is. */
export function placeOf(e: number): number {
  return ((e >> 1) << 2) + (e & 1);
}

/** A pass: numbers from `x` to `y` (indices of `memory`), as in transforms.as, for any s. */
export type Pass = (memory: Float64Array, x: number, y: number, m: number, s: number, roots: number) => void;

/** Where the roots of p are, for a pass of this radix. */
function rootsOf(roots: number, p: number, radix: number): number {
  return roots + (p >> 1) * 4 * (radix - 1) + (p & 1);
}

/** Writes (re + i im)(c - i s). */
function putTurned(f: Float64Array, to: number, re: number, im: number, c: number, s: number): void {
  f[to] = re * c + im * s;
  f[to + 2] = im * c - re * s;
}

/** Radix 2; without roots if m = 1, which is the last pass. */
export const pass2: Pass = (f, x, y, m, s, roots) => {
  for (let p = 0; p < m; p++) {
    const t = rootsOf(roots, p, 2);
    for (let q = 0; q < s; q++) {
      const a = x + placeOf(q + s * p);
      const b = x + placeOf(q + s * (p + m));
      const to = y + placeOf(q + s * 2 * p);
      const re = f[a] - f[b];
      const im = f[a + 2] - f[b + 2];
      f[to] = f[a] + f[b];
      f[to + 2] = f[a + 2] + f[b + 2];
      const other = y + placeOf(q + s * (2 * p + 1));
      if (m === 1) {
        f[other] = re;
        f[other + 2] = im;
      } else {
        putTurned(f, other, re, im, f[t], f[t + 2]);
      }
    }
  }
};

/** Radix 3. */
export const pass3: Pass = (f, x, y, m, s, roots) => {
  const height = 0.8660254037844386;
  for (let p = 0; p < m; p++) {
    const t = rootsOf(roots, p, 3);
    for (let q = 0; q < s; q++) {
      const a = x + placeOf(q + s * p);
      const b = x + placeOf(q + s * (p + m));
      const c = x + placeOf(q + s * (p + 2 * m));
      const to = y + placeOf(q + s * 3 * p);
      const sr = f[b] + f[c];
      const si = f[b + 2] + f[c + 2];
      const ur = f[a] - 0.5 * sr;
      const ui = f[a + 2] - 0.5 * si;
      const vr = height * (f[b] - f[c]);
      const vi = height * (f[b + 2] - f[c + 2]);
      f[to] = f[a] + sr;
      f[to + 2] = f[a + 2] + si;
      putTurned(f, y + placeOf(q + s * (3 * p + 1)), ur + vi, ui - vr, f[t], f[t + 2]);
      putTurned(f, y + placeOf(q + s * (3 * p + 2)), ur - vi, ui + vr, f[t + 4], f[t + 6]);
    }
  }
};

/** Radix 4; without roots if m = 1, which is the last pass. */
export const pass4: Pass = (f, x, y, m, s, roots) => {
  for (let p = 0; p < m; p++) {
    const t = rootsOf(roots, p, 4);
    for (let q = 0; q < s; q++) {
      const a = x + placeOf(q + s * p);
      const b = x + placeOf(q + s * (p + m));
      const c = x + placeOf(q + s * (p + 2 * m));
      const d = x + placeOf(q + s * (p + 3 * m));
      const y0 = y + placeOf(q + s * 4 * p);
      const y1 = y + placeOf(q + s * (4 * p + 1));
      const y2 = y + placeOf(q + s * (4 * p + 2));
      const y3 = y + placeOf(q + s * (4 * p + 3));
      const sr = f[a] + f[c];
      const si = f[a + 2] + f[c + 2];
      const tr = f[a] - f[c];
      const ti = f[a + 2] - f[c + 2];
      const ur = f[b] + f[d];
      const ui = f[b + 2] + f[d + 2];
      const vr = f[b] - f[d];
      const vi = f[b + 2] - f[d + 2];
      f[y0] = sr + ur;
      f[y0 + 2] = si + ui;
      if (m === 1) {
        f[y1] = tr + vi;
        f[y1 + 2] = ti - vr;
        f[y2] = sr - ur;
        f[y2 + 2] = si - ui;
        f[y3] = tr - vi;
        f[y3 + 2] = ti + vr;
      } else {
        putTurned(f, y1, tr + vi, ti - vr, f[t], f[t + 2]);
        putTurned(f, y2, sr - ur, si - ui, f[t + 4], f[t + 6]);
        putTurned(f, y3, tr - vi, ti + vr, f[t + 8], f[t + 10]);
      }
    }
  }
};

/** Radix 5. */
export const pass5: Pass = (f, x, y, m, s, roots) => {
  const c72 = 0.30901699437494745;
  const s72 = 0.9510565162951535;
  const c144 = -0.8090169943749475;
  const s144 = 0.5877852522924731;
  for (let p = 0; p < m; p++) {
    const t = rootsOf(roots, p, 5);
    for (let q = 0; q < s; q++) {
      const a = x + placeOf(q + s * p);
      const b = x + placeOf(q + s * (p + m));
      const c = x + placeOf(q + s * (p + 2 * m));
      const d = x + placeOf(q + s * (p + 3 * m));
      const e = x + placeOf(q + s * (p + 4 * m));
      const to = y + placeOf(q + s * 5 * p);
      const ar = f[a];
      const ai = f[a + 2];
      const sr = f[b] + f[e];
      const si = f[b + 2] + f[e + 2];
      const tr = f[c] + f[d];
      const ti = f[c + 2] + f[d + 2];
      const ur = f[b] - f[e];
      const ui = f[b + 2] - f[e + 2];
      const vr = f[c] - f[d];
      const vi = f[c + 2] - f[d + 2];
      f[to] = ar + (sr + tr);
      f[to + 2] = ai + (si + ti);
      let gr = ar + (c72 * sr + c144 * tr);
      let gi = ai + (c72 * si + c144 * ti);
      let hr = s72 * ur + s144 * vr;
      let hi = s72 * ui + s144 * vi;
      putTurned(f, y + placeOf(q + s * (5 * p + 1)), gr + hi, gi - hr, f[t], f[t + 2]);
      putTurned(f, y + placeOf(q + s * (5 * p + 4)), gr - hi, gi + hr, f[t + 12], f[t + 14]);
      gr = ar + (c144 * sr + c72 * tr);
      gi = ai + (c144 * si + c72 * ti);
      hr = s144 * ur - s72 * vr;
      hi = s144 * ui - s72 * vi;
      putTurned(f, y + placeOf(q + s * (5 * p + 2)), gr + hi, gi - hr, f[t + 4], f[t + 6]);
      putTurned(f, y + placeOf(q + s * (5 * p + 3)), gr - hi, gi + hr, f[t + 8], f[t + 10]);
    }
  }
};

/** x becomes the conjugate of x y, interleaved, n blocks each. */
export function conjugateProduct(f: Float64Array, x: number, y: number, n: number): void {
  for (let i = 0; i < 4 * n; i += 4) {
    const re = f[x + i];
    const re2 = f[x + i + 1];
    const im = f[x + i + 2];
    const im2 = f[x + i + 3];
    f[x + i] = re * f[y + i] - im * f[y + i + 2];
    f[x + i + 1] = -(re * f[y + i + 2] + im * f[y + i]);
    f[x + i + 2] = re2 * f[y + i + 1] - im2 * f[y + i + 3];
    f[x + i + 3] = -(re2 * f[y + i + 3] + im2 * f[y + i + 1]);
  }
}

/** n interleaved complex numbers into blocks, and back if n is even: the middle ones of four change places. */
export function swapMiddles(f: Float64Array, x: number, n: number): void {
  const end = x + 2 * n;
  for (let i = x; i + 2 < end; i += 4) {
    const im = f[i + 1];
    f[i + 1] = f[i + 2];
    f[i + 2] = im;
  }
  if (n % 2 === 1) f[end] = f[end - 1];
}

/** The spectrum of 2h real numbers from that of h complex ones, interleaved; not for k = h / 2. */
export function realSpectrum(f: Float64Array, from: number, out: number, h: number, roots: number): void {
  for (let k = 0; 2 * k < h; k++) {
    const a = from + placeOf(k);
    const b = from + placeOf(k === 0 ? 0 : h - k);
    const t = roots + placeOf(k);
    const er = f[a] + f[b];
    const ei = f[a + 2] - f[b + 2];
    const or = f[a + 2] + f[b + 2];
    const oi = f[b] - f[a];
    const re = or * f[t] + oi * f[t + 2];
    const im = oi * f[t] - or * f[t + 2];
    f[out + 2 * k] = 0.5 * (er + re);
    f[out + 2 * k + 1] = 0.5 * (ei + im);
    f[out + 2 * (h - k)] = 0.5 * (er - re);
    f[out + 2 * (h - k) + 1] = 0.5 * (im - ei);
  }
}

/** The cosine transform, type 2, of 2h real numbers in Makhoul's order; not for k = h / 2. */
export function cosines(f: Float64Array, from: number, out: number, h: number, table: number): void {
  const n = 2 * h;
  for (let k = 0; 2 * k < h; k++) {
    const a = from + placeOf(k);
    const b = from + placeOf(k === 0 ? 0 : h - k);
    const t = table + (k >> 1) * 12 + (k & 1);
    const er = f[a] + f[b];
    const ei = f[a + 2] - f[b + 2];
    const or = f[a + 2] + f[b + 2];
    const oi = f[b] - f[a];
    const re = or * f[t] + oi * f[t + 2];
    const im = oi * f[t] - or * f[t + 2];
    const vr = er + re;
    const vi = ei + im;
    const wr = er - re;
    const wi = im - ei;
    // At k = 0 one number behind the row, and entry h twice.
    f[out + n - k] = f[t + 6] * vr - f[t + 4] * vi;
    f[out + k] = f[t + 4] * vr + f[t + 6] * vi;
    f[out + h - k] = f[t + 8] * wr + f[t + 10] * wi;
    f[out + h + k] = f[t + 10] * wr - f[t + 8] * wi;
  }
}
