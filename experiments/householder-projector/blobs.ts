/** Pictures of one bright spot with five known attributes, and what reads the attributes off a picture. */
import { median } from "simple-statistics";
import { Matrix, type Rng } from "../../lib/arrays/mod.ts";

/** Pixels along an edge. */
const SIDE = 16;

/** Pixels of a picture. */
export const PIXELS = SIDE * SIDE;

/** Centre of each pixel along an axis, in [-1, 1]. */
const AXIS = Float64Array.from({ length: SIDE }, (_, i) => (i + 0.5) * 2 / SIDE - 1);

/** Area of a pixel. */
const AREA = (2 / SIDE) ** 2;

/** The attributes, in the order in which {@linkcode readAttributes} returns them. */
export const ATTRIBUTES = ["background", "brightness", "horizontal", "vertical", "width"] as const;

/**
 * Pictures as rows: `background + (brightness - background) exp(-|p - centre|² / (2 width²))` with a centre
 * uniform in [-1/2, 1/2]², width 0.12 eᵘ for u in [0, 1], brightness in [1/2, 1], background in [0, 0.3].
 */
export function blobs(count: number, rng: Rng): Matrix {
  const out = Matrix.zeros(count, PIXELS);
  const across = new Float64Array(SIDE);
  for (let n = 0; n < count; n++) {
    const cx = rng.uniform(-0.5, 0.5);
    const cy = rng.uniform(-0.5, 0.5);
    const width = 0.12 * Math.exp(rng.uniform());
    const brightness = rng.uniform(0.5, 1);
    const background = rng.uniform(0, 0.3);
    const bell = (distance: number) => Math.exp(-(distance ** 2) / (2 * width ** 2));
    for (let j = 0; j < SIDE; j++) across[j] = bell(AXIS[j] - cx);
    for (let i = 0; i < SIDE; i++) {
      const height = (brightness - background) * bell(AXIS[i] - cy);
      for (let j = 0; j < SIDE; j++) out.data[n * PIXELS + i * SIDE + j] = background + height * across[j];
    }
  }
  return out;
}

/**
 * Attributes of each picture, in closed form: the background is the median of the corners, the brightness the
 * largest pixel, the centre that of mass above the background, and the squared width is mass over 2π times
 * height. For a spot whose tail leaves the picture they are off, alike for all models.
 *
 * @returns count x 5.
 */
export function readAttributes(pictures: Matrix): Matrix {
  const out = Matrix.zeros(pictures.rows, ATTRIBUTES.length);
  const corners = [0, SIDE - 1, PIXELS - SIDE, PIXELS - 1];
  for (let n = 0; n < pictures.rows; n++) {
    const picture = pictures.row(n);
    const background = median(corners.map((k) => picture[k]));
    let brightness = -Infinity;
    let mass = 0;
    let x = 0;
    let y = 0;
    for (let i = 0; i < SIDE; i++) {
      for (let j = 0; j < SIDE; j++) {
        const value = picture[i * SIDE + j];
        brightness = Math.max(brightness, value);
        mass += value - background;
        x += AXIS[j] * (value - background);
        y += AXIS[i] * (value - background);
      }
    }
    // A bad reconstruction may have no mass; a thousandth of a full pixel keeps what is read finite.
    const safe = Math.max(mass, 1e-3);
    const width = Math.sqrt(safe * AREA / (2 * Math.PI * Math.max(brightness - background, 1e-3)));
    out.row(n).set([background, brightness, x / safe, y / safe, width]);
  }
  return out;
}
