/**
 * Leading eigenvectors of streams whose rows arrive one by one, in bounded memory.
 *
 * @module
 */
export * from "./frequent_directions.ts";
export * from "./hard_instance.ts";
export * from "./oja_stream.ts";
export * from "./pipe_rows.ts";
export {
  type RandomOrderOptions,
  type RandomOrderResult,
  RandomOrderTopEigenvector,
  type StoredRows,
} from "./random_order_eigenvector.ts";
export * from "./spectral_gap.ts";
export * from "./spiked_stream.ts";
export type { SparseRow, StreamRow } from "./stream_row.ts";
