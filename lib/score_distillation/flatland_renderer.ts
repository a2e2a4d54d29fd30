import { Matrix, requireFunction, requireInteger, requireNumber, requireOptions } from "../arrays/mod.ts";
import type { Compiled } from "../wasm/compiled.ts";
import { requireBatch } from "./check.ts";
import { expOfMinus, LIMIT, logOnePlus } from "./exp.ts";
import { compiledLoops, type ParticleKernels } from "./kernels.ts";
import type { RenderedViews, Renderer } from "./renderer.ts";

/** Options of {@linkcode flatlandRenderer}. */
export interface FlatlandRendererOptions {
  /** Cells along each side of the square [-1, 1]². Default 24. */
  grid?: number;
  /** Pixels of an image, a line of length 2. Default 24. */
  pixels?: number;
  /** Samples along each ray, over a length of 2. Default 36. */
  samples?: number;
  /** Density where the softplus of the pre-activation is 1. Default 4. */
  densityScale?: number;
}

/** What a scene is made of at a point; see {@linkcode FlatlandRenderer.scene}. */
export interface SceneFields {
  /** Absorption per unit of length at (x, y), at least 0. */
  density: (x: number, y: number) => number;
  /** Colour at (x, y), from 0 (black) to 1 (white). */
  color: (x: number, y: number) => number;
}

/** A renderer of two-dimensional worlds; see {@linkcode flatlandRenderer}. */
export interface FlatlandRenderer extends Renderer {
  /** Cells along each side. */
  readonly grid: number;
  /** The middle of cell j along an axis: -1 + (2 j + 1) / grid. */
  cellCenter(j: number): number;
  /**
   * The parameters of a scene whose fields are known: the inverse of the activations, at the cell centres.
   */
  scene(fields: SceneFields): Float64Array;
}

/** Where the samples of all rays of one camera fall on the grid. */
interface Rays {
  camera: number;
  /** First sample of each ray that touches the grid, and one entry more: samples of ray i are first[i] on. */
  first: Int32Array;
  /** Cell of each sample in the padded grid: the lower corner of four. */
  cell: Int32Array;
  /** Weights of the four corners, sample by sample: this one, the next in x, the next in y, both. */
  weights: Float64Array;
}

/**
 * A differentiable ray marcher for two-dimensional worlds, whose images are one-dimensional: the emission and
 * absorption model of neural radiance fields on a grid, with a hand-written reverse pass.
 *
 * A scene has 2 grid² parameters: pre-activations a of the density, row after row (y, then x), then logits b
 * of the colour. Density is `densityScale` softplus(a), colour sigmoid(b), at the cell centres; between them
 * both are bilinear, and outside of the grid they are 0. The camera is an angle c; rays are parallel. The ray
 * of the pixel at u runs through the points (u cos c - d sin c, u sin c + d cos c). A sample of density s
 * absorbs the share 1 - exp(-s 2/samples) of the light that reaches it; a pixel is the sum of colours
 * weighted by what they absorb, mapped from [0, 1] to [-1, 1]. So empty space is -1.
 *
 * All scenes of a batch share the geometry of the rays, which is most of the work of one image; the geometry
 * of the last camera is kept.
 *
 * @throws {RangeError} if a size is out of range; in `render`, if a shape does not fit or a number is not
 * finite.
 * @throws {TypeError} if an option is unknown or of the wrong type.
 *
 * @example
 * ```ts
 * import { Matrix } from "refigure/arrays";
 * import { flatlandRenderer } from "refigure/score_distillation";
 * import { assert, assertAlmostEquals } from "@std/assert";
 *
 * const renderer = flatlandRenderer();
 * const disc = renderer.scene({
 *   density: (x, y) => Math.hypot(x, y) < 0.5 ? 20 : 0,
 *   color: (x) => x > 0 ? 0.9 : 0.3,
 * });
 * const { images, pullback } = renderer.render(new Matrix(1, renderer.parameters, disc), 0);
 * assertAlmostEquals(images.get(0, 0), -1, 1e-9); // the first ray passes the disc
 * assertAlmostEquals(images.get(0, 16), 0.8, 0.05); // one through the bright half
 * const gradient = pullback(new Matrix(1, 24, new Float64Array(24).fill(1)));
 * assert(gradient.data.some((x) => x !== 0));
 * ```
 */
