/** What must be seen, as data: notes 7 numbers the criteria. */
import { median } from "simple-statistics";
import {
  above,
  atLeastSeeds,
  below,
  defineClaims,
  derived,
  equation,
  fromFigure,
  fromTable,
  mean,
  near,
  within,
} from "../../lib/experiment/mod.ts";
import { K } from "./domains.ts";
import type { Arm, Domain, Row } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => ({
  swap: claim({
    figure: "swap",
    criterion: 1,
    headline: true,
    statement:
      "Replace the database by one of digits that were never trained on: the same weights now draw " +
      "those digits. A " +
      "model without a database cannot.",
    source: fromTable("Table 1a and the zero-shot stylization by another database", { notes: "7" }),
    measure: ({ model }) => {
      const [swapped, base] = [rdm(model, "new"), of(model, "parametric, 18 k", "new")];
      return {
        "Fréchet distance to the new digits over that of the parametric model, every seed": swapped.map((
          row,
          i,
        ) => row.fd / (base[i]?.fd ?? NaN)),
        "share of samples that are new digits": swapped.map(({ isNew }) => isNew),
        "share in the class of their query": swapped.map(({ queryClass }) => queryClass),
      };
    },
    expect: {
      "Fréchet distance to the new digits over that of the parametric model, every seed": below(0.5),
      "share of samples that are new digits": above(0.85),
      "share in the class of their query": above(0.75),
    },
    context: ({ model }) => ({
      "new digits among samples of the parametric model": of(model, "parametric, 18 k", "new").map((row) =>
        row.isNew
      ),
    }),
  }),
  "fewer-parameters": claim({
    figure: "quality",
    criterion: 2,
    statement: "On the digits of training, 30 thousand weights with a database are better than 52 thousand " +
      "without, at the " +
      "same cost per evaluation, and those are better than 18 thousand.",
    source: fromTable("Table 2: 400 million parameters against 554 million", { notes: "7" }),
    decidedBy: ({ model }) => atLeastSeeds(of(model, "parametric, 52 k", "old"), 3),
    measure: ({ model }) => {
      const fd = (arm: Arm) => meanOf(of(model, arm, "old"), "fd");
      return {
        "mean Fréchet distance over that of 52 thousand weights": fd("RDM") / fd("parametric, 52 k"),
        "52 thousand over 18 thousand": fd("parametric, 52 k") / fd("parametric, 18 k"),
      };
    },
    expect: {
      "mean Fréchet distance over that of 52 thousand weights": below(0.92),
      "52 thousand over 18 thousand": below(1),
    },
  }),
  precision: claim({
    figure: "printed",
    criterion: 3,
    statement: "What the database adds is precision: more samples look like real digits.",
    source: fromTable("Table 2", { notes: "7" }),
    decidedBy: ({ model }) => atLeastSeeds(of(model, "parametric, 52 k", "old"), 3),
    measure: ({ model }) => {
      const precision = (arm: Arm) => meanOf(of(model, arm, "old"), "precision");
      return {
        "mean precision minus that of 52 thousand weights": precision("RDM") - precision("parametric, 52 k"),
        "52 thousand minus 18 thousand": precision("parametric, 52 k") - precision("parametric, 18 k"),
      };
    },
    expect: {
      "mean precision minus that of 52 thousand weights": above(0.1),
      "52 thousand minus 18 thousand": above(0.1),
    },
    context: ({ model }) => ({
      "mean recall, with and without": (["RDM", "parametric, 52 k", "parametric, 18 k"] as const).map((arm) =>
        meanOf(of(model, arm, "old"), "recall")
      ),
    }),
  }),
  "random-neighbours": claim({
    figure: "quality",
    criterion: 4,
    statement:
      "The control: trained with random entries in place of neighbours, the same network learns to " +
      "ignore them, and " +
      "another database changes nothing.",
    source: derived("4"),
    decidedBy: ({ model }) => atLeastSeeds(of(model, "random neighbours", "new"), 3),
    measure: ({ model }) => ({
      "Fréchet distance to the new digits": of(model, "random neighbours", "new").map(({ fd }) => fd),
      "share in the class of their query": of(model, "random neighbours", "new").map((row) => row.queryClass),
    }),
    expect: {
      "Fréchet distance to the new digits": above(5),
      "share in the class of their query": below(0.1),
    },
  }),
  "no-copying": claim({
    figure: "quality",
    criterion: 5,
    statement:
      "Samples are no copies: they are farther from the training images than new images of the same digits.",
    source: derived("6.3"),
    decidedBy: ({ model }) => atLeastSeeds(rdm(model, "old"), 3),
    measure: ({ model }) => ({
      "distance to the training set over that of test images": rdm(model, "old").map((row) =>
        row.memorization
      ),
    }),
    expect: { "distance to the training set over that of test images": above(1.05) },
  }),
  contraction: claim({
    figure: "quality",
    criterion: 5,
    statement:
      "The counterexample: a network that predicts the digit itself, equally at all levels of noise, " +
      "contracts to its " +
      "training images. The Fréchet distance to old digits does not show it; recall and the swap do.",
    source: derived("3.4"),
    decidedBy: ({ model }) => atLeastSeeds(of(model, "RDM, predicts x₀", "old"), 3),
    measure: ({ model }) => {
      const [old, swapped] = (["old", "new"] as const).map((domain) => of(model, "RDM, predicts x₀", domain));
      return {
        "distance to the training set over that of test images": old.map((row) => row.memorization),
        "mean Fréchet distance to old digits over that of RDM": meanOf(old, "fd") /
          meanOf(rdm(model, "old"), "fd"),
        "recall": old.map((row) => row.recall),
        "mean Fréchet distance to new digits over that of RDM": meanOf(swapped, "fd") /
          meanOf(rdm(model, "new"), "fd"),
      };
    },
    expect: {
      "distance to the training set over that of test images": below(1),
      "mean Fréchet distance to old digits over that of RDM": below(1),
      "recall": below(0.3),
      "mean Fréchet distance to new digits over that of RDM": above(1),
    },
  }),
  loss: claim({
    figure: "quality",
    criterion: 6,
    statement:
      "Neighbours take over what weights would have to store: the denoising loss is lower with fewer " +
      "weights.",
    source: derived("7"),
    decidedBy: ({ model }) => atLeastSeeds(of(model, "random neighbours", "old"), 3),
    measure: ({ model }) => {
      const largest = (arm: Arm) => extreme(of(model, arm, "old"), Math.max);
      const smallest = (arm: Arm) => extreme(of(model, arm, "old"), Math.min);
      return {
        "largest loss over the smallest of 52 thousand weights": largest("RDM") /
          smallest("parametric, 52 k"),
        "over the smallest with random neighbours": largest("RDM") / smallest("random neighbours"),
        "largest of 52 thousand over the smallest of 18 thousand": largest("parametric, 52 k") /
          smallest("parametric, 18 k"),
      };
    },
    expect: {
      "largest loss over the smallest of 52 thousand weights": below(1),
      "over the smallest with random neighbours": below(1),
      "largest of 52 thousand over the smallest of 18 thousand": below(1),
    },
  }),
  "number-of-neighbours": claim({
    figure: "dials",
    criterion: 7,
    statement: "More neighbours: more precision, less recall; for new digits a few are best.",
    source: fromFigure("Figures 7 and 8", { notes: "7" }),
    decidedBy: ({ model }) => [1, 2, 8].every((k) => atLeastSeeds(rdm(model, "new", k), 3)),
    measure: ({ model }) => {
      const old = (k: number, field: "precision" | "recall") => meanOf(rdm(model, "old", k), field);
      const fd = (k: number) => median(rdm(model, "new", k).map((row) => row.fd));
      return {
        "mean recall, k = 1 minus k = 8": old(1, "recall") - old(8, "recall"),
        "mean precision, k = 4 minus k = 1": old(4, "precision") - old(1, "precision"),
        "median Fréchet distance to new digits, k = 1 minus k = 2": fd(1) - fd(2),
        "k = 8 minus k = 4": fd(8) - fd(4),
      };
    },
    expect: {
      "mean recall, k = 1 minus k = 8": above(0.08),
      "mean precision, k = 4 minus k = 1": above(0.05),
      "median Fréchet distance to new digits, k = 1 minus k = 2": above(0.1),
      "k = 8 minus k = 4": above(0.1),
    },
  }),
  "top-m": claim({
    figure: "dials",
    criterion: 8,
    statement: "Queries from the most frequent entries only: precision for recall.",
    source: fromFigure("Figure 8: top-m sampling", { notes: "3.2" }),
    decidedBy: ({ topM }) => atLeastSeeds(topM, 3),
    measure: ({ topM }) => {
      const at = (m: number, field: "precision" | "recall") =>
        meanOf(topM.filter((row: Row<"topM">) => row.m === m), field);
      const shares = [1, 0.5, 0.1, 0.02];
      return {
        "fall of the mean recall, m = 1 to 0.5 to 0.1 to 0.02": shares.slice(1).map((m, i) =>
          at(shares[i], "recall") - at(m, "recall")
        ),
        "mean precision, m = 0.5 minus m = 1": at(0.5, "precision") - at(1, "precision"),
      };
    },
    expect: {
      "fall of the mean recall, m = 1 to 0.5 to 0.1 to 0.02": above(0.08),
      "mean precision, m = 0.5 minus m = 1": above(0),
    },
  }),
  guidance: claim({
    figure: "dials",
    criterion: 9,
    statement: "A little guidance raises precision, much of it ruins the samples.",
    source: equation("classifier-free guidance by neighbours", { notes: "3.2" }),
    decidedBy: ({ guidance }) => atLeastSeeds(trained(guidance), 3),
    measure: ({ guidance }) => {
      const at = (strength: number, field: "precision" | "fd") =>
        meanOf(trained(guidance).filter((row) => row.strength === strength), field);
      return {
        "mean precision, s = 1.5 minus s = 1": at(1.5, "precision") - at(1, "precision"),
        "s = 1 minus s = 3": at(1, "precision") - at(3, "precision"),
        "mean Fréchet distance, s = 3 over s = 1": at(3, "fd") / at(1, "fd"),
      };
    },
    expect: {
      "mean precision, s = 1.5 minus s = 1": above(0),
      "s = 1 minus s = 3": above(0),
      "mean Fréchet distance, s = 3 over s = 1": above(2),
    },
  }),
  "untrained-token": claim({
    figure: null,
    statement:
      "The released configurations never drop neighbours, so that guidance uses a zero token that was " +
      "never trained. " +
      "It works all the same at s = 1.5.",
    source: derived("3.2"),
    decidedBy: ({ guidance }) => atLeastSeeds(guidance.filter(({ drop }) => drop === 0), 3),
    measure: ({ guidance }) => {
      const at = (strength: number) =>
        guidance.filter((row) => row.drop === 0 && row.strength === strength).map(({ precision }) =>
          precision
        );
      return {
        "precision, s = 1.5 minus s = 1, every seed": at(1.5).map((value, i) => value - (at(1)[i] ?? NaN)),
      };
    },
    expect: { "precision, s = 1.5 minus s = 1, every seed": above(0) },
  }),
  why: claim({
    figure: "influence",
    statement:
      "Why it works: at high noise the neighbours decide what is drawn, at low noise the noisy image " +
      "itself does.",
    source: derived("11.1"),
    measure: ({ influence }) => {
      const at = (sigma: number) => influence.filter((row) => row.sigma === sigma);
      return {
        "error with neighbours of another class over that with the right ones, σ = 10": at(10).map((row) =>
          row.wrong / row.right
        ),
        "change of the denoised digit by other neighbours, over its size, σ = 10": at(10).map((row) =>
          row.change
        ),
        "σ = 0.02": at(0.02).map((row) => row.change),
      };
    },
    expect: {
      "error with neighbours of another class over that with the right ones, σ = 10": above(2),
      "change of the denoised digit by other neighbours, over its size, σ = 10": above(0.5),
      "σ = 0.02": below(0.05),
    },
  }),
  deletion: claim({
    figure: null,
    statement:
      "A digit is unlearned by deleting its entries: without sevens in the database there are none in " +
      "the samples.",
    source: derived("11.2"),
    measure: ({ deleted }) => ({
      "share of sevens among the samples, after over before": deleted.map(({ before, after }) =>
        after / before
      ),
    }),
    expect: { "share of sevens among the samples, after over before": below(0.1) },
    context: ({ deleted }) => ({ "share before": deleted.map(({ before }) => before) }),
  }),
  "copy-baseline": claim({
    figure: "quality",
    statement:
      "The Fréchet distance alone rewards copying: the mean of the neighbours, without any model, is " +
      "nearer to the new " +
      "digits than the samples, and nearer to the training set than test images are.",
    source: derived("6.4"),
    measure: ({ data, model }) => {
      const copies = data.filter((row) => row.of === "mean of the neighbours");
      return {
        "its Fréchet distance to the new digits over that of RDM": copies.filter(({ domain }) =>
          domain === "new"
        )
          .flatMap(({ fd }) => rdm(model, "new").map((row) => fd / row.fd)),
        "its distance to the training set over that of test images": copies.filter(({ domain }) =>
          domain === "old"
        )
          .map((row) => row.memorization),
        "its recall over that of RDM, old digits": copies.filter(({ domain }) => domain === "old")
          .flatMap(({ recall }) => rdm(model, "old").map((row) => recall / row.recall)),
      };
    },
    expect: {
      "its Fréchet distance to the new digits over that of RDM": below(1),
      "its distance to the training set over that of test images": below(1),
      "its recall over that of RDM, old digits": below(1),
    },
  }),
  proposal: claim({
    figure: null,
    statement:
      "Nearly all of the database is some training image's neighbour, a few entries are that of many.",
    source: equation("proposal distribution p_D", { notes: "8" }),
    measure: ({ proposal }) => ({
      "count of neighbours": proposal.map(({ total }) => total),
      "sum of p_D": proposal.map(({ sum }) => sum),
      "share of the entries in use": proposal.map(({ used }) => used),
      "largest count": proposal.map(({ largest }) => largest),
    }),
    expect: {
      "count of neighbours": within(1572, 1572),
      "sum of p_D": near(1, { absolute: 1e-12 }),
      "share of the entries in use": near(0.95, { absolute: 1e-9 }),
      "largest count": within(18, 18),
    },
  }),
}));

/** The rows of one kind of model. */
export function of(model: readonly Row<"model">[], arm: Arm, domain: Domain): Row<"model">[] {
  return arm === "RDM" ? rdm(model, domain) : model.filter((row) => row.arm === arm && row.domain === domain);
}

/** The rows of RDM that was trained on neighbours that were never dropped. */
export function rdm(model: readonly Row<"model">[], domain: Domain, k: number = K): Row<"model">[] {
  return model.filter((row) => row.arm === "RDM" && row.drop === 0 && row.domain === domain && row.k === k);
}

/** Guidance of models that were trained for it, from the old database. */
function trained(guidance: readonly Row<"guidance">[]): Row<"guidance">[] {
  return guidance.filter((row) => row.drop > 0 && row.domain === "old");
}

function meanOf<Field extends string>(rows: readonly { [name in Field]: number }[], field: Field): number {
  return mean(rows.map((row) => row[field]));
}

function extreme(rows: readonly Row<"model">[], which: (a: number, b: number) => number): number {
  return rows.length === 0 ? NaN : rows.map(({ loss }) => loss).reduce((a, b) => which(a, b));
}
