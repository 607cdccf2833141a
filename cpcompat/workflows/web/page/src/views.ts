/** Which pane a phone shows; and F6, which goes from pane to pane everywhere. */

import { byId, h, icon, type IconName } from "./dom.ts";

const VIEWS: readonly { id: string; label: string; icon: IconName }[] = [
  { id: "files", label: "Files", icon: "folder" },
  { id: "code", label: "Code", icon: "code" },
  { id: "console", label: "Console", icon: "terminal" },
  { id: "board", label: "Board", icon: "chip" },
  { id: "live", label: "Parts", icon: "knobs" },
];

export function showView(id: string): void {
  document.body.dataset.view = id;
  for (const button of byId("views").querySelectorAll("button")) {
    if (button.dataset.view === id) button.setAttribute("aria-current", "true");
    else button.removeAttribute("aria-current");
  }
}

const STOPS = 'button:not([tabindex="-1"]):not([hidden]), [tabindex="0"], textarea, .cm-content, input, select';

function goToPane(by: number): void {
  const panes = [...document.querySelectorAll<HTMLElement>(document.body.hasAttribute("data-bare") ? "#files, #code, #console" : "[data-pane]")];
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  const pane = panes[(Math.max(at, by > 0 ? -1 : 0) + by + panes.length) % panes.length];
  if (!pane) return;
  showView(pane.id);
  const body = pane.querySelector<HTMLElement>(".pane-body:not([hidden])");
  const inside = body?.querySelector<HTMLElement>(`.cm-content, textarea, [role="tree"] [tabindex="0"]`) ?? body?.querySelector<HTMLElement>(STOPS);
  (inside ?? pane.querySelector<HTMLElement>(STOPS))?.focus();
}

export function makeViews(): void {
  byId("views").append(
    ...VIEWS.map((view) => h("button", { type: "button", "data-view": view.id, onclick: () => showView(view.id) }, icon(view.icon), view.label)),
  );
  showView("code");
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F6" || event.ctrlKey || event.altKey) return;
    event.preventDefault();
    goToPane(event.shiftKey ? -1 : 1);
  });
}
