/** What must be seen, as data: notes 7 numbers the criteria. */
import { mean, median } from "simple-statistics";
import {
  above,
  atLeast,
  atLeastSeeds,
  atMost,
  below,
  defineClaims,
  derived,
  distinct,
  fromTable,
  near,
  theorem,
  within,
} from "../../lib/experiment/mod.ts";
import type { Row } from "./rows.ts";

/** Multiply-adds of the paper's Table, in billions. */
export const PUBLISHED_GMAC: Record<string, number> = {
  "ST-GCN, clip": 16.73,
  "ST-GCN*, clip": 36.90,
  "CoST-GCN": 0.27,
  "CoST-GCN*": 0.16,
};
/** Clip over step, as printed. */
export const PUBLISHED_SAVINGS: Record<string, number> = {
  "CoST-GCN": 63.2,
  "CoST-GCN*": 107.7,
};

export const claims = defineClaims<Row>((claim) => ({
  identity: claim({
    figure: "identity",
    criterion: 1,
    headline: true,
    statement: "A network on a stream returns what it returns for the clip, with the same weights.",
    source: theorem("arXiv 2106.00050, section 3; 2203.11009, section 4; 2201.06268, section 3", {
      notes: "3",
    }),
    decidedBy: ({ identity }) => atLeastSeeds(identity, 3),
    measure: ({ identity }) => ({
      "numbers compared": identity.map(({ compared }) => compared),
      "largest difference over the largest output, float64": differences(identity, "float64"),
      "the same in float32": differences(identity, "float32"),
    }),
    expect: {
      "numbers compared": atLeast(100),
      "largest difference over the largest output, float64": atMost(1e-12),
      "the same in float32": atMost(1e-5),
    },
  }),
  attention: claim({
    figure: "key",
    statement: "So do both forms of attention over a sliding window, whatever its length.",
    source: theorem("arXiv 2201.06268, sections 3.2 and 3.3", { notes: "3.3" }),
    decidedBy: ({ attention }) => atLeastSeeds(attention, 3),
    measure: ({ attention }) => ({
      "largest difference, float64": errors(attention, "float64"),
      "the same in float32": errors(attention, "float32"),
    }),
    expect: { "largest difference, float64": atMost(1e-12), "the same in float32": atMost(1e-5) },
  }),
  geometry: claim({
    figure: null,
    criterion: 2,
    statement:
      "CoST-GCN sees 153 frames and returns every fourth after 76; the starred one sees 81 and waits 80.",
    source: derived("3"),
    measure: ({ geometry }) => {
      const of = (name: string) => geometry.filter(({ network }) => network === name);
      return {
        "receptive field": of("CoST-GCN").map(({ receptiveField }) => receptiveField),
        "padding": of("CoST-GCN").map(({ padding }) => padding),
        "stride": of("CoST-GCN").map(({ stride }) => stride),
        "delay": of("CoST-GCN").map(({ delay }) => delay),
        "receptive field, starred": of("CoST-GCN*").map(({ receptiveField }) => receptiveField),
        "padding, starred": of("CoST-GCN*").map(({ padding }) => padding),
        "stride, starred": of("CoST-GCN*").map(({ stride }) => stride),
        "delay, starred": of("CoST-GCN*").map(({ delay }) => delay),
      };
    },
    expect: {
      "receptive field": within(153, 153),
      "padding": within(76, 76),
      "stride": within(4, 4),
      "delay": within(76, 76),
      "receptive field, starred": within(81, 81),
      "padding, starred": within(0, 0),
      "stride, starred": within(1, 1),
      "delay, starred": within(80, 80),
    },
  }),
  "multiply-adds": claim({
    figure: "savings",
    criterion: 3,
    statement:
      "A prediction of CoST-GCN takes a sixtieth of the multiply-adds of ST-GCN, one of CoST-GCN* a " +
      "hundredth.",
    source: fromTable("arXiv 2203.11009, Table 1", { notes: "5" }),
    measure: ({ count, saving }) => ({
      "GMAC over the printed ones": Object.entries(PUBLISHED_GMAC).flatMap(([name, published]) =>
        count.filter(({ network }) => network === name).map(({ gmac }) => gmac / published)
      ),
      "savings over the printed ones": Object.entries(PUBLISHED_SAVINGS).flatMap(([name, published]) =>
        saving.filter(({ network }) => network === name).map(({ ratio }) => ratio / published)
      ),
      "CoST-GCN* against its own clip": savingOf(saving, "CoST-GCN* over its own clip"),
    }),
    expect: {
      "GMAC over the printed ones": near(1, { relative: 0.04 }),
      "savings over the printed ones": near(1, { relative: 0.04 }),
      "CoST-GCN* against its own clip": near(237.6, { relative: 1e-3 }),
    },
    context: ({ count }) => ({ "GMAC": count.map(({ gmac }) => gmac) }),
  }),
  polyphase: claim({
    figure: "savings",
    statement:
      "Computing only the products that an output needs makes it a seventy-fifth, with the same outputs.",
    source: derived("3.1"),
    measure: ({ saving, count, identity }) => ({
      "GMAC per prediction": count.filter(({ network }) => network === "CoST-GCN, polyphase")
        .map(({ gmac }) => gmac),
      "clip over step": savingOf(saving, "CoST-GCN, polyphase"),
      "difference from the clip, with and without": differences(
        identity.filter(({ network }) => network === "conv, stride 2" || network === "conv, no polyphase"),
        "float64",
      ),
    }),
    expect: {
      "GMAC per prediction": near(0.230, { absolute: 5e-4 }),
      "clip over step": near(75, { absolute: 0.05 }),
      "difference from the clip, with and without": atMost(1e-12),
    },
  }),
  "attention-counts": claim({
    figure: "key",
    criterion: 4,
    statement: "Single-output attention takes an n-th of the multiplications of a window from scratch, and " +
      "retroactive attention 7/(2n) of them.",
    source: theorem("arXiv 2201.06268, Table 1", { notes: "3.4" }),
    measure: ({ "attention-count": counts }) => {
      const at = (form: string, window: number) =>
        counts.filter((row) => row.form === form && row.window === window).map(({ mul }) => mul);
      const windows = distinct(counts, "window");
      const over = (form: string, window: number) =>
        at(form, window).map((mul, i) => at("regular", window)[i] / mul);
      return {
        "regular over single-output, divided by n": windows.flatMap((n) =>
          over("single-output", n).map((ratio) => ratio / n)
        ),
        "regular over retroactive, n = 16": over("retroactive", 16),
        "n = 64": over("retroactive", 64),
        "n = 256": over("retroactive", 256),
        "n = 512": over("retroactive", 512),
      };
    },
    expect: {
      "regular over single-output, divided by n": within(1, 1),
      "regular over retroactive, n = 16": near(4.968, { absolute: 5e-4 }),
      "n = 64": near(18.613, { absolute: 5e-4 }),
      "n = 256": near(73.224, { absolute: 5e-4 }),
      "n = 512": near(146.042, { absolute: 5e-4 }),
    },
  }),
  drift: claim({
    figure: "drift",
    criterion: 6,
    statement: "Retroactive sums lose their digits once attention is peaked: at σ = 3 float32 is of no use.",
    source: derived("3.3"),
    decidedBy: ({ drift }) => atLeastSeeds(drift, 3),
    measure: ({ drift }) => {
      const plain = (sigma: number) => driftErrors(drift, "plain", "float32", [sigma]);
      return {
        "error at σ = 3 in every seed": plain(3),
        "error at σ = 1 in every seed": plain(1),
        "median at σ = 1": median(plain(1)),
      };
    },
    expect: {
      "error at σ = 3 in every seed": above(1e-2),
      "error at σ = 1 in every seed": atMost(5e-5),
      "median at σ = 1": atMost(5e-6),
    },
  }),
  guard: claim({
    figure: "drift",
    criterion: 6,
    statement:
      "Computing a row in full where its update would lose digits keeps float32 exact, for a few percent " +
      "of the rows.",
    source: derived("3.3"),
    decidedBy: ({ drift }) => atLeastSeeds(drift, 3),
    measure: ({ drift }) => ({
      "error, float32": driftErrors(drift, "guarded", "float32"),
      "error, float64": driftErrors(drift, "guarded", "float64"),
      "share of rows computed in full": drift.filter(({ method }) => method === "guarded")
        .map(({ recomputed }) => recomputed),
    }),
    expect: {
      "error, float32": atMost(1e-3),
      "error, float64": atMost(1e-11),
      "share of rows computed in full": below(0.05),
    },
  }),
  "second-layer": claim({
    figure: null,
    statement:
      "The second layer of an encoder needs the keys of all rows anew: a ring of newest rows is another " +
      "function.",
    source: derived("3.3"),
    decidedBy: (rows) => atLeastSeeds(rows["second-layer"], 3),
    measure: (rows) => {
      const of = (name: string) =>
        rows["second-layer"].filter(({ keys }) => keys === name).map(({ error }) => error);
      return { "error, ring": of("ring of newest rows"), "error, all rows": of("all rows anew") };
    },
    expect: { "error, ring": above(1e-2), "error, all rows": atMost(1e-12) },
  }),
  "released-residual": claim({
    figure: "released",
    statement:
      "The released residual of a retroactive layer is out of order from step 2(n − 1) on; a ring is not.",
    source: derived("3.3"),
    decidedBy: ({ residual }) => atLeastSeeds(residual, 3),
    measure: ({ residual }) => {
      const released = residual.filter(({ cache }) => cache === "released");
      return {
        "error before step 2(n − 1)": released.filter(({ step, window }) => step < 2 * (window - 1))
          .map(({ error }) => error),
        "error from then on": released.filter(({ step, window }) => step >= 2 * (window - 1))
          .map(({ error }) => error),
        "error of the ring": residual.filter(({ cache }) => cache === "ring").map(({ error }) => error),
      };
    },
    expect: {
      "error before step 2(n − 1)": atMost(1e-12),
      "error from then on": above(1e-2),
      "error of the ring": atMost(1e-12),
    },
  }),
  positions: claim({
    figure: null,
    statement:
      "A table of 2n − 1 encodings tells all relative positions of a window apart, a shorter one does not.",
    source: theorem("arXiv 2201.06268, section 3.4", { notes: "3.3" }),
    measure: ({ positions }) => {
      const isLong = ({ count, window }: { count: number; window: number }) => count >= 2 * window - 1;
      return {
        "separation with 2n − 1 and more": positions.filter(isLong).map(({ separation }) => separation),
        "separation with less": positions.filter((row) => !isLong(row)).map(({ separation }) => separation),
      };
    },
    expect: { "separation with 2n − 1 and more": above(1e-3), "separation with less": atMost(1e-12) },
  }),
  adapters: claim({
    figure: "adapters",
    criterion: 7,
    statement:
      "At half of the channels, adapters of rank 2 learn a sixteenth of the weights of fine-tuning and " +
      "lose less than 5 points; when more is pruned they fall faster than those of rank 8.",
    source: fromTable("arXiv 2211.10155, Table 2", { notes: "6" }),
    decidedBy: ({ adapter }) => atLeastSeeds(adapter.filter(({ rank }) => rank === 2), 5),
    measure: ({ adapter }) => {
      const at = (rank: number, keep: number) =>
        adapter.filter((row) => row.rank === rank && row.keep === keep);
      const accuracy = (rank: number, keep: number) => mean(at(rank, keep).map((row) => row.accuracy));
      const fall = (rank: number) => 100 * (accuracy(rank, 0.5) - accuracy(rank, 0.1));
      return {
        "points lost at one half, mean of the seeds": 100 * (accuracy(0, 0.5) - accuracy(2, 0.5)),
        "weights of fine-tuning over those of rank 2": at(0, 0.5).map((row, i) =>
          row.learned / at(2, 0.5)[i].learned
        ),
        "points that rank 2 falls from one half to a tenth, over those of rank 8": fall(2) - fall(8),
      };
    },
    expect: {
      "points lost at one half, mean of the seeds": below(5),
      "weights of fine-tuning over those of rank 2": within(16, 16),
      "points that rank 2 falls from one half to a tenth, over those of rank 8": above(0),
    },
    context: ({ adapter }) => ({ "accuracies": accuracies(adapter) }),
  }),
}));

function differences(rows: readonly Row<"identity">[], dtype: string): number[] {
  return rows.filter((row) => row.dtype === dtype).map(({ error, scale }) => error / scale);
}

function errors(rows: readonly Row<"attention">[], dtype: string): number[] {
  return rows.filter((row) => row.dtype === dtype).map(({ error }) => error);
}

function driftErrors(
  rows: readonly Row<"drift">[],
  method: string,
  dtype: string,
  sigmas?: number[],
): number[] {
  return rows.filter((row) =>
    row.method === method && row.dtype === dtype && (sigmas === undefined || sigmas.includes(row.sigma))
  ).map(({ error }) => error);
}

function savingOf(rows: readonly { network: string; ratio: number }[], name: string): number[] {
  return rows.filter(({ network }) => network === name).map(({ ratio }) => ratio);
}

/** Mean accuracy of each method and size, in the order of the rows. */
function accuracies(rows: readonly Row<"adapter">[]): number[] {
  return distinct(rows, "rank").flatMap((rank) =>
    distinct(rows, "keep").map((keep) =>
      mean(rows.filter((row) => row.rank === rank && row.keep === keep).map(({ accuracy }) => accuracy))
    )
  );
}
