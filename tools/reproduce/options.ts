import { nearest } from "../../lib/arrays/nearest.ts";
import { type PresetName, presetNames } from "../../lib/experiment/mod.ts";

/** The command line, understood. */
export interface CliOptions {
  slugs: string[];
  preset: PresetName;
  workers?: number;
  seed?: number;
  timeout?: number;
  shard?: { index: number; count: number };
  /** Address of a Dask scheduler, `tcp://host:port`. */
  on?: string;
  fresh: boolean;
  out: string;
  json: boolean;
  list: boolean;
  help: boolean;
}

/** The command line can't be understood; the message is one sentence for the user. */
export class UsageError extends Error {
  override name = "UsageError";
}

const FLAGS = ["--fresh", "--json", "--list", "--help"];
const OPTIONS = ["--preset", "--workers", "--seed", "--timeout", "--on", "--shard", "--out", ...FLAGS];
/** Seeds are counted upwards and split, so the largest one leaves room. */
const LARGEST_SEED = 2 ** 48;

/** Understands the command line. @throws {UsageError} naming the word that is wrong and what is allowed. */
export function parseOptions(args: readonly string[], known: readonly string[]): CliOptions {
  const options: CliOptions = {
    slugs: [],
    preset: "laptop",
    fresh: false,
    out: "results",
    json: false,
    list: false,
    help: false,
  };
  // `--preset=quick` is `--preset quick`.
  const words = args.flatMap((word) => /^--\w+=/.test(word) ? word.split(/=(.*)/s).slice(0, 2) : [word]);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const value = () => {
      if (i + 1 >= words.length) throw new UsageError(`${word} needs a value; see --help`);
      const text = words[++i];
      if (text.trim() === "") throw new UsageError(`${word} must not be empty; see --help`);
      return text;
    };
    if (word === "--help" || word === "-h") options.help = true;
    else if (FLAGS.includes(word)) options[word.slice(2) as "fresh" | "json" | "list"] = true;
    else if (word === "--preset") options.preset = presetNamed(value());
    else if (word === "--workers") options.workers = integer(word, value(), 1, 1024);
    else if (word === "--seed") options.seed = integer(word, value(), -LARGEST_SEED, LARGEST_SEED);
    else if (word === "--timeout") options.timeout = seconds(word, value());
    else if (word === "--shard") options.shard = shardOf(value());
    else if (word === "--on") options.on = scheduler(value());
    else if (word === "--out") options.out = value();
    else if (word.startsWith("-")) {
      throw new UsageError(`Unknown option ${word}${nearest(word, OPTIONS)}; see --help`);
    } else if (word !== "all") options.slugs.push(slugNamed(word, known));
  }
  for (const name of ["workers", "timeout"] as const) {
    if (options.on !== undefined && options[name] !== undefined) {
      throw new UsageError(`--${name} is of this machine and has no effect with --on: leave one of them out`);
    }
  }
  if (options.slugs.length === 0 || words.includes("all")) options.slugs = [...known];
  options.slugs = [...new Set(options.slugs)];
  return options;
}

/** The preset of that name. @throws {UsageError} if there is none. */
export function presetNamed(name: string): PresetName {
  const preset = presetNames.find((one) => one === name);
  if (preset === undefined) {
    throw new UsageError(
      `Unknown preset "${name}"${nearest(name, presetNames)}; there are: ${presetNames.join(", ")}`,
    );
  }
  return preset;
}

/** The slug, if there is such a paper. @throws {UsageError} if there is none. */
export function slugNamed(slug: string, known: readonly string[]): string {
  if (known.includes(slug)) return slug;
  throw new UsageError(`Unknown paper "${slug}"${nearest(slug, known)}; there are: ${known.join(", ")}`);
}

function integer(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isInteger(value) || value < min || value > max) {
    throw new UsageError(`${option} must be an integer from ${min} to ${max}, got "${text}"`);
  }
  return value;
}

function seconds(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0 && value < Infinity)) {
    throw new UsageError(`${option} must be a positive number of seconds, got "${text}"`);
  }
  return value;
}

function scheduler(text: string): string {
  const [, place] = /^dask:\/\/([^\s/]+:\d+)$/.exec(text) ?? [];
  if (place === undefined) {
    throw new UsageError(`--on must be dask://HOST:PORT, such as dask://127.0.0.1:8786, got "${text}"`);
  }
  return `tcp://${place}`;
}

function shardOf(text: string): { index: number; count: number } {
  const [, index, count] = /^(\d+)\/(\d+)$/.exec(text) ?? [];
  if (index === undefined || Number(count) < 1 || Number(index) >= Number(count)) {
    throw new UsageError(`--shard must be I/N with I from 0 to N-1, such as 0/4, got "${text}"`);
  }
  return { index: Number(index), count: Number(count) };
}
