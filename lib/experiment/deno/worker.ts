/** A worker of Deno: runs the trials of one experiment on one thread of linear algebra. */
import { setBlasThreads, useReproducibleKernels } from "../../blas/mod.ts";
import { serveTrials } from "../trial_server.ts";

useReproducibleKernels();

// Standard output belongs to the command (`--json`); what a trial prints goes to standard error.
for (const name of ["log", "info", "debug"] as const) console[name] = console.error;
Object.defineProperty(Deno, "exit", {
  value: () => {
    throw new Error("a trial must not end the process");
  },
});

serveTrials(async (module) => {
  // Trials run side by side, one thread each; and the order of a sum must not depend on the number of cores.
  setBlasThreads(1);
  return (await import(module)).experiment;
});
