/**
 * Tables of speed in docs: between `<!-- bench: "word" "word" -->` and `<!-- /bench -->` stands what the rows with one of
 * these words in their names came to.
 */
import type { BenchRow } from "./bench.ts";

const BLOCK = /(<!-- bench:((?: "[^"]+")+) -->)[\s\S]*?(<!-- \/bench -->)/g;

/** The words of the blocks of a page, block by block. */
export function blocksOf(page: string): string[][] {
  return [...page.matchAll(BLOCK)].map(([, , words]) => wordsOf(words));
}

/** The page with its blocks renewed; one without any row that is named stays as it is. */
export function renewed(page: string, rows: readonly BenchRow[], caption: string): string {
  return page.replace(BLOCK, (block, begin: string, words: string, end: string) => {
    const own = rows.filter(({ name }) => wordsOf(words).some((word) => name.includes(word)));
    return own.length === 0 ? block : `${begin}\n\n${caption}\n\n${markdownTable(own)}\n\n${end}`;
  });
}

/** A line for what is timed, a column for each peer: ours / peer. Columns that are empty everywhere are left out. */
export function markdownTable(rows: readonly BenchRow[]): string {
  const split = rows.map((row) => {
    const at = row.name.lastIndexOf(" / ");
    return {
      ...row,
      what: row.name.slice(0, at),
      peer: row.name.slice(at + 3).replace(/^torch$/, "pytorch"),
    };
  });
  const peers = [...new Set(split.map(({ peer }) => peer))];
  const whats = [...new Set(split.map(({ what }) => what))];
  const hasFloor = rows.some(({ floor_share }) => floor_share !== null);
  const lines = whats.map((what) => {
    const own = split.filter((row) => row.what === what);
    const ours = own.find(({ ours_ms }) => ours_ms !== null)?.ours_ms;
    const share = own.find(({ floor_share }) => floor_share !== null)?.floor_share;
    return [
      what.replaceAll("|", "\\|"),
      ours === undefined || ours === null ? "" : milliseconds(ours),
      ...peers.map((peer) => cell(own.find((row) => row.peer === peer))),
      ...(hasFloor ? [share === undefined || share === null ? "" : `${Math.round(100 * share)} %`] : []),
    ];
  });
  const head = [
    "",
    "ours, ms",
    ...peers.map((peer) => `ours / ${peer}`),
    ...(hasFloor ? ["share of the floor"] : []),
  ];
  return [head, head.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cell(row: BenchRow | undefined): string {
  if (row === undefined) return "";
  if (row.ratio !== null) return row.ratio.toPrecision(2);
  return row.note?.startsWith("failed") ? "failed" : "not installed";
}

function milliseconds(value: number): string {
  return Number(value.toPrecision(2)).toString();
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]+)"/g)].map(([, word]) => word);
}
