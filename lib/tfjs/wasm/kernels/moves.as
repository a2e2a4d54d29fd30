// Numbers moved as they are; 32-bit elements of any type.

/** [batch, m, n, run] to [batch, n, m, run]; 32-bit elements of any type. */
export function transpose(x: usize, out: usize, batch: i32, m: i32, n: i32, run: i32): void {
  const bytes = <usize>run << 2, image = <usize>m * n * bytes;
  for (let b = 0; b < batch; b++) {
    if (run == 1) {
      // Tiles keep reads and writes in the cache.
      for (let i0 = 0; i0 < m; i0 += 16) {
        const i1 = min(i0 + 16, m);
        for (let j0 = 0; j0 < n; j0 += 16) {
          const j1 = min(j0 + 16, n);
          for (let j = j0; j < j1; j++) {
            for (let i = i0; i < i1; i++) {
              store<u32>(out + ((<usize>j * m + i) << 2), load<u32>(x + ((<usize>i * n + j) << 2)));
            }
          }
        }
      }
    } else {
      for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) memory.copy(out + (<usize>j * m + i) * bytes, x + (<usize>i * n + j) * bytes, bytes);
      }
    }
    x += image;
    out += image;
  }
}

/** out[i, j] = x[i strideI + j strideJ]: one plane of any exchange of axes. */
export function gather_plane(x: usize, out: usize, m: i32, n: i32, strideI: i32, strideJ: i32): void {
  for (let i = 0; i < m; i++) {
    let at = x + <usize>(i * strideI << 2);
    for (let j = 0; j < n; j++) {
      store<u32>(out, load<u32>(at));
      at += <usize>strideJ << 2;
      out += 4;
    }
  }
}

/** Every one of n numbers `times` times in a row; 32-bit elements of any type. */
export function repeat(x: usize, out: usize, n: i32, times: i32): void {
  for (let i = 0; i < n; i++) {
    const value = v128.load32_splat(x);
    for (let j = 0; j < times; j += 4) v128.store(out + (<usize>j << 2), value);
    x += 4;
    out += <usize>times << 2;
  }
}

/** n floats. */
export function copy(x: usize, out: usize, n: i32): void {
  copyRun(out, x, n);
}

/** Row i of out is row ids[i] of x; rows of `width` floats. */
export function gather_rows(x: usize, ids: usize, out: usize, count: i32, width: i32): void {
  const row = <usize>width << 2;
  for (let i = 0; i < count; i++) {
    copyRun(out, x + <usize>load<i32>(ids + (<usize>i << 2)) * row, width);
    out += row;
  }
}

/** Rows of `run` floats; row i begins i stepX floats behind x, and goes to i stepOut floats behind out. */
export function copy_rows(x: usize, out: usize, rows: i32, run: i32, stepX: i32, stepOut: i32): void {
  const whole = run & ~3;
  const rest = <usize>(run - whole) << 2;
  for (let row = 0; row < rows; row++) {
    if (run > 64) {
      memory.copy(out, x, <usize>run << 2);
    } else {
      for (let i = 0; i < whole; i += 4) v128.store(out + (<usize>i << 2), v128.load(x + (<usize>i << 2)));
      // No float more: what is behind this row may have been written before.
      for (let k = <usize>whole << 2, end = k + rest; k < end; k += 4) store<f32>(out + k, load<f32>(x + k));
    }
    x += <usize>stepX << 2;
    out += <usize>stepOut << 2;
  }
}
