/**
 * NormLin, OLinear's mixing of variates in the place of self-attention, as a layer of tfjs. `refigure/forecasting` has
 * the rest without tfjs.
 *
 * @module
 */
export type { LayerArgs } from "../../tfjs/layers.ts";
export * from "./norm_lin.ts";
