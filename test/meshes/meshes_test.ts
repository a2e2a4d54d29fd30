// Oracles are closed forms: areas and volumes of spheres, tori and polyhedra, Euler characteristics, and counts.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { Rng } from "../../lib/arrays/mod.ts";
import { stanfordBunny } from "../../lib/datasets/mod.ts";
import {
  convexHull,
  dualContour,
  gridCells,
  gridCrossings,
  gridNodes,
  harmonicFill,
  intersectionOverUnion,
  marchingSquares,
  meshArea,
  meshOccupancy,
  meshToObj,
  meshToPly,
  meshTopology,
  meshVolume,
  pointInMesh,
  pointInPolygon,
  quadricVertex,
  randomPlanes,
  sampleLevelSet,
  sampleSurface,
  sectionArea,
  sectionContains,
  sliceField,
  sliceMesh,
  sphereDistance,
  torusDistance,
  type TriangleMesh,
  windingNumbers,
} from "../../lib/meshes/mod.ts";

const R = 0.55;
const r = 0.22;
const torus = torusDistance(R, r);

/** The unit cube as twelve triangles. */
const cube: TriangleMesh = {
  positions: Float64Array.from([0, 1, 2, 3, 4, 5, 6, 7].flatMap((k) => [k & 1, k >> 1 & 1, k >> 2])),
  triangles: Uint32Array.from(
    [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]]
      .flatMap(([a, b, c, d]) => [a, b, c, a, c, d]),
  ),
};

/** Gradient of a distance, by central differences. */
const gradientOf = (field: (points: Float64Array) => Float64Array) => (points: Float64Array) => {
  const out = new Float64Array(points.length);
  for (let a = 0; a < 3; a++) {
    const moved = (h: number) => field(points.map((x, k) => k % 3 === a ? x + h : x));
    const [plus, minus] = [moved(1e-6), moved(-1e-6)];
    for (let i = 0; i < plus.length; i++) out[3 * i + a] = (plus[i] - minus[i]) / 2e-6;
  }
  return out;
};

const NODES = [49, 49, 49];

Deno.test("planar-cross-sections, criterion 7: sections of the bunny have the areas and segments known", async () => {
  const bunny = await stanfordBunny();
  const { edges, eulerCharacteristic, openEdges } = meshTopology(bunny);
  assertEquals([edges, eulerCharacteristic, openEdges], [5511, 2, 0]);
  assertAlmostEquals(meshVolume(bunny), 194.2883718124, 1e-9);
  const mean = [0, 1, 2].map((a) =>
    bunny.positions.filter((_, k) => k % 3 === a).reduce((s, x) => s + x) / 1839
  );
  [-0.58741917, 3.82524559, 0.62400927].forEach((wanted, a) => assertAlmostEquals(mean[a], wanted, 5e-9));
  const scale = 6.4124526498;
  const centred = bunny.positions.map((x, k) => (x - mean[k % 3]) / scale);
  assertAlmostEquals(meshVolume({ ...bunny, positions: centred }), 0.7368418682, 1e-9);
  const known: [y: number, area: number, segments: number][] = [
    [1, 27.0423650511, 125],
    [2.5, 35.2209199174, 142],
    [5, 26.9910887848, 125],
    [7.5, 6.4901721197, 75],
  ];
  const sections = sliceMesh(bunny, known.map(([y]) => ({ normal: [0, 1, 0], offset: -y })));
  known.forEach(([, area, segments], k) => {
    assertAlmostEquals(sectionArea(sections[k]), area, 1e-6);
    assertEquals(sections[k].contours.reduce((sum, contour) => sum + contour.length / 3, 0), segments);
  });
});

