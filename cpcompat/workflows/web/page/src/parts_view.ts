/** The simulated parts: their knobs to turn, and what their displays show. */

import { byId, h, setAttribute, setText } from "./dom.ts";
import { pixels, type Picture } from "./pixels.ts";

export interface Knob {
  name: string;
  unit?: string | null;
  min?: number | null;
  max?: number | null;
  step?: number | null;
  value: number | boolean | string;
  type: "number" | "integer" | "bool" | "button" | "choice" | "text" | string;
  choices?: string[] | null;
  about?: string | null;
}

export interface Part {
  name: string;
  kind?: string;
  bus?: string | null;
  about?: string | null;
  knobs?: Knob[];
  display?: Picture | null;
}

type Value = Knob["value"];
const HANDS_OFF_MS = 700;

interface Control {
  element: HTMLElement;
  show(value: Value): void;
}

/** What turns one knob, kept from jumping while somebody turns it. */
class KnobView {
  readonly element: HTMLElement;
  private readonly control: Control;
  private turned_ms = -Infinity;
  private pending: Value | null = null;
  private readonly knob: Knob;
  private readonly send: (value: Value) => void;

  constructor(part: string, knob: Knob, send: (value: Value) => void) {
    this.knob = knob;
    this.send = send;
    this.control = this.make(`knob-${part}-${knob.name}`.replace(/\W+/g, "-"), part);
    this.element = this.control.element;
    this.show(knob.value);
  }

  show(value: Value): void {
    if (performance.now() - this.turned_ms > HANDS_OFF_MS) this.control.show(value);
  }

  /** Show again what comes: the board has refused what was turned here. */
  settle(): void {
    this.turned_ms = -Infinity;
  }

  private turn(value: Value): void {
    this.turned_ms = performance.now();
    if (this.pending === null) requestAnimationFrame(() => {
      if (this.pending !== null) this.send(this.pending);
      this.pending = null;
    });
    this.pending = value;
  }

  private make(id: string, part: string): Control {
    const label = `${part} ${this.knob.name}`;
    if (this.knob.type === "bool") return this.makeSwitch(id);
    if (this.knob.type === "button") return this.makeButton(label);
    if (this.knob.choices?.length) return this.makeChoice(id);
    return typeof this.knob.value === "number" ? this.makeNumber(id, label) : this.makeText(id);
  }

  private row(id: string, ...controls: (Node | string)[]): HTMLElement {
    return h("div", { class: "knob", title: this.knob.about ?? null }, h("label", { for: id }, this.knob.name.replaceAll("_", " ")), ...controls);
  }

  private makeNumber(id: string, label: string): Control {
    const { min, max, step, unit } = this.knob;
    const ranged = min != null && max != null;
    // The slider goes in steps; in numbers any value goes, but where only whole ones do.
    const limits = { min: min ?? null, max: max ?? null, step: this.knob.type === "integer" ? 1 : "any" };
    const slider = h("input", { type: "range", id, ...limits, step: step ?? (ranged ? (max - min) / 200 : 1),
      oninput: () => { field.value = slider.value; this.turn(Number(slider.value)); } });
    const field = h("input", { type: "number", ...limits, ...(ranged ? { "aria-label": `${label} in numbers` } : { id }),
      onchange: () => { if (field.value !== "" && field.validity.valid) { slider.value = field.value; this.fill(slider); this.turn(Number(field.value)); } } });
    slider.addEventListener("input", () => this.fill(slider));
    const show = (value: Value): void => {
      slider.value = String(value);
      if (document.activeElement !== field) field.value = String(Number(Number(value).toPrecision(7)));
      this.fill(slider);
    };
    const element = this.row(id, ranged ? slider : "", h("span", { class: "amount" }, field, h("span", { class: "unit" }, unit ?? "")));
    return { element, show };
  }

  private fill(slider: HTMLInputElement): void {
    const [low, high] = [Number(slider.min), Number(slider.max)];
    slider.style.setProperty("--part", `${((Number(slider.value) - low) / (high - low || 1)) * 100}%`);
  }

  private makeSwitch(id: string): Control {
    const box = h("input", { type: "checkbox", role: "switch", id, onchange: () => this.turn(box.checked) });
    return { element: this.row(id, box), show: (value) => { box.checked = Boolean(value); } };
  }

