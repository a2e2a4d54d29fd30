// Steps of optimizers, in place.

/** m = decay m + g (or the other way of momentum), w -= rate m; with Nesterov w -= rate (g + decay m). */
export function momentum(w: usize, m: usize, g: usize, n: i32, rate: f32, decay: f32, nesterov: bool): void {
  const r = splat(-rate), d = splat(decay);
  for (let i = 0; i < n; i += 4) {
    const k = <usize>i << 2, gradient = v128.load(g + k);
    const next = fma(v128.load(m + k), d, gradient);
    v128.store(m + k, next);
    v128.store(w + k, fma(nesterov ? fma(next, d, gradient) : next, r, v128.load(w + k)));
  }
}

/** One step of Adam (Kingma & Ba 2015), or of AdamW with `shrink` = 1 - rate * decay. `rest` is 1 - beta, which floats would round
 * badly here; `c1`, `c2` are 1 - beta^t. */
export function adam(
  w: usize, m: usize, v: usize, g: usize, n: i32, rate: f32, beta1: f32, beta2: f32,
  rest1: f32, rest2: f32, c1: f32, c2: f32, epsilon: f32, shrink: f32,
): void {
  const b1 = splat(beta1), b2 = splat(beta2), n1 = splat(rest1), n2 = splat(rest2);
  const r = splat(-rate / c1), root = splat(1 / c2), eps = splat(epsilon), keep = splat(shrink);
  for (let i = 0; i < n; i += 4) {
    const k = <usize>i << 2, gradient = v128.load(g + k);
    const mean = fma(v128.load(m + k), b1, f32x4.mul(gradient, n1));
    const square = fma(v128.load(v + k), b2, f32x4.mul(f32x4.mul(gradient, gradient), n2));
    v128.store(m + k, mean);
    v128.store(v + k, square);
    const step = f32x4.div(f32x4.mul(mean, r), f32x4.add(f32x4.sqrt(f32x4.mul(square, root)), eps));
    v128.store(w + k, fma(v128.load(w + k), keep, step));
  }
}