Deno.test("planar-cross-sections, criterion 7: Cavalieri's sum of the bunny is its volume along every axis", async () => {
  const bunny = await stanfordBunny();
  const volume = meshVolume(bunny);
  for (let axis = 0; axis < 3; axis++) {
    let [low, high] = [Infinity, -Infinity];
    for (let k = axis; k < bunny.positions.length; k += 3) {
      low = Math.min(low, bunny.positions[k]);
      high = Math.max(high, bunny.positions[k]);
    }
    const step = (high - low) / 400;
    const normal = [0, 1, 2].map((a) => a === axis ? 1 : 0);
    const planes = Array.from({ length: 400 }, (_, i) => ({ normal, offset: -(low + (i + 0.5) * step) }));
    const sum = sliceMesh(bunny, planes).reduce((total, section) => total + sectionArea(section), 0) * step;
    assertAlmostEquals(sum / volume, 1, 1e-5, `axis ${axis}`);
  }
});

Deno.test("planar-cross-sections, criterion 8: dual contouring of a sphere and a torus", () => {
  const sphere = sphereDistance(0.6);
  const ball = dualContour(sphere(gridNodes(NODES)), NODES, { gradient: (points) => points });
  assertEquals([ball.positions.length / 3, ball.quads.length / 4], [3944, 3942]);
  // V - E + F of the quadrilaterals, whose edges belong to two each.
  assertEquals(3944 - 2 * 3942 + 3942, 2);
  assertEquals([meshTopology(ball).eulerCharacteristic, meshTopology(ball).openEdges], [2, 0]);
  assert(sphere(ball.positions).every((distance) => Math.abs(distance) < 1e-3));
  assertAlmostEquals(meshVolume(ball), 4 / 3 * Math.PI * 0.216, 2e-3);
  const ring = dualContour(torus(gridNodes(NODES)), NODES, { gradient: gradientOf(torus) });
  assertEquals([meshTopology(ring).eulerCharacteristic, meshTopology(ring).openEdges], [0, 0]);
  assert(torus(ring.positions).every((distance) => Math.abs(distance) < 2e-3));
  assertAlmostEquals(meshVolume(ring), 2 * Math.PI ** 2 * R * r * r, 2e-3);
  assertAlmostEquals(meshArea(ring), 4 * Math.PI ** 2 * R * r, 2e-2);
  // Without a gradient, from differences on the grid.
  const plain = dualContour(torus(gridNodes(NODES)), NODES);
  assert(torus(plain.positions).every((distance) => Math.abs(distance) < 6e-3));
});

Deno.test("planar-cross-sections, criterion 9: crossings of a smooth surface are uniform on their edges", () => {
  for (const field of [sphereDistance(0.6), torus]) {
    const { fractions } = gridCrossings(field(gridNodes(NODES)), NODES);
    const mean = fractions.reduce((sum, t) => sum + t) / fractions.length;
    const deviation = Math.sqrt(fractions.reduce((sum, t) => sum + (t - mean) ** 2, 0) / fractions.length);
    assertAlmostEquals(deviation, 1 / Math.sqrt(12), 0.01);
  }
});

Deno.test("the quadric's vertex: three planes with the bias, a flat face, a box", () => {
  const points = Float64Array.of(0.5, 0, 0, 0, 0.25, 0, 0, 0, 0.75);
  const normals = Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1);
  const vertex = quadricVertex(points, normals);
  [0.49996667, 0.249983335, 0.749950005].forEach((x, a) => assertAlmostEquals(vertex[a], x, 1e-10));
  const flat = quadricVertex(
    Float64Array.of(0, 0, 0.5, 1, 0, 0.5, 0, 1, 0.5),
    Float64Array.of(0, 0, 1, 0, 0, 1, 0, 0, 1),
  );
  assertEquals([...flat], [1 / 3, 1 / 3, 0.5]);
  const boxed = quadricVertex(points, normals, { min: [0, 0, 0], max: [0.4, 1, 1] });
  assertEquals(boxed[0], 0.4);
  assertAlmostEquals(boxed[1], 0.249983335, 1e-10);
  // Against a search over the box, for planes that meet outside of it.
  const rng = new Rng(3);
  for (let round = 0; round < 20; round++) {
    const p = Float64Array.from({ length: 12 }, () => rng.uniform());
    const n = Float64Array.from([0, 1, 2, 3].flatMap(() => [...rng.sphere(3)]));
    const mean = [0, 1, 2].map((a) => (p[a] + p[3 + a] + p[6 + a] + p[9 + a]) / 4);
    const cost = (x: ArrayLike<number>) => {
      let sum = 0;
      for (let k = 0; k < 12; k += 3) {
        sum += (n[k] * (x[0] - p[k]) + n[k + 1] * (x[1] - p[k + 1]) + n[k + 2] * (x[2] - p[k + 2])) ** 2;
      }
      return sum + 1e-4 * [0, 1, 2].reduce((s, a) => s + (x[a] - mean[a]) ** 2, 0);
    };
    const found = cost(quadricVertex(p, n, { min: [0, 0, 0], max: [1, 1, 1] }));
    for (let tries = 0; tries < 2000; tries++) {
      const x = [0, 1, 2].map(() => Math.min(1, Math.max(0, rng.uniform(-0.2, 1.2))));
      assert(found <= cost(x) + 1e-12);
    }
  }
});