export function flatlandRenderer(options: FlatlandRendererOptions = {}): FlatlandRenderer {
  requireOptions("options", options, ["grid", "pixels", "samples", "densityScale"]);
  const { grid = 24, pixels = 24, samples = 36, densityScale = 4 } = options;
  requireInteger("grid", grid, { min: 1, max: 4096 });
  requireInteger("pixels", pixels, { min: 1, max: 65536 });
  requireInteger("samples", samples, { min: 1, max: 65536 });
  requireNumber("densityScale", densityScale, { above: 0 });
  const cells = grid * grid;
  const cellCenter = (j: number) => -1 + (2 * j + 1) / grid;
  let rays: Rays | undefined;
  return {
    parameters: 2 * cells,
    pixels,
    grid,
    cellCenter,
    scene(fields) {
      requireOptions("fields", fields, ["density", "color"]);
      requireFunction("fields.density", fields.density);
      requireFunction("fields.color", fields.color);
      const out = new Float64Array(2 * cells);
      for (let k = 0; k < cells; k++) {
        const x = cellCenter(k % grid);
        const y = cellCenter(Math.floor(k / grid));
        const density = requireNumber(`fields.density(${x}, ${y})`, fields.density(x, y), { min: 0 });
        const color = requireNumber(`fields.color(${x}, ${y})`, fields.color(x, y), { min: 0, max: 1 });
        out[k] = Math.max(-LIMIT, inverseSoftplus(density / densityScale));
        out[cells + k] = Math.min(LIMIT, Math.max(-LIMIT, Math.log(color / (1 - color))));
      }
      return out;
    },
    render(scenes, camera) {
      requireBatch("scenes", scenes, 2 * cells);
      requireNumber("camera", camera);
      if (rays === undefined || rays.camera !== camera) rays = castRays(camera, grid, pixels, samples);
      const geometry = { grid, pixels, step: 2 / samples, densityScale };
      return renderPairs(scenes, rays, geometry) ?? renderScenes(scenes, rays, geometry);
    },
  };
}

/** log(exp(s) - 1), without overflow. */
function inverseSoftplus(s: number): number {
  return s > 30 ? s : Math.log(Math.expm1(s));
}

/**
 * The samples of all rays that have a cell of the grid, or of the ring of empty cells around it, on each
 * side; the others see nothing.
 */
function castRays(camera: number, grid: number, pixels: number, samples: number): Rays {
  const cos = Math.cos(camera);
  const sin = Math.sin(camera);
  const first = new Int32Array(pixels + 1);
  const cell = new Int32Array(pixels * samples);
  const weights = new Float64Array(4 * pixels * samples);
  let count = 0;
  for (let i = 0; i < pixels; i++) {
    const u = -1 + (2 * i + 1) / pixels;
    for (let j = 0; j < samples; j++) {
      const d = -1 + (2 * j + 1) / samples;
      // Places in the padded grid, whose cell 1 is the first one of the scene.
      const x = ((u * cos - d * sin) + 1) * grid / 2 + 0.5;
      const y = ((u * sin + d * cos) + 1) * grid / 2 + 0.5;
      if (!(x > 0 && x < grid + 1 && y > 0 && y < grid + 1)) continue;
      const column = x | 0;
      const row = y | 0;
      cell[count] = row * (grid + 2) + column;
      const fx = x - column;
      const fy = y - row;
      const both = fx * fy;
      const below = fy - both;
      weights[4 * count] = 1 - fx - below;
      weights[4 * count + 1] = fx - both;
      weights[4 * count + 2] = below;
      weights[4 * count + 3] = both;
      count++;
    }
    first[i + 1] = count;
  }
  return { camera, first, cell: cell.subarray(0, count), weights: weights.subarray(0, 4 * count) };
}

interface Geometry {
  grid: number;
  pixels: number;
  /** Length of a ray that a sample stands for. */
  step: number;
  densityScale: number;
}

/** Compiled loops with a memory of their own, in which tapes of the last batch are kept. */
const kernelsOf = compiledLoops();

/** Whose tapes are there. */
let owner: object | undefined;

/** Where what is, in bytes. */
interface Places {
  kernels: Compiled<ParticleKernels>;
  /** Parameters of two scenes, or derivatives by them. */
  a: number;
  b: number;
  /** Two fields in a ring of zeros, or derivatives by them. */
  field: number;
  /** Images of both scenes, side by side. */
  images: number;
  /** Of the rays: see {@linkcode Rays}. */
  weights: number;
  first: number;
  cells: number;
  /** Of each pair of scenes slopes of the activations, cell by cell; transmittance and colour, sample by sample. */
  tapes: number;
}

