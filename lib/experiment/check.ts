/**
 * Checks of what the functions here are given: objects field by field. A field with one wrong letter, or of another
 * type, is a TypeError that names it.
 */
import {
  describeValue,
  requireBoolean,
  requireFunction,
  requireInteger,
  requireNumber,
  requireOneOf,
  requireString,
} from "../arrays/mod.ts";
import { nearest } from "../arrays/nearest.ts";
import type { Bound } from "./bound.ts";
import type { AnyClaim, ClaimSpec, Measured } from "./claims.ts";
import type { Executor, TrialEvents, TrialStore } from "./executor.ts";
import {
  type Claim,
  type Experiment,
  type Knob,
  type Paper,
  type PresetName,
  presetNames,
} from "./experiment.ts";
import type { AnyRow } from "./rows.ts";
import type { Failure, Run } from "./run.ts";
import type { Source } from "./source.ts";
import type { TrialKind } from "./trials.ts";

/** Throws unless a value is as it must be; `name` is its name in the message. */
// deno-lint-ignore no-explicit-any
export type Check = (name: string, value: any) => void;

const text: Check = requireString;
const flag: Check = requireBoolean;
const number: Check = (name, value) => requireNumber(name, value);
const anything: Check = () => {};

/** A function. */
export const callback: Check = requireFunction;

/** An object that is neither an array nor a function. */
export const anyObject: Check = (name, value) => {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
    throw new TypeError(`\`${name}\` must be an object, got ${describeValue(value)}`);
  }
};

/** What may be left out. */
export function maybe(check: Check): Check {
  return (name, value) => value === undefined || check(name, value);
}

/** An array, each entry of which is checked. */
export function list(check: Check): Check {
  return (name, value) => {
    if (!Array.isArray(value)) throw new TypeError(`\`${name}\` must be a list, got ${describeValue(value)}`);
    value.forEach((one, i) => check(`${name}[${i}]`, one));
  };
}

/** An object with any names, each value of which is checked. */
export function record(check: Check): Check {
  return (name, value) => {
    anyObject(name, value);
    for (const [key, one] of Object.entries(value)) check(`${name}.${key}`, one);
  };
}

/** An object with the fields of a type and no others; the compiler refuses a table that is not complete. */
export function fields<T>(table: { readonly [Name in keyof Required<T>]: Check }): Check {
  const names = Object.keys(table);
  return (name, value) => {
    anyObject(name, value);
    for (const key of Object.keys(value)) {
      if (!names.includes(key)) {
        throw new TypeError(
          `\`${name}\` has no field "${key}"${nearest(key, names)}; there are: ${names.join(", ")}`,
        );
      }
    }
    for (const [key, check] of Object.entries(table) as [string, Check][]) {
      check(`${name}.${key}`, value[key]);
    }
  };
}

/** An object with some methods; it may have more, but none that only looks like one of them. */
function methods<T>(table: { readonly [Name in keyof Required<T>]: Check }): Check {
  const names = Object.keys(table);
  return (name, value) => {
    anyObject(name, value);
    const missing = names.filter((known) => !(known in value));
    for (const key of Object.keys(value)) {
      const hint = names.includes(key) ? "" : nearest(key, missing);
      if (hint !== "") throw new TypeError(`\`${name}\` has no method "${key}"${hint}`);
    }
    for (const [key, check] of Object.entries(table) as [string, Check][]) {
      check(`${name}.${key}`, value[key]);
    }
  };
}

const preset: Check = (name, value) => requireOneOf<PresetName>(name, value, presetNames);

const sourceKind: Check = (name, value) =>
  requireOneOf<Source["kind"]>(name, value, ["theorem", "table", "figure", "equation", "derived"]);

const criterion: Check = (name, value) => {
  if (Array.isArray(value)) value.forEach((one, i) => requireInteger(`${name}[${i}]`, one));
  else requireInteger(name, value);
};

const source = fields<Source>({ kind: sourceKind, reference: text, notes: maybe(text) });

/** The thresholds of a claim. */
export const bounds = record(fields<Bound>({ text, allows: callback }));

const claimFields = {
  criterion: maybe(criterion),
  statement: text,
  source,
  headline: maybe(flag),
  figure: ((name, value) => value === undefined || value === null || text(name, value)) as Check,
  decidedBy: maybe(callback),
  measure: callback,
  expect: bounds,
  context: maybe(callback),
};

/** A claim as data, in a table by name. */
export const namedClaim = fields<ClaimSpec<any, Record<string, Measured>>>(claimFields);

/** A claim as data. */
export const claimSpec = fields<AnyClaim>({ id: text, ...claimFields });

/** A claim that has been judged. */
export const judged = fields<Claim>({
  id: text,
  statement: text,
  source: sourceKind,
  reference: text,
  notes: maybe(text),
  expected: text,
  measured: text,
  headline: maybe(flag),
  holds: (name, value) => value === null || flag(name, value),
});

function row(name: string, value: AnyRow): void {
  anyObject(name, value);
  text(`${name}.kind`, value.kind);
}

/** A trial that failed. */
export const failure = fields<Failure>({ trial: anything, label: text, error: text, stack: maybe(text) });

/** The outcome of a run. */
export const run = fields<Run>({
  slug: text,
  preset,
  params: anyObject,
  rows: list(row),
  claims: list(judged),
  failures: list(failure),
  seconds: number,
  interrupted: flag,
});

const paper = fields<Paper>({ authors: text, year: number, arxiv: maybe(text), figure: text });

const knob = fields<Knob>({ parameter: text, label: text, min: number, max: number, step: number });

/** A paper's experiment. */
export const experiment = fields<Experiment>({
  slug: text,
  title: text,
  paper,
  family: text,
  summary: text,
  notReproduced: text,
  presets: fields<Record<PresetName, unknown>>({ quick: anyObject, laptop: anyObject, full: anyObject }),
  knobs: maybe(list(knob)),
  check: maybe(callback),
  trials: callback,
  run: callback,
  label: maybe(callback),
  figures: record(callback),
  claims: list(claimSpec),
});

/** What runs trials. */
export const executor = methods<Executor>({ runAll: callback, end: callback });

/** What keeps the rows of trials. */
export const store = methods<TrialStore>({
  read: callback,
  write: callback,
  started: maybe(callback),
  close: maybe(callback),
});

/** What is told about trials. */
export const events = methods<TrialEvents>({
  start: callback,
  report: callback,
  rows: callback,
  error: callback,
});

/** One kind of trials. */
export const trialKind = fields<TrialKind<unknown, object, never>>({
  over: callback,
  run: callback,
  label: maybe(callback),
});

/** The signal of an AbortController. */
export const signal: Check = (name, value) => {
  if (!(value instanceof AbortSignal)) {
    throw new TypeError(`\`${name}\` must be an AbortSignal, got ${describeValue(value)}`);
  }
};

/** Rows with their kind. */
export const rows: Check = list(row);
