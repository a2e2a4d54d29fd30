import { experiment } from "./experiments/kolmogorov-arnold-transformer/mod.ts";
import { setBlasThreads } from "refigure/blas";
setBlasThreads(1);
const p = (experiment.presets as any)[Deno.args[0]];
const by: Record<string, number> = {};
const cpu = () => { const t = Deno.readTextFileSync("/proc/self/stat").split(") ")[1].split(" "); return (Number(t[11]) + Number(t[12])) / 100; };
for (const t of experiment.trials(p) as any[]) { const a = cpu(); await experiment.run(t, () => {}); const k = t.kind + " " + (t.network ?? ""); by[k] = (by[k] ?? 0) + cpu() - a; }
console.log(by, "total", cpu());
