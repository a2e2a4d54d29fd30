// Matrix products of lib/blas/portable. The loop there in TypeScript does the same additions and multiplications in the same
// order, without fused multiply-add, and gives the same bits.

/**
 * alpha times the product of a strip of 4 rows, `depth` numbers deep, and `strips` strips of 4 columns, into `out`: 4 rows of
 * 4 `strips` numbers. In a strip the 4 numbers of one depth stand side by side.
 */
export function multiplyStrips(depth: i32, strips: i32, alpha: f64, rows: usize, columns: usize, out: usize): void {
  const scale = f64x2.splat(alpha), line = <usize>strips << 5;
  for (let s = 0; s < strips; s++) {
    let c00 = f64x2.splat(0), c01 = c00, c10 = c00, c11 = c00, c20 = c00, c21 = c00, c30 = c00, c31 = c00;
    let a = rows;
    const end = rows + (<usize>depth << 5);
    for (; a < end; a += 32) {
      const b0 = v128.load(columns), b1 = v128.load(columns, 16);
      let x = v128.load64_splat(a);
      c00 = f64x2.add(c00, f64x2.mul(x, b0));
      c01 = f64x2.add(c01, f64x2.mul(x, b1));
      x = v128.load64_splat(a, 8);
      c10 = f64x2.add(c10, f64x2.mul(x, b0));
      c11 = f64x2.add(c11, f64x2.mul(x, b1));
      x = v128.load64_splat(a, 16);
      c20 = f64x2.add(c20, f64x2.mul(x, b0));
      c21 = f64x2.add(c21, f64x2.mul(x, b1));
      x = v128.load64_splat(a, 24);
      c30 = f64x2.add(c30, f64x2.mul(x, b0));
      c31 = f64x2.add(c31, f64x2.mul(x, b1));
      columns += 32;
    }
    let to = out + (<usize>s << 5);
    v128.store(to, f64x2.mul(scale, c00));
    v128.store(to, f64x2.mul(scale, c01), 16);
    to += line;
    v128.store(to, f64x2.mul(scale, c10));
    v128.store(to, f64x2.mul(scale, c11), 16);
    to += line;
    v128.store(to, f64x2.mul(scale, c20));
    v128.store(to, f64x2.mul(scale, c21), 16);
    to += line;
    v128.store(to, f64x2.mul(scale, c30));
    v128.store(to, f64x2.mul(scale, c31), 16);
  }
}
