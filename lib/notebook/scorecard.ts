import {
  type Claim,
  groupFailures,
  headlineFirst,
  type Run,
  scorecardText,
  verdictSign,
} from "../experiment/mod.ts";
import { run as runCheck } from "../experiment/check.ts";
import { type Displayable, displaySymbol, escapeHtml, type MediaBundle } from "./display.ts";
import { experimentOf } from "./reproduce.ts";

/**
 * The claims of a run beside what was measured, the headline first: a table, and the same as text.
 *
 * @param run What `reproduce` returned.
 * @throws {TypeError} if `run` is something else.
 *
 * @example
 * ```ts
 * import { type Run, scorecard } from "refigure/notebook";
 * import { assertThrows } from "@std/assert";
 *
 * // scorecard(await reproduce("matrix-sensing-overparam"))
 * assertThrows(() => scorecard(undefined as unknown as Run), TypeError, "`run` must be what `reproduce` returns");
 * ```
 */
export function scorecard(run: Run): Displayable {
  const { slug, claims, failures }: Partial<Run> = typeof run === "object" && run !== null ? run : {};
  if (typeof slug !== "string" || !Array.isArray(claims) || !Array.isArray(failures)) {
    const given = run instanceof Promise
      ? "a promise: await it"
      : Array.isArray(run)
      ? "a list"
      : typeof run === "object" && run !== null
      ? "another object"
      : String(run);
    throw new TypeError(`\`run\` must be what \`reproduce\` returns, got ${given}`);
  }
  runCheck("run", run);
  return { [displaySymbol]: () => scorecardBundle(run) };
}

async function scorecardBundle(run: Run): Promise<MediaBundle> {
  const experiment = await experimentOf(run);
  const { title, paper } = experiment;
  const html = `<table style="max-width:900px;border-collapse:collapse">` +
    `<caption style="caption-side:top;text-align:left;padding:4px 0">${
      escapeHtml(heading(run, title, paper))
    }` +
    `<br><span style="opacity:.75">${
      escapeHtml(setting(run, experiment.presets[run.preset]))
    }</span></caption>` +
    `<thead><tr>${
      ["Holds", "Claim", "Expected", "Measured"].map((name) => cell("th", `scope="col"`, name)).join("")
    }</tr></thead><tbody>${
      headlineFirst(run.claims).map(claimRow).join("") + failureRows(run)
    }</tbody></table>`;
  return { "text/html": html, "text/plain": scorecardText(run, title) };
}

function heading(run: Run, title: string, paper: { authors: string; year: number }): string {
  const held = run.claims.filter(({ holds }) => holds).length;
  const verdict = run.interrupted
    ? "interrupted, so nothing is claimed"
    : `${held} of ${run.claims.length} claims hold`;
  return `${title} (${paper.authors}, ${paper.year}): ${verdict}`;
}

/** The preset and every parameter that differs from it. */
function setting(run: Run, preset: object): string {
  const usual = preset as Record<string, unknown>;
  const used = run.params as Record<string, unknown>;
  const changed = Object.keys(used).filter((key) => JSON.stringify(used[key]) !== JSON.stringify(usual[key]));
  const knobs = changed.map((key) => `${key} = ${JSON.stringify(used[key])}`);
  const seed = changed.includes("seed") ? [] : [`seed ${used.seed}`];
  return [`${run.preset} preset`, ...seed, ...knobs].join(", ");
}

function claimRow(claim: Claim): string {
  const { statement, source, reference, expected, measured, headline, holds } = claim;
  const [word, color] = holds === null
    ? ["undecided", "#7a5c00"]
    : holds
    ? ["yes", "#00694d"]
    : ["no", "#b04a00"];
  const weight = headline ? "font-weight:600" : "";
  const origin = `<br><span style="opacity:.75;font-weight:400">${
    escapeHtml(`${source}: ${reference}`)
  }</span>`;
  return `<tr>${
    cell("td", `style="white-space:nowrap;color:${color}"`, `${verdictSign(holds)} ${word}`, true) +
    cell("td", `style="${weight}"`, `${headline ? "Headline: " : ""}${escapeHtml(statement)}`, true) +
    cell("td", "", escapeHtml(expected) + origin, true) +
    cell("td", "", measured)
  }</tr>`;
}

function failureRows({ failures }: Run): string {
  return groupFailures(failures).map(({ labels, error }) =>
    `<tr>${
      cell("td", `style="white-space:nowrap;color:#b04a00"`, "✗ failed") +
      cell(
        "td",
        `colspan="3" style="overflow-wrap:anywhere"`,
        `${labels[0]}${labels.length > 1 ? ` and ${labels.length - 1} more` : ""}: ${error}`,
      )
    }</tr>`
  ).join("");
}

/** A cell; its content is escaped unless it is HTML already. */
function cell(tag: "th" | "td", attributes: string, content: string, isHtml = false): string {
  const base = "text-align:left;vertical-align:top;padding:4px 10px 4px 0";
  const own = /style="([^"]*)"/.exec(attributes)?.[1] ?? "";
  const rest = attributes.replace(/\s*style="[^"]*"/, "");
  const style = [base, own].filter(Boolean).join(";");
  return `<${tag}${rest === "" ? "" : ` ${rest}`} style="${style}">${
    isHtml ? content : escapeHtml(content)
  }</${tag}>`;
}
