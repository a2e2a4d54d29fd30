import { fitLine } from "../../lib/statistics/mod.ts";
import { allWithin, show, showRange } from "../../lib/experiment/legacy.ts";
import type { LegacyClaim as Claim } from "../../lib/experiment/legacy.ts";
import { HORIZON } from "./kernels.ts";
import { part, type Row, type Sampling } from "./rows.ts";

/** RMS errors of the sheet, computed in another language. */
const ZOH: Record<number, number> = {
  32: 0.2959,
  64: 0.2381,
  128: 0.1099,
  256: 0.05124,
  512: 0.02479,
  1024: 0.01136,
};
const BILINEAR: Record<number, number> = { 128: 0.1368, 256: 0.0674, 512: 0.0326, 1024: 0.0149 };
const RAW = [0.304, 0.527, 0.68, 0.804];

/** The claims, measured. */
export function claims(rows: Row[]): Claim[] {
  const errors = part(rows, "error");
  const fits = part(rows, "fit");
  const bases = part(rows, "basis");
  const of = (sampling: Sampling, order: number) =>
    errors.filter((row) => row.sampling === sampling && row.order === order).sort((a, b) => a.n - b.n);
  const against = (list: ReturnType<typeof of>, table: Record<number, number>) =>
    list.filter(({ n }) => n in table).map(({ n, rms }) => rms / table[n] - 1);
  const zoh = of("zoh", 0);
  const large = zoh.filter(({ n }) => n >= 128 && n <= 1024);
  const slope = fitLine(large.map(({ n }) => Math.log(n)), large.map(({ rms }) => Math.log(rms))).slope;
  const zohOff = against(zoh, ZOH);
  const bilinearOff = against(of("bilinear", 0), BILINEAR);
  const whole = of("zoh, B not halved", 0).at(-1)!.rms;
  const signal = Math.sqrt((1 - Math.exp(-2 * HORIZON)) / 2 / HORIZON);
  const third = of("zoh", 3).at(-1)!;
  const raw = [0, 1, 2, 3].map((order) => of("raw", order).at(-1)!.rms);
  const limit = (order: number) =>
    0.5 * Math.sqrt(2 * order + 1) * Math.sqrt((1 - Math.exp(-HORIZON)) / HORIZON);
  const roots = part(rows, "root");
  const agreement = part(rows, "agreement")[0];
  const ROOTS: Record<number, [number, number]> = {
    16: [0.9936033, 0.0565],
    64: [0.9995985, 0.0152],
    256: [0.9999749, 0.00388],
  };
  const pulse = (init: string) =>
    fits.filter((row) => row.init === init && row.target === "pulse at 1, width 0.05").map(({ error }) =>
      error
    );
  const values = (init: string, field: "rank" | "effectiveRank") =>
    bases.filter((row) => row.init === init).map((row) => row[field]);
  const training = part(rows, "training");
  const last = Math.max(...training.map(({ step }) => step));
  const final = (inits: string[]) =>
    training.filter(({ init, step }) => step === last && inits.includes(init)).map(({ loss }) => loss);
  const good = final(["S4D-Lin", "S4D-LegS", "S4D-Inv"]);
  const bad = final(["S4D-Real", "Random"]);
  const digits = part(rows, "digits");
  const epochs = Math.max(0, ...digits.map(({ epoch }) => epoch));
  const accuracy = (init: string) =>
    digits.filter((row) => row.init === init && row.epoch === epochs).map((row) => row.accuracy);
  return [
    {
      id: "kernels-converge",
      statement:
        "Dropping the rank-1 part of HiPPO-LegS and halving B gives, as N grows, the kernels of LegS itself.",
      source: "theorem",
      reference: "Theorem 3; rate derived",
      expected:
        `RMS error over [0, ${HORIZON}) of order 0 within 1 % of the table (0.2959 at N = 32 ... 0.01136 at N = 1024), slope <= -0.95 from N = 128`,
      measured: `within ${show(100 * Math.max(...zohOff.map(Math.abs)), 2)} %, ${
        show(zoh.at(-1)!.rms)
      } at N = ${zoh.at(-1)!.n}, slope ${show(slope)}`,
      headline: true,
      holds: allWithin(zohOff, -0.01, 0.01) && slope <= -0.95,
    },
    {
      id: "third-order",
      statement: "Higher basis functions converge too, more slowly.",
      source: "derived",
      reference: "Theorem 3, n = 3",
      expected: "at N = 1024, order 3: RMS 0.0301 and maximum 0.0865, within 1 %",
      measured: `RMS ${show(third.rms)}, maximum ${show(third.max)} at N = ${third.n}`,
      holds: third.n === 1024
        ? Math.abs(third.rms / 0.0301 - 1) < 0.01 && Math.abs(third.max / 0.0865 - 1) < 0.01
        : null,
    },
    {
      id: "half-matters",
      statement:
        "Without the factor 1/2 on B, the kernels do not converge: the error tends to the size of the kernel.",
      source: "derived",
      reference: "Theorem 3, negative control",
      expected: `RMS error within 3 % of ${show(signal)}`,
      measured: show(whole),
      holds: Math.abs(whole / signal - 1) < 0.03,
    },
    {
      id: "limit-is-weak",
      statement:
        "Point samples never converge: a ripple of constant height stays, which averaging over a sample hides.",
      source: "derived",
      reference: "limit sqrt(2n+1)/2 sqrt((1 - exp(-T))/T)",
      expected: `RMS at N = 1024 of orders 0..3: ${RAW.join(", ")} (limits ${
        [0, 1, 2, 3].map((k) => show(limit(k), 3)).join(", ")
      }), within 1 %`,
      measured: raw.map((rms) => show(rms, 3)).join(", "),
      holds: raw.every((rms, k) => Math.abs(rms / RAW[k] - 1) < 0.01),
    },
    {
      id: "bilinear",
      statement: "Bilinear discretization converges to the same kernels.",
      source: "derived",
      reference: "dt = 0.002, order 0",
      expected: "RMS 0.1368, 0.0674, 0.0326, 0.0149 at N = 128 ... 1024, within 1 %",
      measured: of("bilinear", 0).filter(({ n }) => n in BILINEAR).map(({ rms }) => show(rms)).join(", "),
      holds: allWithin(bilinearOff, -0.01, 0.01),
    },
    {
      id: "inverse-law",
      statement: "The largest root of the LegS spectrum tends to N²/π, which is why S4D-Inv works.",
      source: "derived",
      reference: "section 4.2 (a conjecture in the paper)",
      expected:
        "π ω₀ / N² = 0.9936033, 0.9995985, 0.9999749 and S4D-Inv below by 5.65, 1.52, 0.388 % at N = 16, 64, 256",
      measured: roots.map(({ ratio, invBelow }) => `${show(ratio, 7)} (${show(100 * invBelow, 3)} %)`).join(
        ", ",
      ),
      holds: roots.length > 0 &&
        roots.every(({ n, ratio, invBelow }) =>
          Math.abs(ratio - ROOTS[n][0]) < 1e-7 && Math.abs(invBelow / ROOTS[n][1] - 1) < 0.005
        ),
    },
    {
      id: "normal-part",
      statement: "What is left of LegS is normal, and all of its eigenvalues have real part -1/2.",
      source: "theorem",
      reference: "section 2.2",
      expected: "commutator below 1e-13 of ||A||², real parts -1/2 to 1e-13 N²",
      measured: `commutator ${
        show(Math.max(...roots.map(({ commutator }) => commutator)), 2)
      }, real parts off by ${show(Math.max(...roots.map(({ realPart }) => realPart)), 2)}`,
      holds: roots.length > 0 &&
        roots.every(({ n, commutator, realPart }) => commutator < 1e-13 && realPart < 1e-13 * n * n),
    },
    {
      id: "one-model-three-ways",
      statement: "Convolution, recurrence and the plain sum of exponentials give the same output.",
      source: "derived",
      reference: "section 2.1 and equation 5",
      expected: "relative difference at most 1e-10 in float64, L = 4096",
      measured: `${show(agreement.recurrence, 2)} and ${show(agreement.direct, 2)}`,
      holds: agreement.recurrence <= 1e-10 && agreement.direct <= 1e-10,
    },
    {
      id: "basis",
      statement: "Frozen modes of Lin, LegS and Inv can express a delayed pulse; real ones cannot.",
      source: "derived",
      reference: "section 5.3 (ablation), least squares instead of accuracy",
      expected: "relative error of the pulse at 1, width 0.05: Lin < 1e-4, Real > 0.5, Real >= 10 x LegS",
      measured: `Lin ${showRange(pulse("S4D-Lin"), 2)}, LegS ${showRange(pulse("S4D-LegS"), 3)}, Inv ${
        showRange(pulse("S4D-Inv"), 3)
      }, Real ${showRange(pulse("S4D-Real"))}`,
      holds: allWithin(pulse("S4D-Lin"), 0, 1e-4) && allWithin(pulse("S4D-Real"), 0.5, 1) &&
        pulse("S4D-Real")[0] >= 10 * pulse("S4D-LegS")[0],
    },
    {
      id: "random-basis",
      statement: "Random frozen modes cannot express the pulse either, whatever the draw.",
      source: "derived",
      reference: "section 5.3 (ablation), least squares instead of accuracy",
      expected: `relative error > 0.5 for each of ${pulse("Random").length} draws`,
      measured: `${showRange(pulse("Random"), 3)}; above 0.5 in ${
        pulse("Random").filter((error) => error > 0.5).length
      } of ${pulse("Random").length}`,
      holds: allWithin(pulse("Random"), 0.5, 1),
    },
    {
      id: "rank",
      statement:
        "Real modes are almost dependent, random ones little less: their singular values fall off at once.",
      source: "derived",
      reference: "explanation of the ablation",
      expected:
        "effective rank of 64: Real < 4, Random < LegS / 2, LegS > 40, Lin > 55; numerical rank (1e-8) of Real 15..19",
      measured: `Real ${showRange(values("S4D-Real", "effectiveRank"), 3)} (rank ${
        values("S4D-Real", "rank")
      }), Random ${showRange(values("Random", "effectiveRank"), 3)}, LegS ${
        showRange(values("S4D-LegS", "effectiveRank"), 3)
      } (rank ${values("S4D-LegS", "rank")}), Inv rank ${values("S4D-Inv", "rank")}, Lin ${
        showRange(values("S4D-Lin", "effectiveRank"), 3)
      } (rank ${values("S4D-Lin", "rank")})`,
      holds: allWithin(values("S4D-Real", "effectiveRank"), 1, 4) &&
        allWithin(values("Random", "effectiveRank"), 1, values("S4D-LegS", "effectiveRank")[0] / 2) &&
        allWithin(values("S4D-LegS", "effectiveRank"), 40, 64) &&
        allWithin(values("S4D-Lin", "effectiveRank"), 55, 64) &&
        allWithin(values("S4D-Real", "rank"), 15, 19),
    },
    {
      id: "training",
      statement:
        "Training does not make up for a bad start: real and random spectra stay far from the target.",
      source: "derived",
      reference: "section 5.3 (ablation), one kernel instead of a network",
      expected: "final loss of every seed: Lin, LegS, Inv < 0.05; Real, Random > 0.3",
      measured: `${showRange(good, 2)} against ${showRange(bad, 2)}`,
      holds: last >= 500 && allWithin(good, 0, 0.05) && allWithin(bad, 0.3, 10),
    },
    {
      id: "digits",
      statement:
        "Two S4D-LegS layers learn to read digits pixel by pixel; the same network with real modes does not keep up.",
      source: "derived",
      reference: "section 5 (sequential images), UCI digits instead of CIFAR",
      expected: "test accuracy of LegS above 0.5 (chance 0.1) and above that of Real",
      measured: digits.length === 0
        ? "not run"
        : `LegS ${showRange(accuracy("S4D-LegS"), 3)}, Real ${
          showRange(accuracy("S4D-Real"), 3)
        } after ${epochs} epochs`,
      holds: digits.length === 0
        ? null
        : Math.min(...accuracy("S4D-LegS")) > Math.max(0.5, ...accuracy("S4D-Real")),
    },
  ];
}
