/**
 * Runs trials for another program: for each line on standard input, a {@linkcode Request}, it prints
 * {@linkcode Reply}s. A trial runs in a worker, so that the end of standard input, which tells that the other program
 * is gone, ends this one even in the middle of a loop.
 */
import { useReproducibleKernels } from "../../lib/blas/mod.ts";
import { experimentUrl } from "../../lib/experiment/deno/mod.ts";
import { fingerprint } from "../../lib/experiment/deno/fingerprint.ts";
import { WorkerPool } from "../../lib/experiment/mod.ts";
import { linesOf } from "../../lib/experiment/deno/lines.ts";
import type { Reply, Request } from "./messages.ts";

/** What a paper's trials need. */
interface Paper {
  pool: WorkerPool;
  print: string;
}

useReproducibleKernels();
// What a trial prints must not come between the replies.
console.log = console.info = console.debug = console.error;
const papers = new Map<string, Promise<Paper>>();

for await (const line of linesOf(Deno.stdin.readable)) {
  // Not awaited: the end of standard input must be seen meanwhile.
  if (line !== "") void serve(JSON.parse(line));
}
Deno.exit(0);

async function serve({ id, slug, trial, expects }: Request): Promise<void> {
  try {
    if (!papers.has(slug)) papers.set(slug, load(slug));
    const { pool, print } = await papers.get(slug)!;
    if (print !== expects) {
      reply({
        id,
        kind: "refused",
        message: `it has other sources, packages or BLAS kernels (fingerprint ${print.slice(0, 8)}, and ` +
          `${expects.slice(0, 8)} is wanted)`,
      });
      return;
    }
    await pool.runAll([trial], {
      start() {},
      report: (_, fraction, partial) => reply({ id, kind: "report", fraction, partial }),
      rows: (_, json) => reply({ id, kind: "rows", json }),
      error: (_, { message, stack }) => reply({ id, kind: "error", message, stack }),
    });
  } catch (error) {
    reply({ id, kind: "refused", message: error instanceof Error ? error.message : String(error) });
  }
}

async function load(slug: string): Promise<Paper> {
  const module = experimentUrl(slug);
  const makeWorker = () =>
    new Worker(new URL("../../lib/experiment/deno/worker.ts", import.meta.url), { type: "module" });
  return { pool: new WorkerPool(module.href, { workers: 1, makeWorker }), print: await fingerprint(module) };
}

function reply(message: Reply): void {
  const bytes = new TextEncoder().encode(JSON.stringify(message) + "\n");
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
