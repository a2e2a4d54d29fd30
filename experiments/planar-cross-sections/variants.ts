/** Constants that both parts share: notes 3 and 6. */

/** Sizes of the small network. */
export const MINI = { width: 32, hiddenLayers: 3, state: 8, frequencies: 4 };
/** How far from the contours the points of each level are. */
export const RADII: readonly number[] = [2 ** -3, 2 ** -4, 2 ** -4, 2 ** -5, 2 ** -5, 2 ** -6];
/** Of all levels, without the hierarchy. */
export const ONE_RADIUS = 2 ** -5;
/** Weight of the hinge. */
export const HINGE = 1e-4;
