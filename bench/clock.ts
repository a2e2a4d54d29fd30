/** The clock of the benchmarks: the wall's, or the processor's, which other programs on the machine do not move. */
import { cpuUsage } from "node:process";

let counted = false;

/** From now on processor times are measured, of this process (all its threads) and of the peers'. */
export function countProcessorTime(): void {
  counted = true;
}

/** Whether processor times are measured. */
export function isProcessorTime(): boolean {
  return counted;
}

/** Milliseconds that this process has computed. */
export function processorTime(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** Milliseconds of the clock that counts. */
export function now(): number {
  return counted ? processorTime() : performance.now();
}
