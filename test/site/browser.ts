/** Pages of the built site in a real browser, and what they ask for and complain about. */
import axe from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";

/** Milliseconds that a page or a run may take on a busy machine. */
const PATIENCE = 300_000;

/** A page that is open. */
export interface Visit {
  page: Page;
  /** Errors and warnings that the page, its scripts and its workers gave. */
  complaints: string[];
  /** Addresses that are not of the site. */
  foreign: string[];
  /** Paths of the site's files that were loaded. */
  loaded: Set<string>;
}

/** A tab, in which pages of the site are opened one after the other. */
export class Tab {
  readonly #context: BrowserContext;
  #visit: Visit;

  private constructor(context: BrowserContext, page: Page, origin: string) {
    this.#context = context;
    this.#visit = noneOf(page);
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.#visit.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.#visit.complaints.push(String(error)));
    context.on("request", (request) => {
      const url = new URL(request.url());
      if (url.origin === origin) this.#visit.loaded.add(url.pathname);
      else if (!["data:", "blob:"].includes(url.protocol)) this.#visit.foreign.push(url.href);
    });
    context.on("response", (response) => {
      if (response.status() >= 400) this.#visit.complaints.push(`${response.status()} ${response.url()}`);
    });
  }

  /** Opens a tab for the pages of one site. */
  static async open(
    browser: Browser,
    site: URL,
    options: { javaScriptEnabled?: boolean } = {},
  ): Promise<Tab> {
    const context = await browser.newContext({ viewport: { width: 1200, height: 1000 }, ...options });
    context.setDefaultTimeout(PATIENCE);
    return new Tab(context, await context.newPage(), site.origin);
  }

  /** Opens a page in place of the one before, and waits until all is loaded that its text names. */
  async visit<Result>(url: URL, use: (visit: Visit) => Result): Promise<Awaited<Result>> {
    const { page } = this.#visit;
    // Nothing that the page before still does counts for this one.
    await page.goto("about:blank");
    this.#visit = noneOf(page);
    await page.goto(url.href);
    return await use(this.#visit);
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}

function noneOf(page: Page): Visit {
  return { page, complaints: [], foreign: [], loaded: new Set() };
}

/** What axe finds on the open page that is serious or worse. */
export async function seriousFindings(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate(async () => {
    const { violations } = await (globalThis as unknown as { axe: typeof axe }).axe.run();
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
  });
}

/** The same on a phone in the dark and on a laptop in the light, and whether the page is wider than its screen. */
export async function findingsOnScreens(page: Page): Promise<string[]> {
  const found: string[] = [];
  const usual = page.viewportSize()!;
  for (const [width, colorScheme] of [[360, "dark"], [1280, "light"]] as const) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    // Figures are laid out anew a moment after.
    await page.waitForTimeout(500);
    const findings = await seriousFindings(page);
    found.push(...findings.map((finding) => `${width} px, ${colorScheme}: ${finding}`));
    const isWider = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return scrollWidth > clientWidth;
    });
    if (isWider) found.push(`the page is wider than ${width} px`);
  }
  await page.setViewportSize(usual);
  return found;
}
