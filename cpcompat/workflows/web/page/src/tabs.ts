/** Tabs over panels (the WAI-ARIA pattern: arrow keys move, and what is moved to is shown). */

import { byId, h } from "./dom.ts";

export interface Tab {
  label: string;
  panel: string;
  shown?: () => void;
}

/** Fill a place with tabs; returns what shows one by its panel's id. */
export function makeTabs(place: HTMLElement, label: string, tabs: readonly Tab[]): (panel: string) => void {
  const buttons = tabs.map((tab) =>
    h("button", { type: "button", role: "tab", id: `tab-${tab.panel}`, "aria-controls": tab.panel, onclick: () => show(tab.panel) }, tab.label),
  );
  function show(panel: string): void {
    tabs.forEach((tab, index) => {
      const on = tab.panel === panel;
      buttons[index]?.setAttribute("aria-selected", String(on));
      buttons[index]?.setAttribute("tabindex", on ? "0" : "-1");
      byId(tab.panel).hidden = !on;
      document.querySelectorAll<HTMLElement>(`[data-for="${tab.panel}"]`).forEach((tool) => (tool.hidden = !on));
      if (on) tab.shown?.();
    });
  }
  place.setAttribute("role", "tablist");
  place.setAttribute("aria-label", label);
  place.append(...buttons);
  place.addEventListener("keydown", (event) => {
    const at = buttons.indexOf(event.target as HTMLButtonElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    const tab = to === undefined ? undefined : tabs[(to + tabs.length) % tabs.length];
    if (at < 0 || !tab) return;
    event.preventDefault();
    show(tab.panel);
    byId(`tab-${tab.panel}`).focus();
  });
  for (const tab of tabs) {
    const panel = byId(tab.panel);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${tab.panel}`);
  }
  show(tabs[0]?.panel ?? "");
  return show;
}
