/** Tarballs as npm has them: gzip over ustar, files only. */
import { gzipSync } from "node:zlib";

const BLOCK = 512;
const text = new TextDecoder();
const bytes = new TextEncoder();

/** Reads the files of a tarball. */
export async function readTarball(data: Uint8Array<ArrayBuffer>): Promise<Map<string, Uint8Array>> {
  const plain = new Blob([data]).stream().pipeThrough(new DecompressionStream("gzip"));
  const tar = new Uint8Array(await new Response(plain).arrayBuffer());
  const files = new Map<string, Uint8Array>();
  for (let at = 0; tar[at] !== 0;) {
    const field = (from: number, length: number) =>
      text.decode(tar.subarray(at + from, at + from + length)).replace(/\0.*/s, "");
    const prefix = field(345, 155);
    const name = prefix === "" ? field(0, 100) : `${prefix}/${field(0, 100)}`;
    const kind = field(156, 1);
    if (kind !== "" && kind !== "0") {
      throw new Error(`${name} is no file in the tarball, but of type ${kind}`);
    }
    const size = parseInt(field(124, 12), 8);
    files.set(name, tar.slice(at + BLOCK, at + BLOCK + size));
    at += BLOCK * (1 + Math.ceil(size / BLOCK));
  }
  return files;
}

/** Options of {@linkcode writeTarball}. */
export interface TarballOptions {
  /** From 1, fast, to 9, small. Default 9. */
  level?: number;
}

/** Writes a tarball. The same files give the same bytes, in any order, at any time, on any system. */
export function writeTarball(
  files: ReadonlyMap<string, Uint8Array>,
  { level = 9 }: TarballOptions = {},
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [];
  for (const [name, data] of [...files].sort(([a], [b]) => a < b ? -1 : 1)) {
    parts.push(header(name, data.length), data, new Uint8Array(-data.length & (BLOCK - 1)));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const zipped = new Uint8Array(gzipSync(joined(parts), { level }));
  zipped[9] = 255; // the system that made it: unknown
  return zipped;
}

function header(name: string, size: number): Uint8Array {
  // Of a long name the first folders stand in a field of their own.
  const slash = name.length <= 100 ? -1 : name.indexOf("/", name.length - 101);
  if (name.length > 100 && (slash < 0 || slash > 155)) throw new Error(`${name} is too long for a tarball`);
  const block = new Uint8Array(BLOCK);
  const put = (from: number, content: string) => block.set(bytes.encode(content), from);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, "0")}\0`;
  put(0, name.slice(slash + 1));
  put(100, octal(0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  put(124, octal(size, 11));
  put(136, octal(0, 11));
  put(148, " ".repeat(8)); // the sum is made with blanks in its place
  put(156, "0");
  put(257, "ustar\0");
  put(263, "00");
  put(345, name.slice(0, Math.max(0, slash)));
  put(148, `${octal(block.reduce((sum, byte) => sum + byte, 0), 6)} `);
  return block;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
