/**
 * Deep linear networks with exact solutions of their learning dynamics, and signal propagation at
 * initialization.
 *
 * @module
 */
export * from "./balanced_riccati.ts";
export * from "./deep_linear_network.ts";
export * from "./deep_mode.ts";
export * from "./hierarchical_features.ts";
export {
  halfLearningTime,
  type LinearMode,
  linearModeStrength,
  linearModeTime,
  type UnbalancedMode,
  unbalancedModeState,
} from "./linear_mode.ts";
export * from "./linear_student_teacher.ts";
export * from "./signal_propagation.ts";
export * from "./student_teacher_alignment.ts";
export * from "./weight_initialization.ts";
