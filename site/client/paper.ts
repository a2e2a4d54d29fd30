/** The page of a paper: interactive figures, and the experiment run in the reader's browser. */
import type { AnyRow, Claim, Figure, Knob } from "../../lib/experiment/mod.ts";
import type { ClaimLinks } from "../pages/parts.ts";
import { Figures } from "./figures.ts";
import { knobsOf } from "./knobs.ts";
import type { RunHere } from "./run.ts";

/** What the page has of the paper. */
interface PaperData {
  slug: string;
  quick: Record<string, unknown>;
  knobs: Knob[];
  links: Record<string, { notes?: string; figure?: ClaimLinks["figure"] }>;
}

/** Growing figures are drawn at most this often, in milliseconds. */
const REDRAW = 400;

const element = <Kind extends HTMLElement = HTMLElement>(id: string) => document.getElementById(id) as Kind;
const paper: PaperData = JSON.parse(element("paper").textContent!);
const claims = element("claims");
const headline = document.getElementById("headline");
const status = element("status");
const failures = element("failures");
const storedButton = element("stored");
const runButton = element<HTMLButtonElement>("run");
const stopButton = element("stop");
const knobs = knobsOf(element<HTMLFormElement>("knobs"), paper.knobs, paper.quick);
const stored = {
  claims: claims.innerHTML,
  headline: headline?.innerHTML ?? "",
  count: element("claims-count").textContent!,
  from: element("claims-from").textContent!,
};
const figures = new Figures(storedSpec);
let running: AbortController | undefined;

figures.showKey(storedSpec);
element<HTMLFormElement>("knobs").addEventListener("submit", (event) => {
  event.preventDefault();
  if (running === undefined) run();
});
stopButton.addEventListener("click", () => running?.abort());
storedButton.addEventListener("click", showStored);
for (const button of document.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
  button.addEventListener("click", () => copy(button));
}

/** The figure as it was stored. */
async function storedSpec(name: string): Promise<Figure> {
  const response = await fetch(new URL(`${name}.vl.json`, document.baseURI));
  if (!response.ok) throw new Error(`its data cannot be loaded (${response.status})`);
  return await response.json();
}

async function run(): Promise<void> {
  const params = knobs.changed();
  running = new AbortController();
  setBusy(true);
  tell("Loading the experiment");
  element<HTMLProgressElement>("bar").removeAttribute("value");
  showFailures([]);
  try {
    const [{ runHere, drawHere }, { timeLeft }] = await Promise.all([
      import("./run.ts"),
      import("../../lib/experiment/time_left.ts"),
    ]);
    const specFrom = (rows: readonly AnyRow[]) => async (name: string): Promise<Figure> => {
      const [drawn] = await drawHere(paper.slug, rows, [name]);
      if ("error" in drawn) throw new Error(drawn.error);
      return drawn.spec;
    };
    const grow = growing(async (rows: AnyRow[]) => {
      // Too few rows for the figure yet: the old one stays until there are more.
      const [drawn] = await drawHere(paper.slug, rows, [figures.key]);
      if ("spec" in drawn) await figures.showKey(() => Promise.resolve(drawn.spec));
    });
    const result = await runHere(paper.slug, {
      params,
      signal: running.signal,
      onProgress: ({ done, total, fraction, seconds }) => {
        element<HTMLProgressElement>("bar").value = fraction;
        const left = timeLeft(fraction, seconds);
        tell(`${done} of ${total} trials${left === "" ? "" : `, ${left}`}`);
      },
      onRows: grow.update,
    });
    await grow.end();
    if (result.rows.length > 0) await figures.showAll(specFrom(result.rows));
    await showResult(result, params);
  } catch (error) {
    tell("The run failed.");
    showFailures([error instanceof Error ? error.message : String(error)]);
  } finally {
    running = undefined;
    setBusy(false);
  }
}