Deno.test("sections of the torus have the areas of an annulus and of two discs", () => {
  const planes = [{ normal: [0, 0, 1], offset: 0 }, { normal: [0, 1, 0], offset: 0 }, {
    normal: [0, 0, 1],
    offset: 0.3,
  }];
  const [annulus, discs, nothing] = sliceField(torus, planes, { resolution: 256 });
  assertAlmostEquals(sectionArea(annulus), 1.5205308443, 2e-3);
  assertAlmostEquals(sectionArea(discs), 0.3041061688, 1e-3);
  assertEquals([annulus.contours.length, discs.contours.length, nothing.contours.length], [2, 2, 0]);
  for (const contour of annulus.contours) {
    assert(torus(contour).every((distance) => Math.abs(distance) < 1e-10));
  }
  assertEquals([...sectionContains(annulus, Float64Array.of(R, 0, 0, 0, 0, 0, 0, R, 5, 1, 1, 0))], [
    1,
    0,
    1,
    0,
  ]);
  // A mesh of the torus, cut by the same planes and by oblique ones.
  const mesh = dualContour(torus(gridNodes(NODES)), NODES, { gradient: gradientOf(torus) });
  const cut = sliceMesh(mesh, planes);
  assertAlmostEquals(sectionArea(cut[0]), 1.5205308443, 5e-3);
  assertAlmostEquals(sectionArea(cut[1]), 0.3041061688, 5e-3);
  assertThrows(() => sliceField(torus, planes, { halfWidth: 0.6 }), RangeError, "leaves the square");
});

Deno.test("slicing a cube: through faces, corners and edges", () => {
  const area = (normal: number[], offset: number) => sectionArea(sliceMesh(cube, [{ normal, offset }])[0]);
  assertEquals(area([0, 0, 1], -0.25), 1);
  assertEquals(area([0, 0, -1], 0.25), 1);
  // A corner in the plane counts as above it: the bottom face is not below the plane, the top face is not reached.
  assertEquals([area([0, 0, 1], 0), area([0, 0, 1], -1)], [0, 1]);
  const s = Math.sqrt(1 / 3);
  assertAlmostEquals(area([s, s, s], -1.5 * s), 3 * Math.sqrt(3) / 4, 1e-12);
  assertAlmostEquals(area([s, s, s], -s), Math.sqrt(3) / 2, 1e-12);
  assertEquals(area([s, s, s], -3 * s - 1e-9), 0);
  const open = { ...cube, triangles: cube.triangles.slice(3) };
  assertThrows(
    () => sliceMesh(open, [{ normal: [0, 0, 1], offset: -0.5 }, { normal: [1, 0, 0], offset: -0.5 }]),
    RangeError,
    "open contour",
  );
  assertEquals(meshTopology(open).openEdges, 3);
});

