/**
 * What is used of the Deno kernel, and one cure: what a cell shows is sent before the kernel reports that the
 * cell has ended. docs/stop.md describes the kernel.
 */
import { type Displayable, displaySymbol } from "./displayable.ts";

/** What of `Deno.jupyter` is used here. */
export interface Jupyter {
  /** Hands a message for all front ends to the kernel. */
  broadcast(type: string, content: Record<string, unknown>): void | Promise<void>;
}

/** The kernel this runs in, or undefined outside of one: then nothing is shown and everything else works. */
export function jupyter(): Jupyter | undefined {
  if (pretended !== undefined) return pretended;
  try {
    // Deno throws when this is read outside of a kernel; other runtimes have no such name.
    return (globalThis as { Deno?: { jupyter?: Jupyter } }).Deno?.jupyter;
  } catch {
    return undefined;
  }
}

let pretended: Jupyter | undefined;

/** For tests: Deno does not let itself be given a kernel. */
export function pretendKernel(kernel: Jupyter | undefined): void {
  pretended = kernel;
}

/** Milliseconds that the kernel's own thread is given to take a message and send it. */
const MARGIN = 10;
/** Longest wait in milliseconds on a machine that is busy with other work. */
const LONGEST = 1000;
/** Milliseconds of one turn of waiting. */
const TURN = 5;
/** Characters that the kernel signs and sends in a millisecond, at least. */
const PACE = 100_000;

/** When the kernel has sent what it was handed so far, as far as can be told. */
let sentBy = 0;

/** Hands a message to the kernel. */
export async function broadcast(type: string, content: Record<string, unknown>): Promise<void> {
  const kernel = jupyter();
  if (kernel === undefined) return;
  count(content);
  await kernel.broadcast(type, content);
}

/**
 * Resolves when the kernel has sent everything that it was handed before. Where timers come late, other
 * programs keep this process waiting, the kernel's thread too, and it is given more time.
 */
export async function sent(): Promise<void> {
  if (jupyter() === undefined) return;
  let now = performance.now();
  const latest = Math.max(sentBy, now) + LONGEST;
  let end = Math.max(sentBy, now) + MARGIN;
  while (now < Math.min(end, latest)) {
    const before = now;
    await new Promise((resolve) => setTimeout(resolve, TURN));
    now = performance.now();
    const late = now - before - TURN;
    if (late > 2) end = Math.max(end, now + 3 * late);
  }
}

function count(content: unknown): void {
  sentBy = Math.max(sentBy, performance.now()) + (JSON.stringify(content)?.length ?? 0) / PACE;
}

/** The part of Deno that turns the last expression of a cell into a message. */
export interface ResultSender {
  /** Sends the result of the cell with this number; `undefined` is not shown. */
  broadcastResult?: (executionCount: number, result: unknown) => Promise<void>;
}

/**
 * From now on a cell ends when its results, displays and printed lines have been sent.
 *
 * Deno's kernel (2.9.8) sends the status of a cell and what the cell shows from two loops on a thread of its
 * own, with no order between them: "idle" overtook the result in one cell of ten. A message that the second
 * loop takes up when the next cell has begun is shown below that one. The program cannot ask whether a
 * message has been sent, so the cell waits before it ends.
 */
export function keepResultsInOrder(sender: ResultSender): void {
  const { broadcastResult } = sender;
  if (typeof broadcastResult !== "function") return;
  sender.broadcastResult = async (executionCount, result) => {
    await broadcastResult(executionCount, isDisplayable(result) ? counted(result) : result);
    await sent();
  };
}

function counted(value: Displayable): Displayable {
  return {
    [displaySymbol]: async () => {
      const bundle = await value[displaySymbol]();
      count(bundle);
      return bundle;
    },
  };
}

function isDisplayable(value: unknown): value is Displayable {
  return typeof value === "object" && value !== null && displaySymbol in value &&
    typeof value[displaySymbol] === "function";
}

if (jupyter() !== undefined) {
  const deno = Deno as unknown as
    & { internal?: symbol }
    & Record<symbol, { jupyter?: ResultSender } | undefined>;
  const sender = deno.internal === undefined ? undefined : deno[deno.internal]?.jupyter;
  if (sender !== undefined) keepResultsInOrder(sender);
}
