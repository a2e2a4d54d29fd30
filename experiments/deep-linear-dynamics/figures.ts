import type { Figure } from "../experiment.ts";
import type { Row } from "./rows.ts";
/** All figures. */
export const figures: Record<string, (rows: Row[]) => Figure> = {};
