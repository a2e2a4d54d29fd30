/** Flatland: two-dimensional scenes from one-dimensional images, the smallest relative of text-to-3D. */
import { Matrix, Rng } from "../../lib/arrays/mod.ts";
import { GaussianMixture, type NoisePredictor } from "../../lib/diffusion/mod.ts";
import {
  annealedTimes,
  distill,
  flatlandRenderer,
  type Renderer,
  type SceneFields,
} from "../../lib/score_distillation/mod.ts";
import type { Row } from "./rows.ts";

/** What views are compared at. */
const ANGLES = Array.from({ length: 24 }, (_, k) => 2 * Math.PI * k / 24);
const WEIGHTS = [0.5, 0.3, 0.2];
/** Root mean square error of a scene that is clearly another one than it seems. */
export const WRONG = 0.2;
/** Standard deviation of the prior's pixels around a true view. */
const SPREAD = 0.05;

const solid = (isInside: (x: number, y: number) => boolean, color: SceneFields["color"]): SceneFields => ({
  density: (x, y) => isInside(x, y) ? 20 : 0,
  color,
});

/** A disc, two discs, a square ring; each with two colours. */
const SCENES: SceneFields[] = [
  solid((x, y) => Math.hypot(x, y) < 0.45, (x) => x > 0 ? 0.95 : 0.35),
  solid(
    (x, y) => Math.min(Math.hypot(x - 0.4, y), Math.hypot(x + 0.4, y)) < 0.28,
    (x) => x > 0 ? 0.35 : 0.95,
  ),
  solid(
    (x, y) => {
      const size = Math.max(Math.abs(x), Math.abs(y));
      return size > 0.35 && size < 0.6;
    },
    (_x, y) => y > 0 ? 0.9 : 0.5,
  ),
];

/** How the trial is run. */
export interface FlatlandTrial {
  method: "SDS" | "VSD";
  seed: number;
  particles: number;
  steps: number;
  annealTo: number;
  /** Views that the prior sees at once: one, or two at a right angle. */
  views: number;
  /** Whether the scenes are kept. */
  drawn: boolean;
}

/** A renderer whose image is several views side by side, each a part of a half turn further. */
function jointViews(renderer: Renderer, views: number): Renderer {
  const { pixels, parameters } = renderer;
  const angle = (camera: number, k: number) => camera + Math.PI * k / views;
  // One renderer keeps the rays of one camera only: views are rendered again for the reverse pass.
  return {
    parameters,
    pixels: views * pixels,
    render(scenes, camera) {
      const parts = Array.from({ length: views }, (_, k) => renderer.render(scenes, angle(camera, k)));
      return {
        images: Matrix.from(
          scenes.rows,
          views * pixels,
          (i, p) => parts[Math.floor(p / pixels)].images.get(i, p % pixels),
        ),
        pullback: (cotangents) =>
          parts
            .map(({ pullback }, k) =>
              pullback(cotangents.slice(0, scenes.rows, k * pixels, (k + 1) * pixels))
            )
            .reduce((sum, part) => sum.plus(part)),
      };
    },
  };
}

export function flatlandRows(trial: FlatlandTrial, report: (fraction: number) => void): Row[] {
  const { method, seed, particles, steps, annealTo, views, drawn } = trial;
  const rng = new Rng(seed);
  const flat = flatlandRenderer();
  const truth = Matrix.fromRows(SCENES.map((scene) => flat.scene(scene)));
  const renderer = views === 1 ? flat : jointViews(flat, views);
  const prior = (camera: number): NoisePredictor =>
    new GaussianMixture({
      weights: WEIGHTS,
      means: renderer.render(truth, camera).images,
      variances: WEIGHTS.map(() => SPREAD ** 2),
    });
  const cells = flat.grid * flat.grid;
  const noise = rng.split("start").normalMatrix(particles, 2 * cells, 0.3);
  const start = noise.map((value, _particle, k) => {
    if (k >= cells) return value;
    return value +
      2 * (1 - 2 * Math.hypot(flat.cellCenter(k % flat.grid), flat.cellCenter(Math.floor(k / flat.grid))));
  });
  const scenes = distill(start, {
    prior,
    renderer,
    rng,
    method: method === "SDS" ? "sds" : "vsd",
    steps,
    times: annealedTimes(steps, { annealTo }),
    camera: (rng) => rng.uniform(0, 2 * Math.PI),
    optimizer: "adam",
    // To a tenth over the second half.
    learningRate: (step) => 0.05 * Math.min(1, 1 - 0.9 * (2 * step / steps - 1)),
    onStep: ({ step }) => step % 100 === 0 && report(step / steps),
  });
  const found = sceneRows(scenes, truth, flat);
  const rows: Row[] = found.map((row) => ({ kind: "scene", method, seed, steps, views, ...row }));
  // Where VSD went wrong, to be looked at.
  for (const { particle, rmse } of found) {
    if (method === "VSD" && views === 1 && rmse > WRONG) {
      rows.push(...cellRows(scenes.row(particle), `wrong ${seed} ${particle}`));
    }
  }
  if (drawn) {
    if (method === "VSD") SCENES.forEach((_, k) => rows.push(...cellRows(truth.row(k), `truth ${k}`)));
    // Those of SDS look all the same.
    const shown = method === "SDS" ? 1 : particles;
    for (let i = 0; i < shown; i++) rows.push(...cellRows(scenes.row(i), `${method} ${i}`));
  }
  return rows;
}

/** Which true scene each particle looks like, view by view and on the whole. */
function sceneRows(scenes: Matrix, truth: Matrix, renderer: Renderer) {
  // Sums of squares by particle, view and true scene.
  const squares = Array.from({ length: scenes.rows }, () => ANGLES.map(() => WEIGHTS.map(() => 0)));
  ANGLES.forEach((angle, view) => {
    const wanted = renderer.render(truth, angle).images;
    const given = renderer.render(scenes, angle).images;
    for (let i = 0; i < scenes.rows; i++) {
      WEIGHTS.forEach((_, k) => {
        for (let p = 0; p < renderer.pixels; p++) {
          squares[i][view][k] += (given.get(i, p) - wanted.get(k, p)) ** 2 / renderer.pixels;
        }
      });
    }
  });
  return squares.map((byView, particle) => {
    const whole = WEIGHTS.map((_, k) => byView.reduce((sum, view) => sum + view[k] / ANGLES.length, 0));
    const nearest = whole.indexOf(Math.min(...whole));
    const nearestByView = byView.map((view) => view.indexOf(Math.min(...view)));
    return {
      particle,
      nearest,
      rmse: Math.sqrt(whole[nearest]),
      nearestByView,
      rmseByView: byView.map((view, k) => Math.sqrt(view[nearestByView[k]])),
    };
  });
}

/** The cells of a scene that absorb a seventh of the light or more. */
function cellRows(scene: Float64Array, name: string): Row<"cell">[] {
  const grid = Math.sqrt(scene.length / 2);
  const rows: Row<"cell">[] = [];
  for (let k = 0; k < grid * grid; k++) {
    const density = 4 * Math.log1p(Math.exp(scene[k]));
    const opacity = 1 - Math.exp(-density * 2 / grid);
    if (opacity < 0.15) continue;
    rows.push({
      kind: "cell",
      scene: name,
      x: k % grid,
      y: Math.floor(k / grid),
      // As finely as an eye can tell.
      opacity: Math.round(10 * opacity) / 10,
      color: Math.round(20 / (1 + Math.exp(-scene[grid * grid + k]))) / 20,
    });
  }
  return rows;
}
