/** The gallery of a folder with a paper that works and two that do not. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { galleryCards } from "refigure/notebook";
import { galleryBundle } from "../../lib/notebook/gallery.ts";

const root = new URL("./fixtures/papers/", import.meta.url);

Deno.test("a paper that cannot be loaded or run does not end the gallery", async () => {
  const told: string[] = [];
  const cards = await galleryCards(undefined, { root, onPaper: (i, slug) => told.push(`${i} ${slug}`) });
  assertEquals(told, ["0 cannot-be-loaded", "1 every-trial-fails", "2 well"]);
  assertEquals(cards.map(({ slug, verdict, problem }) => [slug, verdict, problem?.split(":").at(-1)]), [
    ["cannot-be-loaded", "failed", " this paper cannot be loaded"],
    ["every-trial-fails", "failed", "`eps` must be positive, got -1"],
    ["well", "holds", undefined],
  ]);
  const bundle = galleryBundle(cards);
  const html = bundle["text/html"] as string;
  assert(html.includes("Lines &#60;of&#62; &#34;tests&#34; &#38; more"), html);
  assert(html.includes("this paper cannot be loaded"));
  assert((bundle["text/plain"] as string).endsWith("1 of 3 headline claims hold on the quick presets."));
});

Deno.test("cards show their figures as images, which survive where inline SVG is removed", async () => {
  const cards = await galleryCards(["well"], { root });
  const html = galleryBundle(cards)["text/html"] as string;
  assert(!html.includes("<svg") && !html.includes("<script"));
  // What the style sheet of `make lab` knows it by.
  assert(html.includes('class="refigure-gallery"'));
  const source = /<img [^>]*src="data:image\/svg\+xml,([^"]*)"/.exec(html)?.[1];
  const svg = decodeURIComponent(source!.replaceAll("&#39;", "'"));
  assert(svg.startsWith("<svg") && svg.endsWith("</svg>"), svg);
  assert(svg.includes("It&#39;s a line") || svg.includes("It's a line"), svg);
});

Deno.test("an unknown slug is refused before anything runs", async () => {
  const told: string[] = [];
  const cards = () => galleryCards(["well", "wel"], { root, onPaper: (_, slug) => told.push(slug) });
  await assertRejects(cards, RangeError, 'did you mean "well"?');
  assertEquals(told, []);
});

Deno.test("an aborted gallery returns the cards that are ready", async () => {
  const stop = new AbortController();
  const cards = await galleryCards(["well", "every-trial-fails"], {
    root,
    signal: stop.signal,
    onPaper: (i) => i === 1 && stop.abort(),
  });
  assertEquals(cards.map(({ slug }) => slug), ["well"]);
});
