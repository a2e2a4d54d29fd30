/** What is said of a machine beside times that were measured on it. */
import { cpus } from "node:os";
import { blasInfo } from "../lib/blas/mod.ts";

/** The processor as it calls itself, or the architecture where that can't be read. */
export function processor(): string {
  const name = cpus()[0]?.model.trim();
  if (name) return name;
  return `${Deno.build.os} ${Deno.build.arch}`;
}

/** Processor and number of cores. */
export function machine(): string {
  const cores = navigator.hardwareConcurrency;
  return `${processor()}, ${cores} ${cores === 1 ? "core" : "cores"}`;
}

/** Versions of what computes: Deno, its JavaScript engine, the linear algebra. */
export function versions(): string {
  const { engine, version } = blasInfo();
  const linear = engine === "native" ? version ?? "native BLAS" : "portable kernels";
  return `Deno ${Deno.version.deno}, V8 ${Deno.version.v8}, ${linear}`;
}
