/** The figures of a page: images until vega has drawn them, drawn when a reader comes to them. */
import type { Figure } from "../../lib/experiment/mod.ts";
import { theme } from "../../lib/figures/theme.ts";
import type { LiveFigure } from "./figure.ts";

/** Gives the spec of a figure; rejects if there is none. */
export type SpecOf = (name: string) => Promise<Figure>;

/** Resolves when the page is painted, which vega, the largest of its programs, must not delay. */
const painted = new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

/** One place for a figure in the page. */
class Place {
  readonly name: string;
  #live: LiveFigure | undefined;
  #last: Promise<void> = Promise.resolve();
  readonly #problem: HTMLElement;
  #drawnFor = 0;
  #again: (() => void) | undefined;

  constructor(readonly canvas: HTMLElement) {
    this.name = canvas.dataset.figure!;
    this.#problem = canvas.parentElement!.querySelector(".figure-error")!;
  }

  /** Draws it again if its place has another width, as when a phone is turned. */
  resize(): void {
    if (this.#again !== undefined && Math.abs(this.#room - this.#drawnFor) > 40) this.#again();
  }

  /** Pixels that a figure has: what the page leaves it, without the frame. */
  get #room(): number {
    const { paddingLeft, paddingRight, borderLeftWidth, borderRightWidth } = getComputedStyle(this.canvas);
    const frame = [paddingLeft, paddingRight, borderLeftWidth, borderRightWidth].map(parseFloat);
    return this.canvas.closest(".column, .figures")!.clientWidth - frame.reduce((sum, one) => sum + one);
  }

  /** Draws a spec in place of what is there; what cannot be drawn leaves the old figure, greyed, and the reason. */
  show(specOf: SpecOf): Promise<void> {
    this.#last = this.#last.then(async () => {
      try {
        await painted;
        const [{ showFigure }, spec] = await Promise.all([import("./figure.ts"), specOf(this.name)]);
        // Drawn aside, so that nothing moves while vega works.
        const box = document.createElement("div");
        let live = await showFigure(box, spec);
        const room = this.#room;
        // Where there is no room for it, narrower; and again by what it is still too wide.
        let excess = 0;
        for (let width = room; widthOf(box) > room && width > room / 2;) {
          const { narrowed } = await import("./narrow.ts");
          live.finalize();
          live = await showFigure(box, narrowed(spec, width, measured));
          if (width === room) excess = widthOf(box) - room;
          // A title becomes narrower by whole words.
          width -= Math.max(room / 16, widthOf(box) - room);
        }
        // Texts inside of it may not become narrower: then it scrolls rather than being small as well.
        if (widthOf(box) - room > excess / 2) {
          const { narrowed } = await import("./narrow.ts");
          live.finalize();
          live = await showFigure(box, narrowed(spec, room, measured));
        }
        this.canvas.replaceChildren(box);
        this.#live?.finalize();
        this.#live = live;
        this.#drawnFor = room;
        this.#again = () => this.show(specOf);
        this.tell("");
      } catch (error) {
        this.tell(error instanceof Error ? error.message.split("\n")[0] : String(error));
      }
    });
    return this.#last;
  }

  tell(problem: string): void {
    this.canvas.classList.toggle("stale", problem !== "");
    this.#problem.hidden = problem === "";
    this.#problem.textContent = problem === "" ? "" : `This figure cannot be drawn: ${problem}`;
  }
}

/** All figures of the page. */
export class Figures {
  readonly #places: Place[];
  readonly #near = new Set<Place>();
  #specOf: SpecOf;

  constructor(specOf: SpecOf) {
    this.#specOf = specOf;
    this.#places = [...document.querySelectorAll<HTMLElement>(".canvas[data-figure]")].map((canvas) =>
      new Place(canvas)
    );
    const watch = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const place = this.#places.find(({ canvas }) => canvas === target)!;
        if (!isIntersecting || this.#near.has(place)) continue;
        this.#near.add(place);
        place.show(this.#specOf);
      }
    }, { rootMargin: "400px" });
    for (const { canvas } of this.#places) watch.observe(canvas);
    let timer: ReturnType<typeof setTimeout> | undefined;
    addEventListener("resize", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#places.forEach((place) => place.resize()), 300);
    });
  }

  /** The name of the key figure. */
  get key(): string {
    return this.#places[0].name;
  }

  /** Draws the key figure. */
  async showKey(specOf: SpecOf): Promise<void> {
    this.#near.add(this.#places[0]);
    await this.#places[0].show(specOf);
  }

  /** Draws all figures from other data: those that were drawn before now, the others when a reader comes to them. */
  async showAll(specOf: SpecOf): Promise<void> {
    this.#specOf = specOf;
    await Promise.all([...this.#near].map((place) => place.show(specOf)));
  }
}

/** Pixels that a text takes in the font that the figures have here. */
function measured(text: string, fontSize: number, bold: boolean): number {
  pen.font = `${bold ? 600 : 400} ${fontSize}px ${theme.font}`;
  return pen.measureText(text).width;
}

const pen = document.createElement("canvas").getContext("2d")!;

/** Pixels that the drawing in an element is wide. */
function widthOf(box: HTMLElement): number {
  return Number(box.querySelector("svg.marks")?.getAttribute("width") ?? 0);
}