Deno.test("slicing two cubes that share an edge of four triangles: the areas add", () => {
  // The second cube is above the first one's upper right edge; the corners of the common edge are the same.
  const moved = Array.from({ length: 8 }, (_, i) => [1 + (i & 1), 1 + (i >> 1 & 1), i >> 2]);
  const index = (i: number) => moved[i][0] === 1 && moved[i][1] === 1 ? 3 + 4 * moved[i][2] : 8 + i;
  const both = {
    positions: Float64Array.from([...cube.positions, ...moved.flat()]),
    triangles: Uint32Array.from([...cube.triangles, ...Array.from(cube.triangles, index)]),
  };
  assert(meshTopology(both).openEdges > 0);
  assertEquals(sectionArea(sliceMesh(both, [{ normal: [0, 0, 1], offset: -0.5 }])[0]), 2);
  const s = Math.SQRT1_2;
  assertAlmostEquals(sectionArea(sliceMesh(both, [{ normal: [s, s, 0], offset: -2.5 * s }])[0]), s, 1e-12);
});

Deno.test("a similarity of mesh and planes scales the sections", () => {
  const rng = new Rng(1);
  const planes = randomPlanes(10, { rng }).map(({ normal, offset }) => ({ normal, offset: offset * 0.3 }));
  const centred = { ...cube, positions: cube.positions.map((x) => x - 0.5) };
  const moved = { ...cube, positions: cube.positions.map((x, k) => 3 * (x - 0.5) + [1, 2, -1][k % 3]) };
  const shifted = planes.map(({ normal, offset }) => ({
    normal,
    offset: 3 * offset - normal[0] - 2 * normal[1] + normal[2],
  }));
  const before = sliceMesh(centred, planes).map(sectionArea);
  const after = sliceMesh(moved, shifted).map(sectionArea);
  before.forEach((area, k) => assertAlmostEquals(after[k], 9 * area, 1e-12));
  assert(before.filter((area) => area > 0.1).length > 5);
});

Deno.test("points in polygons: a hole, and rays through corners", () => {
  const square = Float64Array.of(0, 0, 3, 0, 3, 3, 0, 3);
  const hole = Float64Array.of(1, 1, 2, 1, 2, 2, 1, 2);
  const points = Float64Array.of(0.5, 0.5, 1.5, 1.5, 2.5, 1.5, -1, 1.5, 4, 0);
  assertEquals([...pointInPolygon([square, hole], points)], [1, 0, 1, 0, 0]);
  // The ray from (0, 0) meets one corner of the diamond, that from (-2, 0) meets two, that from (-2, 1) touches one.
  const diamond = Float64Array.of(1, 0, 0, 1, -1, 0, 0, -1);
  assertEquals([...pointInPolygon([diamond], Float64Array.of(0, 0, -2, 0, -2, 1, -2, -1))], [1, 0, 0, 0]);
  assertThrows(() => pointInPolygon([square.slice(0, 4)], points), RangeError, "at least 3 corners, got 2");
});

Deno.test("points in a mesh: winding numbers, cells of a grid and the field agree", () => {
  const shape = [17, 17, 17];
  const nodes = [25, 25, 25];
  const mesh = dualContour(torus(gridNodes(nodes)), nodes, { gradient: gradientOf(torus) });
  const cells = gridCells(shape);
  const inside = meshOccupancy(mesh, shape);
  assertEquals(inside, pointInMesh(mesh, cells));
  const truth = Uint8Array.from(torus(cells), (distance) => distance < 0 ? 1 : 0);
  assert(intersectionOverUnion(inside, truth) > 0.97);
  assertAlmostEquals(windingNumbers(cube, Float64Array.of(0.5, 0.5, 0))[0], 0.5, 1e-12);
  assertEquals(intersectionOverUnion(new Uint8Array(3), new Uint8Array(3)), 1);
});

