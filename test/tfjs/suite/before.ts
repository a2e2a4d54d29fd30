/**
 * What is bundled before tfjs-core's tests: jasmine, the backends, and the one environment that the tests run
 * in. Never run by itself; bundle.ts makes a program of it, and run.ts runs that.
 */
import "@tensorflow/tfjs-backend-cpu";
import "@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops.js";
import "@tensorflow/tfjs-core/dist/register_all_gradients.js";
import { registerBackend, removeBackend } from "@tensorflow/tfjs-core";
import { setTestEnvs, setupTestFilters } from "@tensorflow/tfjs-core/dist/jasmine_util.js";
import jasmineRequire from "jasmine-core/lib/jasmine-core/jasmine.js";
import { blasInfo } from "../../../lib/blas/mod.ts";
import { NativeBackend } from "../../../lib/tfjs/backend.ts";
import { register } from "../../../lib/tfjs/register.ts";
import type { Line, RunOptions } from "./run.ts";

/** Expectations that failed. */
interface Failures {
  fullName?: string;
  status?: string;
  overallStatus?: string;
  failedExpectations?: { message: string; stack?: string }[];
}

const { backend, kernels, report, only }: RunOptions & { report: string } = JSON.parse(Deno.args[0]);

const jasmine = jasmineRequire.core(jasmineRequire);
const env = jasmine.getEnv({ suppressLoadErrors: true });
Object.assign(globalThis, jasmineRequire.interface(jasmine, env), { jasmine });

register();
if (kernels !== undefined) {
  removeBackend("native");
  registerBackend("native", () => new NativeBackend({ kernels }));
}
setTestEnvs([{ name: backend, backendName: backend, isDataSync: true }]);
env.configure({ random: false });
// Tests in workers would load another tfjs from the network.
const isWanted = (name: string) =>
  !name.includes("computation in worker") && (only === undefined || name.includes(only));
setupTestFilters([], isWanted);

const file = Deno.openSync(report, { write: true, create: true, truncate: true });
const write = (line: Line) => file.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
// Every name has the environment's; without it those of two backends are alike.
const nameOf = (of: Failures) => (of.fullName ?? "all").replaceAll(` ${backend} {}`, "");
const messagesOf = (of: Failures) => (of.failedExpectations ?? []).map(({ message }) => message);

env.addReporter({
  jasmineStarted: () => write({ engine: blasInfo().engine }),
  specStarted: (spec: Failures) => write({ started: nameOf(spec) }),
  specDone: (spec: Failures) => {
    if (spec.status !== "excluded") {
      write({ name: nameOf(spec), status: spec.status!, messages: messagesOf(spec) });
    }
  },
  suiteDone: (suite: Failures) => {
    if (messagesOf(suite).length > 0) write({ outside: nameOf(suite), messages: messagesOf(suite) });
  },
  jasmineDone: (result: Failures) => write({ ended: result.overallStatus! }),
});
globalThis.addEventListener("unhandledrejection", (event) => {
  event.preventDefault();
  write({ outside: "a promise", messages: [String(event.reason)] });
});
