import { assertEquals } from "@std/assert";
import { dailyWeather, digits, mobyDick, seattleWeather, textDomains, usEmployment } from "refigure/datasets";

Deno.test("digits: sizes, checksum and class counts of the published file", () => {
  const { images, labels } = digits();
  assertEquals([images.rows, images.columns], [1797, 64]);
  assertEquals(images.data.reduce((sum, x) => sum + 16 * x, 0), 561718);
  const counts = new Array(10).fill(0);
  for (const label of labels) counts[label]++;
  assertEquals(counts, [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]);
});

Deno.test("moby dick: tokens index the alphabet and spell the text", () => {
  const { tokens, alphabet } = mobyDick();
  assertEquals([tokens.length, alphabet.length], [81214, 73]);
  assertEquals([...tokens.slice(0, 20)].map((t) => alphabet[t]).join(""), "CHAPTER 1. Loomings.");
});

Deno.test("seattle weather: sums and ranges of the published file", () => {
  const { pressure, temperature, wind } = seattleWeather();
  const tenths = (values: Float64Array) => values.reduce((sum, x) => sum + Math.round(10 * x), 0);
  assertEquals([tenths(pressure), tenths(temperature), tenths(wind)], [89098369, 974668, 315117]);
  assertEquals([Math.min(...temperature), Math.max(...temperature)], [3.1, 24.4]);
  assertEquals([pressure[8758], temperature[8758], wind[8758]], [1016.7, 4.3, 4]);
});

Deno.test("us employment and daily weather: sums and ends of the published files", () => {
  const { values } = usEmployment();
  const column = (data: { rows: number; get(i: number, j: number): number }, j: number) =>
    Array.from({ length: data.rows }, (_, i) => Math.round(10 * data.get(i, j)));
  const total = (of: number[]) => of.reduce((a, b) => a + b, 0);
  assertEquals(Array.from({ length: 22 }, (_, j) => total(column(values, j))), [
    162790280,
    136210130,
    23572270,
    139218010,
    112637860,
    932880,
    7638570,
    15000820,
    9399440,
    5601380,
    31008680,
    6901320,
    18079924,
    5362888,
    664493,
    3371280,
    9590030,
    21482710,
    24155060,
    16477700,
    6552400,
    26580150,
  ]);
  const days = dailyWeather();
  assertEquals(Array.from({ length: 8 }, (_, j) => total(column(days, j))), [
    44260,
    240175,
    120310,
    47353,
    41786,
    249819,
    131342,
    72482,
  ]);
});

Deno.test("text domains: distinct passages of 120 words, of the texts that are named", async () => {
  const domains = await textDomains();
  const names = ["early speeches", "late speeches", "novel", "manual pages", "source code"];
  assertEquals(domains.map(({ name }) => name), names);
  for (const { passages } of domains) {
    assertEquals(passages.length, 260);
    for (const passage of passages) assertEquals(passage.split(" ").length, 120);
  }
  // Words that each kind has and the others hardly have.
  for (const [at, word] of [[1, /America/], [2, /whale/i], [3, /```/], [4, /require\(/]] as const) {
    const counts = domains.map(({ passages }) => passages.filter((passage) => word.test(passage)).length);
    assertEquals(counts.indexOf(Math.max(...counts)), at, `${word}: ${counts}`);
  }
});
