// Training points on sections, and solids that are rebuilt from them.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import {
  meshTopology,
  type PlanarSection,
  randomPlanes,
  sliceByLines,
  sliceField,
  torusDistance,
} from "../../lib/meshes/mod.ts";
import { reconstructFromSections, sampleLineSections, sampleSections } from "../../lib/neural_fields/mod.ts";

const torus = torusDistance(0.55, 0.22);

Deno.test("samples of planar sections: counts, planes, distances and labels", () => {
  const planes = [...randomPlanes(4, { rng: new Rng(0) }), { normal: [0, 0, 1], offset: 0 }]
    .map(({ normal, offset }) => ({ normal, offset: 0.3 * offset }));
  const sections = sliceField(torus, planes, { resolution: 64 });
  const corners = sections.reduce(
    (sum, { contours }) => sum + contours.reduce((n, c) => n + c.length / 3, 0),
    0,
  );
  const radius = 1 / 32;
  const { points, labels } = sampleSections(sections, {
    radius,
    perEdge: 3,
    uniform: 100,
    hull: 50,
    rng: new Rng(1),
  });
  // Per corner 3 around it, per side 3 on it and 6 beside it.
  assertEquals(labels.length, corners * 12 + planes.length * 100 + 50);
  assertEquals(points.length, 3 * labels.length);
  assertEquals(labels.filter((label) => label === 0.5).length, 3 * corners);
  const distances = torus(points);
  let wrong = 0;
  // Those on the hull of the contours may be inside of what no plane has reached.
  for (let i = 0; i < labels.length - 50; i++) {
    if (labels[i] === 0.5) assert(Math.abs(distances[i]) < 2e-3);
    else if (Math.abs(distances[i]) > 2e-3 && labels[i] !== (distances[i] > 0 ? 1 : 0)) wrong++;
  }
  assertEquals(wrong, 0);
  for (let i = 0; i < labels.length - 50; i++) {
    assert(
      planes.some(({ normal, offset }) =>
        Math.abs(
          normal[0] * points[3 * i] + normal[1] * points[3 * i + 1] + normal[2] * points[3 * i + 2] + offset,
        ) <
          1e-12
      ),
    );
  }
});

Deno.test("samples of line sections lie on their lines, with the right labels", () => {
  const disc = (points: Float64Array) =>
    Float64Array.from(
      { length: points.length / 2 },
      (_, i) => Math.hypot(points[2 * i], points[2 * i + 1]) - 0.6,
    );
  const lines = [0, 1, 2].map((k) => ({ normal: [Math.cos(k), Math.sin(k)], offset: 0.2 * k }));
  const sections = sliceByLines(disc, lines);
  sections.forEach(({ crossings }, k) =>
    assertAlmostEquals(crossings[1], Math.sqrt(0.36 - 0.04 * k * k), 1e-12)
  );
  const { points, labels } = sampleLineSections(sections, { radius: 0.05, rng: new Rng(0) });
  const distances = disc(points);
  for (let i = 0; i < labels.length; i++) {
    if (labels[i] === 0.5) assert(Math.abs(distances[i]) < 1e-9);
    else assertEquals(labels[i], distances[i] > 0 ? 1 : 0);
  }
  assertEquals(labels.filter((label) => label === 0.5).length, 6);
  const around = points.subarray(points.length - 120);
  for (let k = 0; k < 120; k += 2) {
    assertAlmostEquals(Math.max(Math.abs(around[k]), Math.abs(around[k + 1])), 1.05, 1e-12);
  }
});

/** Small enough for a test. */
const quick = {
  width: 16,
  hiddenLayers: 2,
  state: 4,
  frequencies: 3,
  passes: 2,
  radii: [1 / 8, 1 / 16],
  perEdge: [1, 1],
  epochs: [6, 6],
  uniform: 300,
  hull: 1000,
  batch: 1024,
  learningRate: 0.01,
  resolution: 32,
};

Deno.test("a similarity of the sections gives the same field and the mesh moved along", () => {
  const planes = [-0.4, -0.1, 0.2, 0.5].flatMap((offset) => [
    { normal: [1, 0, 0], offset },
    { normal: [0, 1, 0], offset },
  ]);
  const sections = sliceField(torus, planes, { resolution: 48 });
  // By a power of two and by whole numbers, so that rounding is the same but in the last digits.
  const shift = [8, -16, 4];
  const moved: PlanarSection[] = sections.map(({ normal, offset, contours }) => ({
    normal,
    offset: 4 * offset - normal[0] * shift[0] - normal[1] * shift[1] - normal[2] * shift[2],
    contours: contours.map((contour) => contour.map((x, k) => 4 * x + shift[k % 3])),
  }));
  const one = reconstructFromSections(sections, { ...quick, rng: new Rng(2) });
  const other = reconstructFromSections(moved, { ...quick, rng: new Rng(2) });
  assertAlmostEquals(other.scale, 4 * one.scale, 1e-9);
  one.center.forEach((x, a) => assertAlmostEquals(other.center[a], 4 * x + shift[a], 1e-9));
  const probes = new Rng(3).normals(300, 0.5);
  const [a, b] = [one.field.logits(probes), other.field.logits(probes)];
  assert(a.every((logit, i) => Math.abs(logit - b[i]) < 0.05 * (1 + Math.abs(logit))));
  assert(meshTopology(one.mesh).triangles > 100);
});

Deno.test("sections: bad input is refused by name", () => {
  const rng = new Rng(0);
  const contour = Float64Array.of(0, 0, 0.5, 1, 0, 0.5, 0, 1, 0.5);
  const section = { normal: [0, 0, 1], offset: -0.5, contours: [contour] };
  assertThrows(() => sampleSections([], { radius: 0.1, rng }), RangeError, "no slice intersects the object");
  const empty = { ...section, contours: [] };
  assertThrows(() => reconstructFromSections([empty], { rng }), RangeError, "no slice intersects the object");
  assertThrows(
    () => reconstructFromSections([empty, { ...section, offset: -0.4 }], { rng }),
    RangeError,
    "`sections[1]` has a corner at a distance of 0.0",
  );
  assertThrows(
    () => reconstructFromSections([{ ...section, contours: [contour.slice(0, 6)] }], { rng }),
    RangeError,
    "must have at least 3 corners, got 2",
  );
  assertThrows(
    () =>
      reconstructFromSections([{ ...section, contours: [contour.map((x, k) => k === 4 ? NaN : x)] }], {
        rng,
      }),
    RangeError,
    "entry 4 is NaN",
  );
  assertThrows(() => reconstructFromSections([section], { ...quick, rng }), RangeError, "not in one plane");
  assertThrows(
    () => reconstructFromSections([section], { ...quick, resolution: 30, rng }),
    RangeError,
    "multiple of 4",
  );
  assertThrows(
    () => sampleLineSections([], { radius: 0.1, rng }),
    RangeError,
    "no slice intersects the object",
  );
  const line = { normal: [0, 1], offset: 0, crossings: Float64Array.of(0.5) };
  assertThrows(() => sampleLineSections([line], { radius: 0.1, rng }), RangeError, "must come in pairs");
});
