/** What must be seen, as data: notes 7 numbers the criteria. */
import { sampleStandardDeviation } from "simple-statistics";
import { atLeastSeeds, defineClaims, derived, near, theorem, within } from "../../lib/experiment/mod.ts";
import type { Row } from "./rows.ts";

export const claims = defineClaims<Row>((claim) => [
  claim({
    id: "fair",
    criterion: 1,
    headline: true,
    statement: "A fair coin shows heads half of the time.",
    source: theorem("The law of large numbers", { notes: "7" }),
    measure: ({ coin }) => ({ "share of heads": coin.map(({ share }) => share) }),
    expect: { "share of heads": near(0.5, { absolute: 0.05 }) },
  }),
  claim({
    id: "scatter",
    criterion: 2,
    statement: "The share scatters as 1/(2√n).",
    source: derived("7"),
    decidedBy: ({ coin }) => atLeastSeeds(coin, 8),
    measure: ({ coin }) => ({
      "standard deviation over 1/(2√n)": sampleStandardDeviation(coin.map(({ share }) => share)) * 2 *
        Math.sqrt(coin[0].throws),
    }),
    expect: { "standard deviation over 1/(2√n)": within(0.4, 1.8) },
  }),
  // A paper needs five claims or more; the test fails until then.
  ...(["a", "b", "c"].map((name) =>
    claim({
      id: `to-do-${name}`,
      statement: "To be replaced by a claim of the paper.",
      source: derived("7"),
      measure: ({ coin }) => ({ "share of heads": coin.map(({ share }) => share) }),
      expect: { "share of heads": within(0.4, 0.6) },
    })
  )),
]);
