import type { Figure } from "../experiment.ts";
import type { Row } from "./rows.ts";
export const figures: Record<string, (rows: Row[]) => Figure> = {};
