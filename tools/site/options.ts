import type { PresetName } from "../../lib/experiment/mod.ts";
import { unknownOption } from "../command_line.ts";
import { presetNamed, slugNamed, UsageError } from "../reproduce/options.ts";

/** The command line of `deno task site`, understood. */
export interface SiteOptions {
  /** Which papers; default all of them. */
  slugs: string[];
  /** Which preset the stored figures and verdicts come from. */
  preset: PresetName;
  /** Folder that the site is written into. */
  out: string;
  /** Port to serve it on afterwards. */
  port?: number;
  /** Prints the help only. */
  help: boolean;
}

const OPTIONS = ["--preset", "--out", "--serve", "--help"];
/** Where `--serve` alone serves. */
const USUAL_PORT = 8000;

/** Understands the command line. @throws {UsageError} naming the word that is wrong and what is allowed. */
export function parseSiteOptions(args: readonly string[], known: readonly string[]): SiteOptions {
  const options: SiteOptions = { slugs: [], preset: "laptop", out: ".cache/site", help: false };
  // `--preset=quick` is `--preset quick`.
  const words = args.flatMap((word) => /^--\w+=/.test(word) ? word.split(/=(.*)/s).slice(0, 2) : [word]);
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    const value = () => {
      const text = words[++i] ?? "";
      if (text.trim() === "" || text.startsWith("--")) {
        throw new UsageError(`${word} needs a value; see --help`);
      }
      return text;
    };
    if (word === "--help" || word === "-h") options.help = true;
    else if (word === "--preset") options.preset = presetNamed(value());
    else if (word === "--out") options.out = value();
    else if (word === "--serve") {
      const isPort = /^[^-]/.test(words[i + 1] ?? "");
      options.port = isPort ? portOf(words[++i]) : USUAL_PORT;
    } else if (word.startsWith("-")) throw new UsageError(unknownOption(word, OPTIONS));
    else options.slugs.push(slugNamed(word, known));
  }
  if (options.slugs.length === 0) options.slugs = [...known];
  return options;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) {
    throw new UsageError(`--serve takes a port from 1 to 65535, got "${text}"`);
  }
  return port;
}
