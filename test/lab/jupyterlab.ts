/** The real `deno task lab` and a real browser, for tests. */
import { assertEquals } from "@std/assert";
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
    try {
      Deno.kill(-this.#process.pid, "SIGINT");
    } catch (error) {
      // It has ended by itself: its exit status and its output say why.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
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

/** What a test gets from {@linkcode withLab}. */
export interface OpenLab {
  /** The address with its token. */
  url: string;
  browser: Browser;
  /** The folder that Lab has open, with copies of the notebooks: Lab saves what it runs. */
  folder: string;
}

/** How {@linkcode withLab} starts Lab. */
export interface LabOptions {
  /** Paths of the notebooks, in the repository. */
  notebooks: readonly string[];
  /** Settings of Lab by plugin, such as `{ "@jupyterlab/notebook-extension:tracker": { ... } }`. */
  settings?: Record<string, unknown>;
  /** Environment variables of Lab and its kernels. */
  env?: Record<string, string>;
  /** Called when the copies are there, before Lab starts. */
  prepare?: (folder: string) => unknown;
}

/** Lab on copies of notebooks with settings of its own; then Ctrl-C, which must end it cleanly. */
export async function withLab(
  { notebooks, settings = {}, env = {}, prepare }: LabOptions,
  use: (lab: OpenLab) => Promise<void>,
): Promise<void> {
  Deno.mkdirSync(`${root}results`, { recursive: true });
  const folder = Deno.makeTempDirSync({ dir: `${root}results`, prefix: "lab-" });
  const state = Deno.makeTempDirSync({ prefix: "refigure-lab-" });
  for (const path of notebooks) Deno.copyFileSync(`${root}${path}`, `${folder}/${path.split("/").at(-1)}`);
  for (const [plugin, values] of Object.entries(settings)) {
    const [extension, name] = plugin.split(":");
    Deno.mkdirSync(`${state}/settings/${extension}`, { recursive: true });
    Deno.writeTextFileSync(
      `${state}/settings/${extension}/${name}.jupyterlab-settings`,
      JSON.stringify(values),
    );
  }
  let lab: Lab | undefined;
  let browser: Browser | undefined;
  try {
    await prepare?.(folder);
    // A port of its own, since tests run side by side; not the settings of the Lab that the developer uses.
    lab = new Lab([folder, "--port", String(freePort())], {
      JUPYTERLAB_SETTINGS_DIR: `${state}/settings`,
      JUPYTERLAB_WORKSPACES_DIR: `${state}/workspaces`,
      ...env,
    });
    const url = await lab.url(120);
    browser = await launch(browserPath()!);
    await use({ url, browser, folder });
  } finally {
    await browser?.close();
    const code = await lab?.interrupt();
    Deno.removeSync(folder, { recursive: true });
    Deno.removeSync(state, { recursive: true });
    assertEquals(code, 0, lab?.output);
  }
}

function freePort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return port;
}

/** What the console may show: it comes from JupyterLab and has nothing to do with the notebooks. */
const ignoredMessages: readonly RegExp[] = [
  // A kernel is restarted.
  /Connection lost, reconnecting in \d+ seconds/,
  // A kernel was ended, and Lab asks for it once more.
  /\/api\/(kernels|sessions)\/[-\w]+/,
];

/** A page with a notebook; an error in the page, or an error or warning on its console, is a failure. */
export async function visit(
  { url, browser }: OpenLab,
  name: string,
  use: (notebook: OpenNotebook) => Promise<void>,
  viewport = { width: 1200, height: 1500 },
): Promise<void> {
  const page = await browser.newPage({ viewport });
  page.setDefaultTimeout(60_000);
  const notebook = new OpenNotebook(page);
  try {
    await notebook.open(url, `${name}.ipynb`);
    await use(notebook);
    notebook.requireQuiet();
    await page.screenshot({ path: `${root}results/lab-${name}.png` });
  } catch (error) {
    await page.screenshot({ path: `${root}results/lab-${name}-failed.png` });
    const { complaints } = notebook;
    throw complaints.length > 0 ? new Error(`${complaints.join("\n")}\n`, { cause: error }) : error;
  } finally {
    await page.close();
    await endKernels(url);
  }
}

/** Ends all kernels: Lab keeps those of pages that are closed. */
export async function endKernels(address: string): Promise<void> {
  const { origin, searchParams } = new URL(address);
  const headers = { Authorization: `token ${searchParams.get("token")}` };
  const kernels: { id: string }[] = await (await fetch(`${origin}/api/kernels`, { headers })).json();
  for (const { id } of kernels) {
    const reply = await fetch(`${origin}/api/kernels/${id}`, { method: "DELETE", headers });
    await reply.body?.cancel();
  }
}

/** One notebook in JupyterLab, driven by keys and menus as a reader does. */
export class OpenNotebook {
  /** Errors in the page, and errors and warnings on its console. */
  readonly complaints: string[] = [];

  constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    page.on("console", (message) => {
      if (!["error", "warning"].includes(message.type())) return;
      const text = `${message.type()}: ${message.text()} (${message.location().url})`;
      if (!ignoredMessages.some((pattern) => pattern.test(text))) this.complaints.push(text);
    });
  }

  /** Whether there was no error or warning since the last call of `requireQuiet`. */
  isQuiet(): boolean {
    return this.complaints.length === 0;
  }

  /** Throws if there was an error or a warning since the last call. */
  requireQuiet(): void {
    assertEquals(this.complaints.splice(0), [], "errors and warnings of the page");
  }

  /** Opens Lab with a notebook and waits until its kernel is idle. */
  async open(url: string, file: string): Promise<void> {
    const address = new URL(url);
    // A workspace of its own: else Lab opens what was open before, too.
    address.pathname = `/lab/workspaces/${file.replace(/\W/g, "-")}/tree/${file}`;
    await this.page.goto(address.href);
    await this.page.locator(".jp-Notebook .jp-Cell").first().waitFor({ timeout: 120_000 });
    await this.idle(120);
  }

  /** Opens another notebook in the same page, from the list of files. */
  async next(file: string): Promise<void> {
    // The whole name: normuon.ipynb has muon.ipynb in it.
    const name = this.page.getByText(file, { exact: true });
    await this.page.locator(".jp-DirListing-item").filter({ has: name }).dblclick();
    await this.page.locator("#jp-main-dock-panel .jp-mod-current").filter({ has: name }).waitFor();
    await this.page.locator(".jp-Notebook .jp-Cell >> visible=true").first().waitFor();
    await this.idle(120);
  }

  /** Closes a notebook's tab, and by the setting `kernelShutdown` its kernel; changes are discarded. */
  async close(file: string): Promise<void> {
    const name = this.page.getByText(file, { exact: true });
    const tab = this.page.locator("#jp-main-dock-panel .lm-TabBar-tab").filter({ has: name });
    await tab.locator(".lm-TabBar-tabCloseIcon").click();
    // A notebook that was saved before its kernel had told its language has changed since, and Lab asks.
    const discard = this.page.locator(".jp-Dialog .jp-mod-warn").first();
    const closed = await until(async () => {
      if (await discard.isVisible()) await discard.click();
      return await tab.count() === 0 ? true : undefined;
    }, 60);
    if (!closed) throw new Error(`${file} was not closed`);
  }

  /** Waits until the kernel reports that it is idle. */
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

  /** A button of the notebook's toolbar. */
  async press(name: "interrupt" | "restart" | "save"): Promise<void> {
    await this.page.locator(`[data-jp-item-name="${name}"] >> visible=true`).first().click();
  }

  /** The Stop button. */
  async stop(): Promise<void> {
    await this.press("interrupt");
  }

  /** The Save button; resolves when the file has been written. */
  async save(path: string): Promise<void> {
    // So that writing the same content is seen, too.
    await Deno.utime(path, 1, 1);
    await this.press("save");
    const written = await until(async () => (await Deno.stat(path)).mtime!.getTime() > 1000, 60);
    if (!written) throw new Error(`${path} was not saved`);
  }

  /** The Restart button, confirmed. */
  async restart(): Promise<void> {
    await this.press("restart");
    await this.page.locator(".jp-Dialog .jp-mod-accept").click();
  }

  /** Waits until every code cell has its number. */
  async finished(seconds: number): Promise<void> {
    const done = await until(async () => {
      const prompts = await this.page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents();
      return prompts.length > 0 && prompts.every((prompt) => /\[\d+\]/.test(prompt)) ? true : undefined;
    }, seconds);
    if (!done) throw new Error(`the notebook did not finish in ${seconds} s`);
    await this.idle(60);
  }

  /** The number of coloured marks or pixels of each figure, once all of them are drawn or the time is over. */
  async figures(count: number, seconds: number): Promise<number[]> {
    let marks: number[] = [];
    await until(async () => {
      marks = await this.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-RenderedVegaCommon5")
        .evaluateAll((figures) =>
          figures.map((figure) => {
            const shapes = figure.querySelectorAll(
              "svg .role-mark path, svg .role-mark line, svg .role-mark text",
            );
            if (shapes.length > 0) return shapes.length;
            const canvas = figure.querySelector("canvas");
            if (canvas === null || canvas.width === 0) return 0;
            const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
            // Axes and text are grey; marks have colour.
            let coloured = 0;
            for (let i = 0; i < data.length; i += 4) {
              const [red, green, blue, alpha] = data.subarray(i, i + 4);
              if (alpha > 128 && Math.max(red, green, blue) - Math.min(red, green, blue) > 40) coloured++;
            }
            return coloured > 50 ? coloured : 0;
          })
        );
      return marks.length === count && marks.every((number) => number > 0) ? true : undefined;
    }, seconds);
    return marks;
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
}
