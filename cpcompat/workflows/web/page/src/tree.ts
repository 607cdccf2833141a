/** The file tree as a person sees and steers it. */

import { h, icon, setAttribute } from "./dom.ts";
import { parentOf, size } from "./paths.ts";
import { step, type Row, type TreeModel } from "./tree_model.ts";

export interface TreeEvents {
  open(path: string): void;
  unfold(folder: string): void;
  rename(path: string): void;
  remove(path: string): void;
  drop(data: DataTransfer, folder: string): void;
  move(path: string, folder: string): void;
  chosen(): void;
}

const OWN_TYPE = "application/x-cpcompat-path";

export class Tree {
  chosen = "";
  private readonly list: HTMLUListElement;
  private readonly model: TreeModel;
  private readonly events: TreeEvents;
  private rows: Row[] = [];
  private marks = new Map<string, string>();

  constructor(place: HTMLElement, model: TreeModel, events: TreeEvents) {
    this.model = model;
    this.events = events;
    this.list = h("ul", { role: "tree", "aria-labelledby": "files-title", class: "tree" });
    place.append(this.list);
    this.list.addEventListener("keydown", (event) => this.key(event));
    this.list.addEventListener("click", (event) => this.click(event));
    this.listenToDrags(place);
  }

  /** The folder that new things go to. */
  get folder(): string {
    return this.chosen.endsWith("/") ? this.chosen : this.chosen ? parentOf(this.chosen) : "/";
  }

  /** Show the files that are open, and whether they are unsaved. */
  mark(marks: Map<string, string>): void {
    this.marks = marks;
    this.draw();
  }

  draw(): void {
    // An element that is put in its place again loses the focus.
    const focused = this.list.contains(document.activeElement) ? (document.activeElement as HTMLElement).dataset.path ?? "" : null;
    this.rows = this.model.rows();
    if (!this.rows.some((row) => row.path === this.chosen)) this.chosen = "";
    const old = new Map([...this.list.children].map((item) => [(item as HTMLElement).dataset.path, item as HTMLElement]));
    this.list.replaceChildren(...this.rows.map((row, index) => this.item(row, index, old.get(row.path))));
    if (!this.rows.length) this.list.append(h("li", { class: "empty", role: "treeitem", tabindex: "0" }, "Nothing here yet"));
    if (focused !== null) (this.element(this.chosen) ?? this.element(focused) ?? this.list.querySelector<HTMLElement>('[tabindex="0"]'))?.focus();
  }

  choose(path: string, focus = true): void {
    this.chosen = path;
    this.draw();
    if (focus) this.element(path)?.focus();
    this.element(path)?.scrollIntoView({ block: "nearest" });
    this.events.chosen();
  }

  focus(): void {
    (this.list.querySelector<HTMLElement>('[tabindex="0"]') ?? this.list).focus();
  }

  private element(path: string): HTMLElement | null {
    return this.list.querySelector<HTMLElement>(`[data-path="${CSS.escape(path)}"]`);
  }

  private item(row: Row, index: number, old?: HTMLElement): HTMLElement {
    const item = old ?? this.fresh(row);
    const here = row.path === this.chosen;
    setAttribute(item, "aria-level", String(row.level));
    setAttribute(item, "aria-setsize", String(row.siblings));
    setAttribute(item, "aria-posinset", String(row.position));
    setAttribute(item, "aria-expanded", row.directory ? String(row.expanded) : null);
    setAttribute(item, "aria-selected", String(here));
    setAttribute(item, "tabindex", here || (!this.chosen && index === 0) ? "0" : "-1");
    setAttribute(item, "data-mark", this.marks.get(row.path) ?? null);
    item.style.setProperty("--level", String(row.level));
    const note = item.querySelector(".note");
    if (note) note.textContent = row.directory ? "" : size(row.file_size);
    return item;
  }

  private fresh(row: Row): HTMLElement {
    return h(
      "li",
      { role: "treeitem", "data-path": row.path, draggable: "true" },
      row.directory ? icon("chevron") : h("span", { class: "icon" }),
      icon(row.directory ? "folder" : "file"), h("span", { class: "name" }, row.name), h("span", { class: "note" }),
    );
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const at = Math.max(0, this.rows.findIndex((row) => row.path === this.chosen));
    const row = this.rows[at];
    if (!row) return;
    const acts: Record<string, () => void> = {
      Enter: () => this.activate(row), " ": () => this.activate(row),
      F2: () => this.events.rename(row.path), Delete: () => this.events.remove(row.path),
    };
    const act = acts[event.key];
    const next = act ? null : step(event.key, this.rows, at);
    if (!act && !next) return;
    event.preventDefault();
    if (act) act();
    else if (next && "go" in next) this.choose(this.rows[next.go]?.path ?? "");
    else if (next && "open" in next) this.fold(next.open, true);
    else if (next && "close" in next) this.fold(next.close, false);
  }

  private click(event: MouseEvent): void {
    const path = (event.target as HTMLElement).closest<HTMLElement>("[data-path]")?.dataset.path;
    const row = this.rows.find((one) => one.path === path);
    if (!row) return;
    this.choose(row.path);
    this.activate(row);
  }

  private activate(row: Row): void {
    this.chosen = row.path;
    if (row.directory) this.fold(row.path, !row.expanded);
    else this.events.open(row.path);
  }

  private fold(folder: string, open: boolean): void {
    this.chosen = folder;
    this.model.setOpen(folder, open);
    this.draw();
    if (open) this.events.unfold(folder);
    this.events.chosen();
  }

  private listenToDrags(place: HTMLElement): void {
    const target = (event: DragEvent): string => {
      const path = (event.target as HTMLElement).closest<HTMLElement>("[data-path]")?.dataset.path ?? "/";
      return path.endsWith("/") ? path : parentOf(path);
    };
    const light = (folder: string | null): void => {
      place.toggleAttribute("data-drop", folder === "/");
      for (const item of this.list.children) item.toggleAttribute("data-drop", (item as HTMLElement).dataset.path === folder);
    };
    place.addEventListener("dragstart", (event) => {
      const path = (event.target as HTMLElement).closest<HTMLElement>("[data-path]")?.dataset.path;
      if (path) event.dataTransfer?.setData(OWN_TYPE, path);
    });
    place.addEventListener("dragover", (event) => {
      event.preventDefault();
      light(target(event));
    });
    place.addEventListener("dragleave", () => light(null));
    place.addEventListener("drop", (event) => {
      event.preventDefault();
      light(null);
      const data = event.dataTransfer;
      const moved = data?.getData(OWN_TYPE);
      if (moved) this.events.move(moved, target(event));
      else if (data) this.events.drop(data, target(event));
    });
  }
}