/** Verdicts of a run in place of the stored ones; a stopped run has none. */
async function showResult(result: RunHere, params: Record<string, number>): Promise<void> {
  const { groupFailures, countText, headlineFirst } = await import("../../lib/experiment/mod.ts");
  const { claimItem, headlineCard } = await import("../pages/parts.ts");
  const values = Object.entries(params).map(([name, value]) => `${name} = ${value}`).join(", ");
  const own = values === "" ? "" : ` with your values (${values}), not the paper's`;
  const seconds = result.seconds.toFixed(1);
  showFailures(
    groupFailures(result.failures).map(({ error, labels }) =>
      `${labels[0]}${labels.length > 1 ? ` and ${labels.length - 1} more` : ""}: ${error}`
    ),
  );
  storedButton.hidden = false;
  if (result.interrupted) {
    tell(`Stopped after ${seconds} s. The figures show the rows so far.`);
    setCard(stored.claims, stored.headline, stored.count, `${stored.from}; the stopped run has no verdicts.`);
    return;
  }
  const judged: Claim[] = headlineFirst(result.claims);
  const items = judged.map((claim) => {
    const { notes, figure } = paper.links[claim.id] ?? {};
    return claimItem(claim, { notes: () => notes, figure }).text;
  });
  const first = judged.find(({ headline }) => headline) ?? judged[0];
  const where = `Measured in this browser, at quick size${own}, in ${seconds} s.`;
  setCard(
    items.join(""),
    headlineCard(first, `Headline claim, measured here${own}`).text,
    countText(judged),
    where,
  );
  tell(`Done in ${seconds} s: ${countText(judged)}.`);
}

async function showStored(): Promise<void> {
  setCard(stored.claims, stored.headline, stored.count, stored.from);
  storedButton.hidden = true;
  tell("");
  showFailures([]);
  await figures.showAll(storedSpec);
}

function setCard(items: string, first: string, count: string, from: string): void {
  claims.innerHTML = items;
  if (headline !== null) headline.innerHTML = first;
  element("claims-count").textContent = count;
  element("claims-from").textContent = from;
}

function setBusy(busy: boolean): void {
  runButton.disabled = busy;
  runButton.textContent = busy ? "Running" : "Run";
  stopButton.hidden = !busy;
  element("running").hidden = !busy;
  storedButton.toggleAttribute("disabled", busy);
  // The verdicts on the page are not those of what is running.
  for (const card of [claims, headline]) {
    card?.classList.toggle("stale", busy);
    card?.setAttribute("aria-busy", String(busy));
  }
}

function tell(text: string): void {
  status.textContent = text;
}

function showFailures(messages: readonly string[]): void {
  failures.hidden = messages.length === 0;
  const list = document.createElement("ul");
  for (const message of messages) {
    list.append(Object.assign(document.createElement("li"), { textContent: message }));
  }
  failures.replaceChildren(list);
}

/** Calls `draw` with the latest value, one call at a time, not too often, and for at most a fifth of the time. */
function growing<Value>(draw: (value: Value) => Promise<void>) {
  let latest: { value: Value } | undefined;
  let drawing: Promise<void> | undefined;
  let pause: ReturnType<typeof setTimeout> | undefined;
  const next = async () => {
    pause = undefined;
    if (latest === undefined) return;
    const { value } = latest;
    latest = undefined;
    const start = performance.now();
    drawing = draw(value).catch(() => {});
    await drawing;
    drawing = undefined;
    pause = setTimeout(next, Math.max(REDRAW, 4 * (performance.now() - start)));
  };
  return {
    update(value: Value): void {
      latest = { value };
      if (drawing === undefined && pause === undefined) next();
    },
    /** Forgets what is not drawn yet, and resolves when nothing is being drawn. */
    async end(): Promise<void> {
      latest = undefined;
      await drawing;
      clearTimeout(pause);
    },
  };
}

async function copy(button: HTMLButtonElement): Promise<void> {
  const text = element(button.dataset.copy!).textContent!;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    // Without permission, or on a page that is not secure: selected, for the reader's own keys.
    getSelection()!.selectAllChildren(element(button.dataset.copy!));
    button.textContent = "Selected";
  }
  setTimeout(() => button.textContent = "Copy", 2000);
}
