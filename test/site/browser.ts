/** A page of the built site in a real browser, and what it asks for and complains about. */
import type { Browser, Page } from "playwright-core";

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

/** Opens a page of the site, and closes it when `use` is done with it. */
export async function visit<Result>(
  browser: Browser,
  url: URL,
  use: (visit: Visit) => Promise<Result>,
  options: { javaScriptEnabled?: boolean } = {},
): Promise<Result> {
  const context = await browser.newContext({ viewport: { width: 1200, height: 1000 }, ...options });
  const page = await context.newPage();
  const seen: Visit = { page, complaints: [], foreign: [], loaded: new Set() };
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) seen.complaints.push(message.text());
  });
  page.on("pageerror", (error) => seen.complaints.push(String(error)));
  context.on("request", (request) => {
    const { origin, pathname, protocol } = new URL(request.url());
    if (origin === url.origin) seen.loaded.add(pathname);
    else if (!["data:", "blob:"].includes(protocol)) seen.foreign.push(request.url());
  });
  context.on("response", (response) => {
    if (response.status() >= 400) seen.complaints.push(`${response.status()} ${response.url()}`);
  });
  try {
    await page.goto(url.href);
    await page.waitForLoadState("networkidle");
    return await use(seen);
  } finally {
    await context.close();
  }
}