Deno.test("marching squares: a circle is closed and counter-clockwise, saddles follow the mean, ends lie on the edge", () => {
  const side = 41;
  const values = Float64Array.from(
    { length: side * side },
    (_, k) => Math.hypot((k % side) / 20 - 1, Math.floor(k / side) / 20 - 1) - 0.7,
  );
  const [circle, ...rest] = marchingSquares(values, side, side);
  assertEquals([circle.closed, rest.length], [true, 0]);
  let area = 0;
  let b = 0;
  for (let a = circle.points.length - 2; b < circle.points.length; a = b, b += 2) {
    area += (circle.points[a] * circle.points[b + 1] - circle.points[b] * circle.points[a + 1]) / 2;
  }
  assertAlmostEquals(area / 400, Math.PI * 0.49, 5e-3);
  const pieces = (middle: number) =>
    marchingSquares(Float64Array.of(-1, 1, 1, -1).map((v) => v + middle), 2, 2);
  assertEquals(pieces(0.1).length, 2);
  // Lines of a saddle: with a low mean the low corners (first and last) are connected.
  const first = (middle: number) => Array.from(pieces(middle).find(({ points }) => points[1] === 0)!.points);
  assertEquals(first(0.1)[2], 0);
  assertEquals(first(-0.1)[2], 1);
  assert(pieces(0.1).every(({ closed }) => !closed));
  assertEquals(marchingSquares(new Float64Array(4).fill(1), 2, 2), []);
});

Deno.test("the harmonic fill: linear between two plates, and the mean of its neighbours everywhere", () => {
  // Nothing fixed: the boundary's value everywhere.
  const constant = harmonicFill(new Uint8Array(60), new Float64Array(60), [3, 4, 5], {
    boundary: 2,
    tolerance: 1e-12,
  });
  assert(constant.every((value) => Math.abs(value - 2) < 1e-9));
  const rng = new Rng(0);
  const fixed = Uint8Array.from({ length: 8 * 9 * 7 }, () => rng.uniform() < 0.1 ? 1 : 0);
  const values = Float64Array.from(fixed, () => rng.normal());
  const filled = harmonicFill(fixed, values, [8, 9, 7], { boundary: -1, tolerance: 1e-12 });
  const at = (i: number, j: number, k: number) =>
    i < 0 || j < 0 || k < 0 || i > 7 || j > 8 || k > 6 ? -1 : filled[(i * 9 + j) * 7 + k];
  for (let cell = 0; cell < filled.length; cell++) {
    const [i, j, k] = [Math.floor(cell / 63), Math.floor(cell / 7) % 9, cell % 7];
    const mean = (at(i - 1, j, k) + at(i + 1, j, k) + at(i, j - 1, k) + at(i, j + 1, k) + at(i, j, k - 1) +
      at(i, j, k + 1)) / 6;
    assertAlmostEquals(filled[cell], fixed[cell] ? values[cell] : mean, 1e-9);
  }
});

Deno.test("convex hulls: of random points all are inside, and samples lie on the surface", () => {
  const rng = new Rng(5);
  const points = rng.normals(3 * 300);
  const hull = convexHull(points);
  assertEquals([meshTopology(hull).eulerCharacteristic, meshTopology(hull).openEdges], [2, 0]);
  const shrunk = { ...hull, positions: hull.positions.map((x) => x * 1.000001) };
  assert(pointInMesh(shrunk, points).every((inside) => inside === 1));
  assert(meshVolume(hull) > 0);
  // Corners of two parallel polygons, as of two sections.
  const ring = (z: number) =>
    Array.from({ length: 60 }, (_, k) => [Math.cos(k * Math.PI / 30), Math.sin(k * Math.PI / 30), z]).flat();
  const drum = convexHull(Float64Array.from([...ring(0), ...ring(1)]));
  assertAlmostEquals(meshVolume(drum), 30 * Math.sin(Math.PI / 30), 1e-9);
  assertEquals(meshTopology(drum).openEdges, 0);
  const samples = sampleSurface(cube, 6000, { rng });
  const onFaces = [0, 0, 0, 0, 0, 0];
  for (let k = 0; k < samples.length; k += 3) {
    const p = [...samples.subarray(k, k + 3)];
    const face = p.findIndex((x) => x < 1e-12 || x > 1 - 1e-12);
    onFaces[2 * face + (p[face] > 0.5 ? 1 : 0)]++;
  }
  assert(onFaces.every((count) => Math.abs(count - 1000) < 130), String(onFaces));
  assertThrows(() => convexHull(Float64Array.from(ring(0))), RangeError, "not in one plane");
});