/** Room for a batch, with the rays; undefined where there is none. */
function placesOf(n: number, rays: Rays, { grid, pixels }: Geometry): Places | undefined {
  const kernels = kernelsOf();
  if (kernels === null) return undefined;
  const count = rays.cell.length;
  const cells = grid * grid;
  const ring = 32 * (grid + 2) ** 2;
  const bytes = 32 * cells + ring + 16 * pixels + 36 * count + 4 * (pixels + 1) + 64;
  const tapes = kernels.scratch(bytes + 32 * (cells + count) * Math.ceil(n / 2));
  if (tapes === 0) return undefined;
  const a = tapes + 32 * (cells + count) * Math.ceil(n / 2);
  const b = a + 16 * cells;
  const field = b + 16 * cells;
  const images = field + ring;
  const weights = images + 16 * pixels;
  const first = weights + 32 * count;
  const corners = first + 4 * (pixels + 1);
  const memory = kernels.float64;
  new Int32Array(memory.buffer, first, pixels + 1).set(rays.first);
  const offsets = new Int32Array(memory.buffer, corners, count);
  for (let k = 0; k < count; k++) offsets[k] = 32 * rays.cell[k];
  memory.set(rays.weights, weights / 8);
  return { kernels, a, b, field, images, weights, first, cells: corners, tapes };
}

/** The same as {@linkcode renderScenes} in WebAssembly, two scenes at once; undefined where it cannot run. */
function renderPairs(scenes: Matrix, rays: Rays, geometry: Geometry): RenderedViews | undefined {
  const { grid, pixels, step, densityScale } = geometry;
  const n = scenes.rows;
  const row = 32 * (grid + 2);
  const size = 2 * grid * grid;
  const slopesBytes = 16 * size;
  const tapeBytes = slopesBytes + 32 * rays.cell.length;
  // If another batch is rendered before the reverse pass, the tapes are computed again; the caller may have changed the
  // scenes by then.
  const kept = Array.from({ length: n }, (_, scene) => scenes.row(scene).slice());
  const self = {};
  const forward = (images?: Float64Array): Places | undefined => {
    const places = placesOf(n, rays, geometry);
    if (places === undefined) return undefined;
    owner = self;
    const { kernels: { run, float64: memory }, a, b, field, first, cells, weights } = places;
    memory.fill(0, field / 8, field / 8 + 4 * (grid + 2) ** 2);
    for (let scene = 0; scene < n; scene += 2) {
      // An odd one is its own partner.
      const other = Math.min(scene + 1, n - 1);
      const tape = places.tapes + scene / 2 * tapeBytes;
      memory.set(kept[scene], a / 8);
      memory.set(kept[other], b / 8);
      run.activate(a, b, grid, densityScale, field, tape);
      run.march(field, row, first, cells, weights, pixels, step, places.images, tape + slopesBytes);
      if (images === undefined) continue;
      for (let i = 0; i < pixels; i++) {
        images[scene * pixels + i] = memory[places.images / 8 + 2 * i];
        images[other * pixels + i] = memory[places.images / 8 + 2 * i + 1];
      }
    }
    return places;
  };
  const images = Matrix.zeros(n, pixels);
  const rendered = forward(images.data);
  if (rendered === undefined) return undefined;
  return {
    images,
    pullback(cotangents) {
      requireBatch("cotangents", cotangents, pixels, n);
      // There was room before.
      const places = owner === self ? rendered : forward()!;
      const { kernels: { run, float64: memory }, a, b, field, first, cells, weights } = places;
      const out = Matrix.zeros(n, size);
      for (let scene = 0; scene < n; scene += 2) {
        const other = Math.min(scene + 1, n - 1);
        const tape = places.tapes + scene / 2 * tapeBytes;
        memory.fill(0, field / 8, field / 8 + 4 * (grid + 2) ** 2);
        for (let i = 0; i < pixels; i++) {
          memory[places.images / 8 + 2 * i] = cotangents.data[scene * pixels + i];
          memory[places.images / 8 + 2 * i + 1] = cotangents.data[other * pixels + i];
        }
        run.marchBack(field, row, first, cells, weights, pixels, step, places.images, tape + slopesBytes);
        run.deactivate(field, grid, tape, a, b);
        out.data.set(memory.subarray(a / 8, a / 8 + size), scene * size);
        out.data.set(memory.subarray(b / 8, b / 8 + size), other * size);
      }
      return out;
    },
  };
}

