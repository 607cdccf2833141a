/** Draws the numbers that the program prints as tuples. */

import uPlot from "uplot";
import { byId, h, icon, iconButton, setText } from "./dom.ts";
import { Lines, Samples, tuple } from "./plot_lines.ts";

const MOST = 600;
const LINES = 8;

export class Plotter {
  private readonly lines = new Lines();
  private readonly samples = new Samples(MOST);
  private readonly place = byId("plotter");
  private readonly legend = h("ul", { class: "legend", "aria-label": "Last values" });
  private readonly canvas = h("div", { class: "plot", role: "img", "aria-label": "Plot of the printed numbers" });
  private readonly empty = h("p", { class: "empty" }, "Print a tuple of numbers and it is drawn here: ", h("code", {}, "print((1, 2.5))"));
  private plot: uPlot | null = null;
  private shown = 0;
  private paused = false;
  private due = false;

  constructor() {
    this.place.append(this.empty, this.canvas, this.legend);
    const pause = h("button", { type: "button", class: "icon-button", "aria-label": "Pause the plot", title: "Pause the plot", "aria-pressed": "false", "data-for": "plotter",
      onclick: () => { this.paused = !this.paused; pause.setAttribute("aria-pressed", String(this.paused)); this.draw(); } }, icon("pause"));
    byId("console-tools").append(
      pause,
      iconButton("download", "Save the numbers as CSV", () => this.download(), { "data-for": "plotter" }),
      iconButton("clear", "Clear the plot", () => { this.samples.clear(); this.draw(); }, { "data-for": "plotter" }),
    );
    new ResizeObserver(() => this.fit()).observe(this.place);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.shown = 0; this.draw(); });
    this.draw();
  }

  feed(text: string): void {
    for (const line of this.lines.feed(text)) {
      const values = tuple(line);
      if (values) this.samples.add(values);
      else continue;
      if (!this.due && !this.paused) {
        this.due = true;
        requestAnimationFrame(() => this.draw());
      }
    }
  }

  draw(): void {
    this.due = false;
    const { columns, indices } = this.samples;
    this.empty.hidden = indices.length > 0;
    this.canvas.hidden = this.legend.hidden = indices.length === 0;
    if (this.place.hidden || (this.paused && columns.length === this.shown)) return;
    if (columns.length !== this.shown) this.make();
    this.plot?.setData([indices, ...columns] as uPlot.AlignedData);
    columns.forEach((column, place) => {
      const value = this.legend.children[place]?.lastElementChild;
      if (value) setText(value, column.at(-1)?.toPrecision(5).replace(/\.?0+$/, "") ?? "–");
    });
  }

  private make(): void {
    this.plot?.destroy();
    this.plot = null;
    this.shown = this.samples.columns.length;
    this.legend.replaceChildren(...this.samples.columns.map((_, place) =>
      h("li", { "data-line": place % LINES }, h("span", { class: "swatch" }), `value ${place + 1}`, h("output", {}))));
    if (!this.shown) return;
    const style = getComputedStyle(document.documentElement);
    const value = (name: string): string => style.getPropertyValue(name).trim();
    const axis = { stroke: value("--dim"), grid: { stroke: value("--line"), width: 1 }, ticks: { show: false }, font: "11px " + value("--sans") };
    this.plot = new uPlot({
      ...this.sizes(), legend: { show: false }, cursor: { drag: { x: false, y: false } },
      scales: { x: { time: false } }, axes: [{ ...axis, size: 24 }, { ...axis, size: 52 }],
      series: [{}, ...this.samples.columns.map((_, place) => ({ stroke: value(`--line-${place % LINES}`), width: 1.6, points: { show: false } }))],
    }, [[]], this.canvas);
  }

  private sizes(): { width: number; height: number } {
    const { clientWidth, clientHeight } = this.place;
    return { width: Math.max(120, clientWidth - 16), height: Math.max(90, clientHeight - this.legend.offsetHeight - 12) };
  }

  private fit(): void {
    if (this.place.hidden) return;
    if (this.shown !== this.samples.columns.length) this.draw();
    this.plot?.setSize(this.sizes());
  }

  private download(): void {
    const url = URL.createObjectURL(new Blob([this.samples.csv()], { type: "text/csv" }));
    h("a", { href: url, download: "plot.csv" }).click();
    window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}
