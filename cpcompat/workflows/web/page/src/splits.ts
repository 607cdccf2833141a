/** Borders between panes that can be dragged, or moved with the arrow keys; kept for the next time. */

import { byId } from "./dom.ts";

interface Split {
  id: string;
  property: string;
  least: number;
  most: number;
  first: number;
  vertical: boolean;
}

const SPLITS: readonly Split[] = [
  { id: "split-console", property: "--console", least: 110, most: 620, first: 270, vertical: false },
  { id: "split-side", property: "--side", least: 300, most: 680, first: 400, vertical: true },
];

function make(split: Split): void {
  const bar = byId(split.id);
  let size_px = Number(localStorage.getItem(split.id)) || split.first;
  const set = (wanted: number): void => {
    size_px = Math.round(Math.min(split.most, Math.max(split.least, wanted)));
    document.documentElement.style.setProperty(split.property, `${size_px}px`);
    bar.setAttribute("aria-valuenow", String(size_px));
  };
  const keep = (): void => localStorage.setItem(split.id, String(size_px));
  bar.setAttribute("aria-valuemin", String(split.least));
  bar.setAttribute("aria-valuemax", String(split.most));
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowUp: 16, ArrowLeft: 16, ArrowDown: -16, ArrowRight: -16 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    set(size_px + by);
    keep();
  });
  bar.addEventListener("pointerdown", (down) => {
    bar.setPointerCapture(down.pointerId);
    const [from, at] = [size_px, split.vertical ? down.clientX : down.clientY];
    const move = (event: PointerEvent): void => set(from + at - (split.vertical ? event.clientX : event.clientY));
    bar.addEventListener("pointermove", move);
    bar.addEventListener("lostpointercapture", () => { bar.removeEventListener("pointermove", move); keep(); }, { once: true });
  });
  bar.addEventListener("dblclick", () => { set(split.first); keep(); });
  set(size_px);
}

export function makeSplits(): void {
  SPLITS.forEach(make);
}
