/** A paper, as a page loads it, with every fault that there is. Its second trial fails; or never ends, if `endless` is 1. */
const preset = { seed: 0, endless: 1 };
const source = { kind: "derived", reference: "notes 1" };
const expect = { value: { text: "1", allows: (value) => value === 1 } };

export const experiment = {
  slug: "faulty",
  title: "A Paper with Faults",
  paper: { authors: "N. N.", year: 2026, figure: "Figure 1" },
  family: "Faults",
  summary: "It fails.",
  notReproduced: "The rest.",
  presets: { quick: preset, laptop: preset, full: preset },
  trials: ({ endless }) => [{ n: 1, endless }, { n: 2, endless }],
  run({ n, endless }) {
    if (n === 1) return [{ kind: "number", value: 1 }];
    while (endless);
    throw new Error("the trial fails");
  },
  figures: {
    bad() {
      throw new Error("the figure fails");
    },
  },
  claims: [
    {
      id: "bad",
      statement: "It cannot be measured.",
      source,
      expect,
      measure() {
        throw new Error("the claim fails");
      },
    },
    {
      id: "good",
      statement: "It is one.",
      source,
      expect,
      measure: ({ number }) => ({ value: number[0].value }),
    },
  ],
};
