/** `deno task site`: builds the website. */
import "../reproduce/quiet.ts";
import { useReproducibleKernels } from "../../lib/blas/mod.ts";
import { experimentSlugs } from "../../lib/experiment/deno/mod.ts";
import type { PresetName } from "../../lib/experiment/mod.ts";
import type { SiteContent } from "../../site/content.ts";
import { formulaFonts } from "../../site/formulas.ts";
import { pages } from "../../site/pages/mod.ts";
import { printHelp, refuse } from "../command_line.ts";
import { UsageError } from "../reproduce/options.ts";
import { ProgressLine } from "../reproduce/progress_line.ts";
import { bundle } from "./bundle.ts";
import { gatherPaper, oneLine } from "./gather.ts";
import { writeMnistFiles } from "./mnist_files.ts";
import { parseSiteOptions, type SiteOptions } from "./options.ts";
import { PlaceError, publish, requireReplaceable } from "./publish.ts";
import { requireFree, serve } from "./serve.ts";

/** Builds the site into a folder, which it replaces; tells of each paper in one line. */
export async function build(content: SiteContent, out: string): Promise<void> {
  await publish(out, async (folder) => {
    await bundle(content.papers.map(({ slug }) => slug), `${folder}/code`);
    await Deno.mkdir(`${folder}/notebooks`);
    for (const { slug } of content.papers) {
      const notebook = new URL(`../../notebooks/${slug}.ipynb`, import.meta.url);
      // A paper that is being added has none yet.
      await Deno.copyFile(notebook, `${folder}/notebooks/${slug}.ipynb`).catch(() => {});
    }
    await Deno.mkdir(`${folder}/fonts`);
    for (const [path, font] of formulaFonts) await Deno.writeFile(`${folder}/${path}`, font);
    await writeMnistFiles(`${folder}/data/mnist`);
    for (const [path, text] of pages(content)) {
      const file = `${folder}/${path}`;
      await Deno.mkdir(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(file, text);
    }
  });
}

/** Gathers the content of papers; one that cannot be had is told in one line and left out. */
export async function gather(slugs: readonly string[], preset: PresetName): Promise<SiteContent> {
  const line = new ProgressLine();
  const tell = (text: string) => {
    line.clear();
    console.log(text);
  };
  const papers: SiteContent["papers"] = [];
  for (const [i, slug] of slugs.entries()) {
    const number = `[${`${i + 1}`.padStart(`${slugs.length}`.length)}/${slugs.length}]`;
    const start = performance.now();
    try {
      const paper = await gatherPaper(slug, {
        preset,
        onProgress: (progress) => line.update(progress),
        onWarning: (text) => tell(`refigure: ${text}`),
      });
      papers.push(paper);
      const held = paper.claims.filter(({ holds }) => holds).length;
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      tell(
        `${number} ${slug}: ${held} of ${paper.claims.length} claims hold, ` +
          `${paper.figures.length} figures, ${seconds} s`,
      );
    } catch (error) {
      tell(`${number} ✗ ${slug} is left out: ${oneLine(error)}`);
    }
  }
  return { papers };
}

async function main(options: SiteOptions): Promise<void> {
  requireReplaceable(options.out);
  if (options.port !== undefined) requireFree(options.port);
  useReproducibleKernels();
  const content = await gather(options.slugs, options.preset);
  if (content.papers.length === 0) {
    throw new PlaceError("No paper could be loaded: there is nothing to build");
  }
  await build(content, options.out);
  const count = content.papers.length;
  console.log(`${count} ${count === 1 ? "paper is" : "papers are"} in ${options.out}`);
  if (options.port === undefined) Deno.exit(0); // backends of tfjs may keep the process alive
  const { addr } = serve(options.out, options.port);
  console.log(`The site is at http://127.0.0.1:${addr.port}/ (Ctrl-C stops it)`);
}

if (import.meta.main) {
  try {
    const options = parseSiteOptions(Deno.args, experimentSlugs());
    if (options.help) printHelp("site");
    else await main(options);
  } catch (error) {
    if (error instanceof UsageError) refuse(error.message);
    console.error(`refigure: ${whatWentWrong(error)}`);
    Deno.exit(1);
  }
}

function whatWentWrong(error: unknown): string {
  if (error instanceof Deno.errors.NotCapable) {
    return "`deno task site` may write only into this project's .cache and results; " +
      `deno run -A tools/site/build.ts ${Deno.args.join(" ")} may write everywhere`;
  }
  return error instanceof Error ? error.message : String(error);
}
