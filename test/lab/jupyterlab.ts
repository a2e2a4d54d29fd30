/** The real `deno task lab` and a real browser, for tests. */
import { type Browser, chromium, type Page } from "playwright-core";

/** The repository. */
export const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);

/** A command in a process group of its own, as in a terminal: Ctrl-C reaches all of it. */
export class Lab {
  readonly #process: Deno.ChildProcess;
  readonly #done: Promise<void>;
  /** What it printed so far. */
  output = "";

  constructor(args: string[], env: Record<string, string> = {}) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", "lab", ..."BROWSER" in env ? [] : ["--no-browser"], ...args],
      cwd: root,
      env: { NO_COLOR: "1", ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
    const read = async (stream: ReadableStream<Uint8Array>) => {
      const decoder = new TextDecoder();
      for await (const bytes of stream) this.output += decoder.decode(bytes, { stream: true });
    };
    this.#done = Promise.all([read(this.#process.stdout), read(this.#process.stderr)]).then(() => {});
  }

  /** Waits for the address with its token. */
  async url(seconds = 60): Promise<string> {
    const found = await until(() => this.output.match(/JupyterLab is at (\S+)/)?.[1], seconds);
    if (found === undefined) throw new Error(`No address within ${seconds} s:\n${this.output}`);
    return found;
  }

  /** Waits for its end. */
  async end(): Promise<number> {
    const { code } = await this.#process.status;
    await this.#done;
    return code;
  }

  /** Ctrl-C. */
  async interrupt(): Promise<number> {
    Deno.kill(-this.#process.pid, "SIGINT");
    return await this.end();
  }
}

/** Polls until something is there, or the time is over. */
export async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  seconds: number,
): Promise<T | undefined> {
  const end = performance.now() + 1000 * seconds;
  while (performance.now() < end) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return undefined;
}

/** Where Chromium or Chrome is, or undefined; in CI it must be there. */
export function browserPath(): string | undefined {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (Deno.env.get("PATH") ?? "").split(":");
  const paths = [
    ...folders.flatMap((folder) => names.map((name) => `${folder}/${name}`)),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  ];
  const found = paths.find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });
  if (found === undefined && Deno.env.get("CI")) throw new Error("CI needs Chromium: it is not on the PATH");
  return found;
}

/** A browser that asks nobody outside for anything. */
export async function launch(executablePath: string): Promise<Browser> {
  return await chromium.launch({
    executablePath,
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** One notebook in JupyterLab, driven by keys and menus as a reader does. */
export class OpenNotebook {
  constructor(readonly page: Page) {}

  /** Opens it and waits until its kernel is idle. */
  static async open(page: Page, url: string, name: string): Promise<OpenNotebook> {
    const address = new URL(url);
    // A workspace of its own: else Lab opens what was open before, too.
    address.pathname = `/lab/workspaces/${name.replace(/\W/g, "-")}/tree/${name}`;
    await page.goto(address.href);
    await page.locator(".jp-Notebook .jp-Cell").first().waitFor({ timeout: 120_000 });
    const notebook = new OpenNotebook(page);
    await notebook.idle(60);
    return notebook;
  }

  /** Waits until the kernel says that it does nothing. */
  async idle(seconds: number): Promise<void> {
    await this.page.locator("#jp-bottom-panel").getByText("Deno | Idle").waitFor({ timeout: 1000 * seconds });
  }

  /** Waits until the kernel is at work. */
  async busy(): Promise<void> {
    await this.page.locator("#jp-bottom-panel").getByText("Deno | Busy").waitFor();
  }

  /** Run > Run All Cells. */
  async runAll(): Promise<void> {
    await this.page.getByRole("menuitem", { name: "Run", exact: true }).click();
    await this.page.getByRole("menuitem", { name: "Run All Cells", exact: true }).click();
  }

  /** The Stop button of the toolbar. */
  async stop(): Promise<void> {
    await this.page.locator('[data-jp-item-name="interrupt"] >> visible=true').first().click();
  }

  /** The n-th code cell. */
  code(n: number) {
    return this.page.locator(".jp-CodeCell").nth(n);
  }

  /** What a code cell shows below itself. */
  async output(n: number): Promise<string> {
    return (await this.code(n).locator(".jp-OutputArea-output").allInnerTexts()).join("\n");
  }

  /** Runs one cell: a click into it, then Ctrl+Enter. */
  async run(n: number): Promise<void> {
    await this.code(n).locator(".cm-content").click();
    await this.page.keyboard.press("Control+Enter");
  }

  /** How many marks the figure of a cell has; on a canvas, how many pixels of marks. */
  async marks(n: number): Promise<number> {
    return await this.code(n).evaluate((cell) => {
      const shapes = cell.querySelectorAll("svg .mark-symbol path, svg .mark-line path, svg .mark-rect path");
      if (shapes.length > 0) return shapes.length;
      const canvas = cell.querySelector("canvas");
      if (canvas === null || canvas.width === 0) return 0;
      const context = canvas.getContext("2d");
      if (context === null) return 0;
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      // Axes, text and theory are grey; marks have colour.
      let coloured = 0;
      for (let i = 0; i < data.length; i += 4) {
        const [red, green, blue, alpha] = data.subarray(i, i + 4);
        if (alpha > 128 && Math.max(red, green, blue) - Math.min(red, green, blue) > 40) coloured++;
      }
      return coloured > 50 ? coloured : 0;
    });
  }
}
