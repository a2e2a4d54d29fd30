/**
 * The process of a {@linkcode ProcessWorker}: passes lines between it and a worker of its own. The trial runs in that
 * worker, so that the end of standard input, which tells that the parent is gone, ends this process even in the middle
 * of a loop.
 */
import type { FromWorker } from "../worker_protocol.ts";
import { linesOf } from "./lines.ts";

// Ctrl-C reaches the whole group of processes; the parent decides what ends.
Deno.addSignalListener("SIGINT", () => {});

/** Milliseconds. */
const LATER = 20;

const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
const { port1, port2 } = new MessageChannel();
port1.onmessage = ({ data }) => send(data);
worker.onerror = (event) => {
  event.preventDefault();
  // Errors and messages take two ways: what the worker sent before has time to come first.
  setTimeout(() => send({ kind: "uncaught", message: event.message }), LATER);
};

let isFirst = true;
for await (const line of linesOf(Deno.stdin.readable)) {
  const message = JSON.parse(line);
  if (isFirst) worker.postMessage(message, [port2]);
  else port1.postMessage(message);
  isFirst = false;
}
Deno.exit(0);

function send(message: FromWorker): void {
  const bytes = new TextEncoder().encode(JSON.stringify(message) + "\n");
  for (let at = 0; at < bytes.length;) at += Deno.stdout.writeSync(bytes.subarray(at));
}
