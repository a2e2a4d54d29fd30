export { editDistance, nearest } from "../arrays/nearest.ts";
