/**
 * The learned V-cycle as a layer for tfjs; `refigure/multigrid` has it without tfjs.
 *
 * @module
 */
export type { LayerArgs } from "../../tfjs/layers.ts";
export { MgConv, type MgConvArgs } from "./mg_conv.ts";
