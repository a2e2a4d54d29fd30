/**
 * The paper's own measurements, read from the result files of its official code (opallab/permlearn): two-bit
 * inputs, one ensemble of networks of width 50000 a point.
 */

/** Ensemble size at which 90 % of the test inputs are decoded, k = 4..30. */
export const officialModels90: { k: number; models: number }[] = [
  10,
  43,
  34,
  29,
  40,
  37,
  69,
  70,
  62,
  72,
  56,
  103,
  89,
  105,
  105,
  106,
  117,
  131,
  128,
  124,
  150,
  157,
  157,
  162,
  165,
  174,
  175,
].map((models, i) => ({ k: i + 4, models }));

/** Share of the test inputs that is decoded, by number of bits and ensemble size. */
export const officialAccuracy: { k: number; models: number; accuracy: number }[] = [
  { k: 10, models: 50, accuracy: 0.843 },
  { k: 10, models: 100, accuracy: 0.949 },
  { k: 20, models: 50, accuracy: 0.427 },
  { k: 20, models: 100, accuracy: 0.883 },
  { k: 20, models: 150, accuracy: 0.980 },
  { k: 30, models: 50, accuracy: 0.079 },
  { k: 30, models: 100, accuracy: 0.518 },
  { k: 30, models: 150, accuracy: 0.781 },
];
