/**
 * The types of a module, for every setting of TypeScript that a user may have.
 *
 * - Types of packages that need not be installed, where the module itself does not load them, are `any` then.
 * - `Disposable` is declared, whatever the user's `lib` is.
 */
export function portableTypes(declarations: string, optional: readonly string[]): string {
  const imports = declarations.replace(
    /(?<=^|\*\/ )import type [^;]*? from "([^"]+)";/gm,
    (line, name) => optional.includes(name) ? `\n// @ts-ignore: an optional package\n${line}` : line,
  );
  return /\bDisposable\b|\bSymbol\.dispose\b/.test(imports)
    ? `/// <reference lib="esnext.disposable" />\n${imports}`
    : imports;
}
