/** The header as people know it: two rows of pins, each with what it is at the moment. */

import type { BoardFacts, HeaderCell } from "./api.ts";
import { byId, h, setAttribute, setText } from "./dom.ts";
import { kindOf, levelOf, short, spoken, type PinState } from "./pins.ts";

interface Shown {
  cell: HeaderCell;
  number: string;
  button: HTMLButtonElement;
  use: HTMLElement;
  name: HTMLElement;
}

export class HeaderView {
  private readonly states = new Map<string, PinState>();
  private readonly shown: Shown[] = [];
  private readonly extra = h("div", { class: "extra", role: "group", "aria-label": "Pins beside the header" });
  private readonly table = h("div", { class: "pin-table", role: "table", "aria-label": "Pins in use" });
  private chosen: Shown | null = null;
  private columns = 2;
  private due = false;

  constructor() {
    byId("pins").append(this.table);
    this.drawTable();
  }

  /** Draw a board's header. Rows of two are the header, others are beside it. */
  setBoard(facts: BoardFacts): void {
    const header = facts.rows.filter((row) => row.length === 2);
    const beside = facts.rows.filter((row) => row.length !== 2).flat();
    this.shown.length = 0;
    this.extra.replaceChildren();
    const grid = h("div", { class: "header-grid", role: "toolbar", "aria-label": "Header", "aria-orientation": "vertical" });
    header.forEach((row, at) => row.forEach((cell, side) => grid.append(this.pin(cell, String(cell.number ?? at * 2 + side + 1), side))));
    beside.forEach((cell) => this.addExtra(cell));
    byId("header").replaceChildren(grid, this.extra);
    this.roveGrid(grid);
    for (const name of this.states.keys()) this.addUnknown(name);
    this.drawAll();
  }

  /** Take what pins are now: all at first, then those that changed. */
  setPins(pins: Record<string, PinState | null>): void {
    for (const [name, state] of Object.entries(pins)) {
      if (state === null) this.states.delete(name);
      else this.states.set(name, { ...this.states.get(name), ...state });
      this.addUnknown(name);
    }
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => this.drawAll());
  }

  private addUnknown(name: string): void {
    if (this.shown.length && !this.shown.some((one) => one.cell.pin === name)) {
      this.addExtra({ label: name, names: [], pin: name, kind: "gpio" });
    }
  }

  private addExtra(cell: HeaderCell): void {
    this.extra.append(this.pin(cell, "", 1));
  }

  private pin(cell: HeaderCell, number: string, side: number): HTMLButtonElement {
    const hidden = { "aria-hidden": "true" };
    const use = h("span", { class: "use", ...hidden });
    const name = h("span", { class: "unseen" });
    const others = cell.names.filter((name) => name !== cell.label).join(" ");
    const names = h("span", { class: "names", ...hidden }, h("b", {}, cell.label), others && h("i", {}, others));
    const dot = h("span", { class: "pin-dot", ...hidden }, number);
    const level = h("span", { class: "level" });
    const order = side === 0 ? [use, names, level, dot] : [dot, level, names, use];
    const button = h("button", { type: "button", class: "pin", "data-side": side, tabindex: "-1", onclick: () => this.choose(shown) }, ...order, name);
    const shown = { cell, number, button, use, name };
    button.addEventListener("focus", () => this.choose(shown));
    this.shown.push(shown);
    return button;
  }

  private roveGrid(grid: HTMLElement): void {
    const pins = [...grid.querySelectorAll("button")];
    if (pins[0]) pins[0].tabIndex = 0;
    grid.addEventListener("keydown", (event) => {
      const at = pins.indexOf(event.target as HTMLButtonElement);
      const moves: Record<string, number> = { ArrowDown: at + this.columns, ArrowUp: at - this.columns, ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: pins.length - 1 };
      const to = pins[moves[event.key] ?? -1];
      if (at < 0 || !to) return;
      event.preventDefault();
      pins.forEach((pin) => { pin.tabIndex = pin === to ? 0 : -1; });
      to.focus();
    });
    this.extra.querySelectorAll("button").forEach((button) => { button.tabIndex = 0; });
  }

  private drawAll(): void {
    this.due = false;
    for (const shown of this.shown) this.draw(shown);
    this.drawDetail();
    this.drawTable();
  }

  private draw({ cell, number, button, use, name }: Shown): void {
    const state = cell.pin === null ? undefined : this.states.get(cell.pin);
    const kind = cell.pin === null ? cell.kind : kindOf(state);
    const volts = cell.kind === "power" ? (cell.label.startsWith("5") ? "5v" : "3v") : null;
    setAttribute(button, "data-kind", volts ?? kind);
    setAttribute(button, "data-level", cell.pin === null ? null : levelOf(state));
    setAttribute(button, "data-here", this.chosen?.button === button ? "" : null);
    setText(use, short(state));
    const label = number ? `Pin ${number}, ${cell.label}` : cell.label;
    setText(name, cell.pin === null ? `${label}, ${cell.kind}` : spoken(label, state));
    if (!number) button.tabIndex = 0;
  }

  private choose(shown: Shown): void {
    const before = this.chosen;
    this.chosen = shown;
    if (before) this.draw(before);
    this.draw(shown);
    this.drawDetail();
  }

  private drawDetail(): void {
    const place = byId("pin-detail");
    if (!this.chosen) return;
    const { cell, number } = this.chosen;
    const state = cell.pin === null ? undefined : this.states.get(cell.pin);
    const names = [...new Set([cell.label, ...cell.names])].join(" · ");
    const facts = cell.pin === null ? [cell.kind]
      : [state?.function || "free", state?.direction, levelOf(state) === "unknown" ? "" : levelOf(state), state?.pull && `pull ${state.pull}`];
    const words = [number && `pin ${number}`, ...facts].filter(Boolean).join(", ");
    place.replaceChildren(h("b", {}, names), h("span", {}, words), state?.holder ? h("span", { class: "holder" }, `held by ${state.holder}`) : "");
  }

  private drawTable(): void {
    const used = [...this.states].filter(([, state]) => kindOf(state) !== "free");
    byId("pins").toggleAttribute("data-empty", !used.length);
    if (!used.length) return this.table.replaceChildren(h("div", { role: "row" }, h("span", { role: "cell", class: "empty" }, "No pin is in use.")));
    const row = (role: string, texts: readonly string[], data = {}): HTMLElement =>
      h("div", { role: "row", ...data }, ...texts.map((text) => h("span", { role }, text)));
    this.table.replaceChildren(
      row("columnheader", ["Pin", "Function", "Direction", "Level", "Pull", "Held by"]),
      ...used.map(([name, state]) => row("cell", [
        name, state.function ?? "", state.direction ?? "", levelOf(state) === "unknown" ? "–" : levelOf(state), state.pull ?? "", state.holder ?? "",
      ], { "data-kind": kindOf(state), "data-level": levelOf(state) })),
    );
  }
}
