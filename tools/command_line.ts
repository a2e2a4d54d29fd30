/** What the command-line programs share. Imports no package, so that bad usage is told at once. */
import { nearest } from "../lib/arrays/nearest.ts";

/** Prints `tools/help/<command>.txt`, which `make` prints too where there is no Deno yet. */
export function printHelp(command: string): void {
  console.log(Deno.readTextFileSync(new URL(`./help/${command}.txt`, import.meta.url)).trimEnd());
}

/** Ends the program: the command line can't be understood, for the reason given. */
export function refuse(reason: string): never {
  console.error(reason);
  Deno.exit(2);
}

/**
 * Sorts arguments into flags, which are all that the program knows, and other words. `--help` prints the help of the
 * command; an unknown option ends the program.
 */
export function readArguments(
  command: string,
  args: readonly string[],
  flags: readonly string[],
): { flags: Set<string>; words: string[] } {
  if (args.includes("--help") || args.includes("-h")) {
    printHelp(command);
    Deno.exit(0);
  }
  const words = args.filter((word) => !word.startsWith("-"));
  const given = args.filter((word) => word.startsWith("-"));
  const unknown = given.find((word) => !flags.includes(word));
  if (unknown !== undefined) refuse(unknownOption(unknown, flags));
  return { flags: new Set(given), words };
}

/** The sentence about an option that is none. */
export function unknownOption(option: string, known: readonly string[]): string {
  return `Unknown option ${option}${nearest(option, [...known, "--help"])}; see --help`;
}
