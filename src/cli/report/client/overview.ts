/** The strip beneath the test span: all of it, and a window that chooses the part to show; by mouse, finger or keys. */
import { colour } from "./palette.ts";
import { pixelRatio } from "./pixel-ratio.ts";

type Grip = "from" | "to" | "both";

/** Rows that are shown at least. */
const FEWEST_ROWS = 7;

export class Overview {
  readonly #strip: HTMLElement;
  readonly #canvas: HTMLCanvasElement = document.createElement("canvas");
  readonly #window: HTMLElement = document.createElement("div");
  readonly #grips: readonly [HTMLElement, HTMLElement];
  readonly #choose: (from: number, to: number) => void;
  #x: readonly number[] = [];
  #values: readonly number[] = [];
  #nameOf: (row: number) => string = String;
  /** First and last row of the window. */
  #rows: readonly [number, number] = [0, 0];

  /** `choose` is told the part of x that the reader chose. */
  constructor(strip: HTMLElement, choose: (from: number, to: number) => void) {
    this.#strip = strip;
    this.#choose = choose;
    this.#window.className = "window";
    this.#grips = [this.#makeGrip("from", "First row shown"), this.#makeGrip("to", "Last row shown")];
    strip.replaceChildren(this.#canvas, this.#window);
    strip.addEventListener("pointerdown", (event) => this.#drag(event));
  }

  draw(x: readonly number[], values: readonly number[], nameOf: (row: number) => string): void {
    this.#x = x;
    this.#values = values;
    this.#nameOf = nameOf;
    this.recolour();
  }

  /** Stands beneath the plot. */
  place(left: number, width: number): void {
    const { style } = this.#strip;
    if (style.marginLeft === `${left}px` && style.width === `${width}px`) return;
    style.marginLeft = `${left}px`;
    style.width = `${width}px`;
    this.recolour();
  }

  /** Shows which part of x there is in the plot. */
  show(from: number, to: number): void {
    const first = this.#x.findIndex((value) => value >= from);
    const after = this.#x.findIndex((value) => value > to);
    this.#rows = [Math.max(0, first), after < 0 ? this.#x.length - 1 : Math.max(0, after - 1)];
    this.#showWindow();
  }

  recolour(): void {
    const { clientWidth: width, clientHeight: height } = this.#strip;
    this.#canvas.width = width * pixelRatio;
    this.#canvas.height = height * pixelRatio;
    const context = this.#canvas.getContext("2d");
    if (context === null || this.#x.length < 2) return;
    const low = this.#values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const high = this.#values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const margin = 5;
    const scale = (height - 2 * margin) / (high - low || 1);
    context.scale(pixelRatio, pixelRatio);
    context.strokeStyle = colour("muted");
    context.lineJoin = "round";
    context.beginPath();
    this.#values.forEach((value, row) => {
      context.lineTo(this.#share(row) * width, height - margin - (value - low) * scale);
    });
    context.stroke();
  }

  /** Where a row stands, 0..1. */
  #share(row: number): number {
    const first = this.#x[0] ?? 0;
    const last = this.#x.at(-1) ?? 1;
    return ((this.#x[row] ?? 0) - first) / (last - first || 1);
  }

  #rowAt(share: number): number {
    const first = this.#x[0] ?? 0;
    const value = first + share * ((this.#x.at(-1) ?? 0) - first);
    const row = this.#x.findIndex((one) => one >= value);
    return row < 0 ? this.#x.length - 1 : row;
  }

  #showWindow(): void {
    const [first, last] = this.#rows;
    this.#window.style.left = `${100 * this.#share(first)}%`;
    this.#window.style.right = `${100 * (1 - this.#share(last))}%`;
    for (const [i, grip] of this.#grips.entries()) {
      const row = this.#rows[i] ?? 0;
      grip.setAttribute("aria-valuemax", String(this.#x.length - 1));
      grip.setAttribute("aria-valuenow", String(row));
      grip.setAttribute("aria-valuetext", this.#nameOf(row));
    }
  }

  #makeGrip(grip: "from" | "to", label: string): HTMLElement {
    const element = document.createElement("div");
    element.className = `grip ${grip}`;
    element.dataset.grip = grip;
    element.tabIndex = 0;
    for (const [name, value] of Object.entries({ role: "slider", "aria-label": label, "aria-valuemin": "0" })) {
      element.setAttribute(name, value);
    }
    element.addEventListener("keydown", (event) => this.#key(event, grip));
    this.#window.append(element);
    return element;
  }

  #key(event: KeyboardEvent, grip: Grip): void {
    const length = this.#rows[1] - this.#rows[0] + 1;
    const fine = Math.max(1, Math.round(length / 20));
    const ends = this.#x.length;
    const steps: Readonly<Record<string, number>> = {
      ArrowLeft: -fine,
      ArrowDown: -fine,
      ArrowRight: fine,
      ArrowUp: fine,
      PageDown: -length,
      PageUp: length,
      Home: -ends,
      End: ends,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#move(this.#rows, event.shiftKey ? "both" : grip, step);
  }

  #drag(event: PointerEvent): void {
    event.preventDefault();
    const { left, width } = this.#strip.getBoundingClientRect();
    const rowOf = ({ clientX }: PointerEvent) => this.#rowAt(Math.min(1, Math.max(0, (clientX - left) / width)));
    const target = event.target instanceof HTMLElement ? event.target : this.#strip;
    const grip: Grip = target.dataset.grip === "from" ? "from" : target.dataset.grip === "to" ? "to" : "both";
    if (grip !== "both") target.focus();
    const start = rowOf(event);
    const isOutside = target !== this.#window && grip === "both";
    if (isOutside) this.#move(this.#rows, "both", start - Math.round((this.#rows[0] + this.#rows[1]) / 2));
    const rows = this.#rows;
    const move = (next: PointerEvent) => this.#move(rows, grip, rowOf(next) - start);
    const end = () => {
      this.#strip.removeEventListener("pointermove", move);
      this.#strip.removeEventListener("pointerup", end);
      this.#strip.removeEventListener("pointercancel", end);
    };
    this.#strip.setPointerCapture(event.pointerId);
    this.#strip.addEventListener("pointermove", move);
    this.#strip.addEventListener("pointerup", end);
    this.#strip.addEventListener("pointercancel", end);
  }

  /** Moves an end of the window, or both, from where it was at `rows`. */
  #move([first, last]: readonly [number, number], grip: Grip, by: number): void {
    const end = this.#x.length - 1;
    const least = Math.min(FEWEST_ROWS, end + 1) - 1;
    const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), Math.max(low, high));
    const shift = clamp(by, -first, end - last);
    const from = grip === "both" ? first + shift : grip === "from" ? clamp(first + by, 0, last - least) : first;
    const to = grip === "both" ? last + shift : grip === "to" ? clamp(last + by, first + least, end) : last;
    this.#choose(this.#x[from] ?? 0, this.#x[to] ?? 0);
  }
}