Deno.test("coarse to fine: the same signs and the same mesh as from every node", () => {
  const all = torus(gridNodes(NODES));
  const { values, evaluations } = sampleLevelSet(torus, NODES);
  assertEquals(values.map(Math.sign), all.map(Math.sign));
  assert(evaluations < 0.4 * all.length, String(evaluations / all.length));
  const gradient = gradientOf(torus);
  assertEquals(dualContour(values, NODES, { gradient }), dualContour(all, NODES, { gradient }));
  // A tube that is thinner than a coarse cell is followed from where it crosses a coarse edge.
  const tube = (points: Float64Array) =>
    Float64Array.from(
      { length: points.length / 3 },
      (_, i) => Math.hypot(points[3 * i], points[3 * i + 1] - 0.02) - 0.06,
    );
  const thin = sampleLevelSet(tube, NODES);
  assertEquals(thin.values.map(Math.sign), tube(gridNodes(NODES)).map(Math.sign));
  assertEquals(sampleLevelSet(torus, NODES, { stride: 1 }).evaluations, all.length);
});

Deno.test("mesh files can be read back", () => {
  const lines = meshToObj(cube).trim().split("\n");
  const numbers = (letter: string) =>
    lines.filter((line) => line.startsWith(letter)).flatMap((line) => line.split(" ").slice(1).map(Number));
  assertEquals(Float64Array.from(numbers("v")), cube.positions);
  assertEquals(Uint32Array.from(numbers("f"), (corner) => corner - 1), cube.triangles);
  const [, body] = meshToPly(cube).split("end_header\n");
  const rows = body.trim().split("\n").map((line) => line.split(" ").map(Number));
  assertEquals(Float64Array.from(rows.slice(0, 8).flat()), cube.positions);
  assertEquals(Uint32Array.from(rows.slice(8).flatMap(([, ...corners]) => corners)), cube.triangles);
});

Deno.test("meshes: bad input is refused by name", () => {
  const plane = { normal: [0, 0, 1], offset: 0 };
  assertThrows(() => sliceMesh(cube, []), RangeError, "`planes` must have at least 1 entry");
  assertThrows(
    () => sliceMesh(cube, [{ normal: [0, 0, 2], offset: 0 }]),
    RangeError,
    "must have length 1, got 2",
  );
  assertThrows(() => sliceMesh(cube, [{ ...plane, offset: NaN }]), RangeError, "`planes[0].offset`");
  assertThrows(
    () => sliceMesh({ ...cube, triangles: Uint32Array.of(0, 1, 9) }, [plane]),
    RangeError,
    "below 8, got 9",
  );
  assertThrows(
    () => meshVolume({ ...cube, positions: Float64Array.of(0, NaN, 0) }),
    RangeError,
    "entry 1 is NaN",
  );
  assertThrows(() => meshVolume(null as never), TypeError, "must be a mesh");
  const contour = Float64Array.of(0, 0, 0, 1, 0, 0, 0, 1, 2e-6);
  assertThrows(
    () => sectionArea({ ...plane, contours: [contour] }),
    RangeError,
    "`section` has a corner at a distance of 0.000002 from its plane",
  );
  assertThrows(
    () => sectionArea({ ...plane, contours: [contour.slice(0, 6)] }),
    RangeError,
    "at least 3 corners",
  );
  assertThrows(
    () => gridCrossings(new Float64Array(8).fill(1), [2, 2, 2]),
    RangeError,
    "the level set is empty",
  );
  assertThrows(
    () => dualContour(new Float64Array(8), [2, 2, 3]),
    RangeError,
    "`values` must have length 12, got 8",
  );
  const values = Float64Array.of(NaN, 1, 1, 1, 1, 1, 1, -1);
  assertThrows(() => dualContour(values, [2, 2, 2]), RangeError, "entry 0 is NaN");
  assertThrows(
    () => dualContour(values.map((v) => v || 1), [2, 2, 2], { gradient: () => [1] }),
    RangeError,
    "three numbers per point",
  );
});
