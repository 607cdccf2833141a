/** Short messages at the page's edge; they are read out, and leave by themselves. */

import { byId, h, icon } from "./dom.ts";

const STAYS_MS = 6000;

export function notice(text: string, tone: "plain" | "bad" = "plain"): void {
  const close = h("button", { type: "button", class: "icon-button", "aria-label": "Dismiss", onclick: () => box.remove() }, icon("close"));
  const box = h("div", { class: "notice", "data-tone": tone }, h("span", {}, text), close);
  byId("notices").append(box);
  while (byId("notices").childElementCount > 4) byId("notices").firstElementChild?.remove();
  window.setTimeout(() => box.remove(), tone === "bad" ? STAYS_MS * 2 : STAYS_MS);
}

/** Do something, and say what went wrong; returns whether nothing did. */
export async function attempt(action: () => Promise<unknown>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    notice(error instanceof Error ? error.message : String(error), "bad");
    return false;
  }
}
