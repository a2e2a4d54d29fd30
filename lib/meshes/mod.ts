/**
 * Closed triangle meshes and solids given by a field: sections by planes, points inside, contours and surfaces of
 * level sets, volumes, files.
 *
 * Fields are positive outside. Points are flat arrays, x, y, z in turn.
 *
 * @module
 */
export * from "./convex_hull.ts";
export { type ScalarField, sphereDistance, torusDistance } from "./distance_fields.ts";
export * from "./dual_contour.ts";
export * from "./grid_crossings.ts";
export * from "./grid_nodes.ts";
export * from "./harmonic_fill.ts";
export { intersectionOverUnion } from "./intersection_over_union.ts";
export {
  type Line,
  type LineSection,
  lineSectionContains,
  sliceByLines,
  type SliceByLinesOptions,
} from "./line_section.ts";
export * from "./marching_squares.ts";
export * from "./mesh_files.ts";
export * from "./mesh_measures.ts";
export * from "./mesh_occupancy.ts";
export { type PlanarSection, type Plane, sectionArea, sectionContains } from "./planar_section.ts";
export * from "./point_in_mesh.ts";
export { pointInPolygon } from "./point_in_polygon.ts";
export { quadricVertex, type QuadricVertexOptions } from "./quadric_vertex.ts";
export * from "./random_planes.ts";
export * from "./sample_level_set.ts";
export * from "./slice_field.ts";
export * from "./slice_mesh.ts";
export type { Box, TriangleMesh } from "./triangle_mesh.ts";