  private makeButton(label: string): Control {
    const name = this.knob.name.replaceAll("_", " ");
    const set = (down: boolean): void => {
      if ((button.getAttribute("aria-pressed") === "true") === down) return;
      button.setAttribute("aria-pressed", String(down));
      this.send(down);
    };
    const button = h("button", { type: "button", class: "push-button", "aria-label": label, "aria-pressed": "false",
      onpointerdown: (event) => { button.setPointerCapture((event as PointerEvent).pointerId); set(true); },
      onpointerup: () => set(false), onpointercancel: () => set(false), onblur: () => set(false),
      onkeydown: (event) => { if ([" ", "Enter"].includes((event as KeyboardEvent).key)) { event.preventDefault(); set(true); } },
      onkeyup: (event) => { if ([" ", "Enter"].includes((event as KeyboardEvent).key)) set(false); } });
    const element = h("div", { class: "knob", title: this.knob.about ?? null }, h("span", { class: "label" }, name), button, h("span", { class: "unit" }, "hold to press"));
    return { element, show: (value) => setAttribute(button, "aria-pressed", String(Boolean(value))) };
  }

  private makeChoice(id: string): Control {
    const list = h("select", { id, onchange: () => this.turn(list.value) }, ...(this.knob.choices ?? []).map((choice) => h("option", {}, choice)));
    return { element: this.row(id, list), show: (value) => { list.value = String(value); } };
  }

  private makeText(id: string): Control {
    const field = h("input", { id, onchange: () => this.turn(field.value) });
    return { element: this.row(id, field), show: (value) => { if (document.activeElement !== field) field.value = String(value); } };
  }
}

/** One part: a card. */
class PartView {
  readonly element: HTMLElement;
  private readonly knobs = new Map<string, KnobView>();
  private readonly body = h("div", { class: "knobs" });
  private readonly canvas = h("canvas", { role: "img", hidden: true });
  private readonly facts: HTMLElement;
  private readonly send: (knob: string, value: Value) => void;
  private readonly name: string;

  constructor(part: Part, send: (knob: string, value: Value) => void) {
    this.send = send;
    this.name = part.name;
    this.facts = h("span", { class: "facts" });
    this.element = h("article", { class: "part", "aria-label": part.name }, h("header", {}, h("h3", {}, part.name), this.facts), this.canvas, this.body);
    this.take(part);
  }

  take(part: Part): void {
    if (part.kind !== undefined) setText(this.facts, [part.kind === part.name ? "" : part.kind, part.bus].filter(Boolean).join(" · "));
    for (const knob of part.knobs ?? []) {
      const view = this.knobs.get(knob.name);
      if (view) view.show(knob.value);
      else if (knob.type) {
        const fresh = new KnobView(this.name, knob, (value) => this.send(knob.name, value));
        this.knobs.set(knob.name, fresh);
        this.body.append(fresh.element);
      }
    }
    if (part.display) this.show(part.display);
  }

  settle(): void {
    for (const knob of this.knobs.values()) knob.settle();
  }

  private show(picture: Picture): void {
    const { canvas } = this;
    canvas.hidden = false;
    if (canvas.width !== picture.width) canvas.width = picture.width;
    if (canvas.height !== picture.height) canvas.height = picture.height;
    canvas.toggleAttribute("data-row", picture.height === 1);
    setAttribute(canvas, "aria-label", `What ${this.name} shows, ${picture.width} by ${picture.height} pixels`);
    canvas.getContext("2d")?.putImageData(new ImageData(pixels(picture), picture.width, picture.height), 0, 0);
  }
}

export class PartsView {
  private readonly place = byId("parts");
  private readonly empty = h("p", { class: "empty" }, "No simulated parts: this board's parts are real, or its circuit has none.");
  private readonly views = new Map<string, PartView>();
  private readonly set: (part: string, knob: string, value: Value) => void;

  constructor(set: (part: string, knob: string, value: Value) => void) {
    this.set = set;
    this.place.append(this.empty);
  }

  /** Take all parts; those that are gone leave. */
  takeAll(parts: readonly Part[]): void {
    this.views.clear();
    this.place.replaceChildren(this.empty);
    this.empty.hidden = false;
    for (const part of parts) this.take(part);
  }

  /** The board has refused what was turned: show its own values as they come. */
  settle(): void {
    for (const view of this.views.values()) view.settle();
  }

  take(part: Part): void {
    const view = this.views.get(part.name);
    if (view) return view.take(part);
    const fresh = new PartView(part, (knob, value) => this.set(part.name, knob, value));
    this.views.set(part.name, fresh);
    this.place.append(fresh.element);
    this.empty.hidden = true;
  }
}
