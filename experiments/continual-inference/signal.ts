/** A signal and what a small network returns of it, in a stream and for the whole clip. */
import { Rng } from "../../lib/arrays/mod.ts";
import { CoConv1d, CoSequential } from "../../lib/continual/mod.ts";
import type { Row } from "./rows.ts";

/** Names of the lines. */
export const SERIES = ["input", "clip", "stream"] as const;

/**
 * A smoother of two convolutions with 9 taps and padding 4 on a sine with three events. Output t of the clip
 * sees as many frames after t as before it; the stream has it when the last of them has come, 8 steps later.
 */
export function signalRows(seed: number): Row<"signal">[] {
  const rng = new Rng(seed).split("signal");
  const taps = Float64Array.from({ length: 9 }, (_, i) => Math.exp(-0.5 * ((i - 4) / 2) ** 2));
  const sum = taps.reduce((a, b) => a + b);
  const smooth = () => new CoConv1d({ shape: [1, 1, 9], data: taps.map((w) => w / sum) }, { padding: 4 });
  const net = new CoSequential([smooth(), smooth()]);
  const events = [20, 45, 70];
  const signal = Float64Array.from({ length: 90 }, (_, t) => {
    const event = events.some((start) => t >= start && t < start + 4) ? 2 : 0;
    return Math.sin(2 * Math.PI * t / 60) + event + 0.1 * rng.normal();
  });
  const clip = net.forward(signal);
  const rows: Row<"signal">[] = [];
  signal.forEach((value, step) => {
    rows.push({ kind: "signal", series: "input", step, value });
    rows.push({ kind: "signal", series: "clip", step, value: clip[step] });
    const out = net.step(Float64Array.of(value));
    if (out !== null) rows.push({ kind: "signal", series: "stream", step, value: out[0] });
  });
  return rows;
}