function renderScenes(scenes: Matrix, rays: Rays, geometry: Geometry): RenderedViews {
  const { grid, pixels, step, densityScale } = geometry;
  const { first, cell, weights } = rays;
  const count = cell.length;
  const n = scenes.rows;
  const cells = grid * grid;
  const stride = grid + 2;
  const images = Matrix.zeros(n, pixels);
  // What the reverse pass needs: transmittance behind each sample and its colour; slopes of the activations.
  const behind = new Float64Array(n * count);
  const colors = new Float64Array(n * count);
  const slopes = new Float64Array(n * 2 * cells);
  // Density and colour side by side, in a ring of zeros.
  const field = new Float64Array(2 * stride * stride);
  for (let scene = 0; scene < n; scene++) {
    activate(scenes.data, slopes, field, { scene, grid, densityScale });
    const at = scene * count;
    for (let i = 0; i < pixels; i++) {
      let transmittance = 1;
      let light = 0;
      for (let k = first[i]; k < first[i + 1]; k++) {
        const low = 2 * cell[k];
        const high = low + 2 * stride;
        const w00 = weights[4 * k];
        const w01 = weights[4 * k + 1];
        const w10 = weights[4 * k + 2];
        const w11 = weights[4 * k + 3];
        const density = w00 * field[low] + w01 * field[low + 2] + w10 * field[high] + w11 * field[high + 2];
        const color = w00 * field[low + 1] + w01 * field[low + 3] + w10 * field[high + 1] +
          w11 * field[high + 3];
        const next = transmittance * expOfMinus(Math.min(density * step, LIMIT));
        light += (transmittance - next) * color;
        transmittance = next;
        behind[at + k] = next;
        colors[at + k] = color;
      }
      images.data[scene * pixels + i] = 2 * light - 1;
    }
  }
  return {
    images,
    pullback(cotangents) {
      requireBatch("cotangents", cotangents, pixels, n);
      const out = Matrix.zeros(n, 2 * cells);
      const gradient = new Float64Array(2 * stride * stride);
      for (let scene = 0; scene < n; scene++) {
        gradient.fill(0);
        const at = scene * count;
        for (let i = 0; i < pixels; i++) {
          const cotangent = 2 * cotangents.data[scene * pixels + i];
          // From the far end: light that comes from behind the sample.
          let rest = 0;
          for (let k = first[i + 1] - 1; k >= first[i]; k--) {
            const after = behind[at + k];
            const before = k === first[i] ? 1 : behind[at + k - 1];
            const color = colors[at + k];
            const byColor = cotangent * (before - after);
            // More density shows more of this colour and hides what is behind.
            const byDensity = cotangent * step * (after * color - rest);
            rest += (before - after) * color;
            const low = 2 * cell[k];
            const high = low + 2 * stride;
            const w00 = weights[4 * k];
            const w01 = weights[4 * k + 1];
            const w10 = weights[4 * k + 2];
            const w11 = weights[4 * k + 3];
            gradient[low] += w00 * byDensity;
            gradient[low + 1] += w00 * byColor;
            gradient[low + 2] += w01 * byDensity;
            gradient[low + 3] += w01 * byColor;
            gradient[high] += w10 * byDensity;
            gradient[high + 1] += w10 * byColor;
            gradient[high + 2] += w11 * byDensity;
            gradient[high + 3] += w11 * byColor;
          }
        }
        const start = scene * 2 * cells;
        let k = 0;
        for (let row = 0; row < grid; row++) {
          let padded = 2 * ((row + 1) * stride + 1);
          for (let column = 0; column < grid; column++, k++, padded += 2) {
            out.data[start + k] = gradient[padded] * slopes[start + k];
            out.data[start + cells + k] = gradient[padded + 1] * slopes[start + cells + k];
          }
        }
      }
      return out;
    },
  };
}

/** Density and colour of a scene into the padded grid, and the derivatives of both. */
function activate(
  parameters: Float64Array,
  slopes: Float64Array,
  field: Float64Array,
  { scene, grid, densityScale }: { scene: number; grid: number; densityScale: number },
): void {
  const cells = grid * grid;
  const start = scene * 2 * cells;
  let k = start;
  for (let row = 0; row < grid; row++) {
    let padded = 2 * ((row + 1) * (grid + 2) + 1);
    for (let column = 0; column < grid; column++, k++, padded += 2) {
      const a = parameters[k];
      const small = expOfMinus(Math.min(Math.abs(a), LIMIT));
      const share = 1 / (1 + small);
      field[padded] = densityScale * (Math.max(a, 0) + logOnePlus(small));
      slopes[k] = densityScale * (a >= 0 ? share : small * share);
      const b = parameters[k + cells];
      const smallB = expOfMinus(Math.min(Math.abs(b), LIMIT));
      const shareB = 1 / (1 + smallB);
      field[padded + 1] = b >= 0 ? shareB : smallB * shareB;
      slopes[k + cells] = smallB * shareB * shareB;
    }
  }
}
