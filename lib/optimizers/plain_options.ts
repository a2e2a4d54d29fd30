/** Options as plain JSON, for saving. Not public. */
import { describeValue } from "../arrays/mod.ts";

/**
 * A copy of options in which typed arrays are arrays and what is undefined is left out.
 *
 * @param keepOthers Whether anything else, such as a function, is kept as it is; else it is refused.
 * @throws {TypeError} naming the option, nested ones too, that is not made of numbers, strings, booleans,
 * arrays and plain objects.
 */
export function plainOptions<Options extends object>(options: Options, keepOthers: boolean): Options {
  return copyOf(options, "", keepOthers) as Options;
}

function copyOf(value: unknown, path: string, keepOthers: boolean): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  const isArray = Array.isArray(value) || ArrayBuffer.isView(value) && "length" in value;
  if (isArray) {
    return Array.from(value as ArrayLike<unknown>, (item, i) => copyOf(item, `${path}[${i}]`, keepOthers));
  }
  if (typeof value === "object" && !ArrayBuffer.isView(value) && isPlain(value!)) {
    return Object.fromEntries(
      Object.entries(value!).filter(([, item]) => item !== undefined).map(([key, item]) => [
        key,
        copyOf(item, path === "" ? key : `${path}.${key}`, keepOthers),
      ]),
    );
  }
  if (keepOthers) return value;
  throw new TypeError(
    `\`${path}\` is ${
      describeValue(value)
    } and cannot be saved: save the model without its optimizer, and its ` +
      "state by `getWeights`",
  );
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype.constructor?.name === "Object";
}
