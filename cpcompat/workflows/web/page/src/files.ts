/** The drive: lists it, and does what the person asks of its files. */

import { board, BoardError, type Entry, type Listing } from "./api.ts";
import { askText, choose } from "./dialogs.ts";
import { dropped, picked, type Upload } from "./dropped.ts";
import { byId, h, iconButton, setText } from "./dom.ts";
import { attempt, notice } from "./notices.ts";
import { nameOf, parentOf, size, wrongName } from "./paths.ts";
import type { Seen } from "./stamps.ts";
import { rove } from "./toolbar.ts";
import { Tree } from "./tree.ts";
import { TreeModel } from "./tree_model.ts";

export interface FilesEvents {
  open(path: string): void;
  /** A file or folder has another path now, or none. */
  moved(from: string, to: string | null): void;
  writable(yes: boolean): void;
  /** Whether files with unsaved changes are at a path or below it. */
  unsavedBelow(path: string): number;
}

export class Files {
  readonly model = new TreeModel();
  readonly tree: Tree;
  writable = true;
  private readonly events: FilesEvents;

  constructor(events: FilesEvents) {
    this.events = events;
    this.tree = new Tree(byId("tree-place"), this.model, {
      open: (path) => events.open(path),
      unfold: (folder) => void attempt(() => this.look(folder)),
      rename: (path) => void this.rename(path),
      remove: (path) => void this.remove(path),
      drop: (data, folder) => void this.upload(dropped(data, folder)),
      move: (path, folder) => void this.moveTo(path, folder + nameOf(path) + (path.endsWith("/") ? "/" : "")),
      chosen: () => this.enable(),
    });
    this.makeTools();
  }

  /** List a folder anew. A folder that is gone leaves the tree. */
  async look(folder: string): Promise<Listing> {
    try {
      const listing = await board.list(folder);
      this.model.set(folder, listing.files);
      this.takeDisk(listing);
      this.tree.draw();
      return listing;
    } catch (error) {
      if (error instanceof BoardError && error.status === 404 && folder !== "/") this.model.forget(folder);
      throw error;
    }
  }

  /** List all that is shown, and the folders asked for. */
  async lookAgain(also: readonly string[] = []): Promise<void> {
    for (const folder of new Set([...this.model.shown, ...also])) {
      await this.look(folder).catch((error: unknown) => {
        if (!(error instanceof BoardError && error.status === 404)) throw error;
      });
    }
  }

  /** What the last listing said of a file. */
  seen(path: string): Seen {
    const entry = this.model.find(path);
    return entry && !entry.directory ? { modified_ns: entry.modified_ns, file_size: entry.file_size } : null;
  }

  private takeDisk(listing: Listing): void {
    const [free, total] = [listing.free * listing.block_size, listing.total * listing.block_size];
    const text = `${size(free)} free of ${size(total)}${listing.writable ? "" : " · read only"}`;
    const place = byId("disk");
    if (!place.firstElementChild) place.append(h("span", {}), h("meter", { min: 0, max: 1, class: "push", "aria-label": "Part of the drive that is used" }));
    if (place.firstElementChild) setText(place.firstElementChild, text);
    const meter = place.querySelector("meter");
    if (meter) meter.value = total ? 1 - free / total : 0;
    if (listing.writable !== this.writable) {
      this.writable = listing.writable;
      this.events.writable(listing.writable);
      this.enable();
    }
  }

  private makeTools(): void {
    const picker = byId<HTMLInputElement>("picker");
    picker.addEventListener("change", () => {
      void this.upload(Promise.resolve(picked(picker.files ?? [], this.tree.folder)));
      picker.value = "";
    });
    byId("file-tools").append(
      iconButton("newFile", "New file", () => void this.make(false), { "data-writes": true }),
      iconButton("newFolder", "New folder", () => void this.make(true), { "data-writes": true }),
      iconButton("upload", "Upload files", () => picker.click(), { "data-writes": true }),
      iconButton("download", "Download", () => void this.download(this.tree.chosen), { "data-needs": "file" }),
      iconButton("rename", "Rename or move (F2)", () => void this.rename(this.tree.chosen), { "data-writes": true, "data-needs": "any" }),
      iconButton("trash", "Delete (Del)", () => void this.remove(this.tree.chosen), { "data-writes": true, "data-needs": "any" }),
    );
    rove(byId("file-tools"));
    this.enable();
  }

  private enable(): void {
    const { chosen } = this.tree ?? { chosen: "" };
    for (const button of byId("file-tools").querySelectorAll("button")) {
      const { needs, writes } = button.dataset;
      const lacks = (needs && !chosen) || (needs === "file" && chosen.endsWith("/"));
      button.setAttribute("aria-disabled", String(Boolean(lacks || (writes !== undefined && !this.writable))));
    }
  }

  private mayWrite(): boolean {
    if (!this.writable) notice("The drive is read only here: it belongs to USB at the moment.", "bad");
    return this.writable;
  }

  private async make(directory: boolean): Promise<void> {
    if (!this.mayWrite()) return;
    const folder = this.tree.folder;
    const taken = this.model.entries(folder).map((entry) => entry.name);
    const what = directory ? "folder" : "file";
    const name = await askText(`New ${what} in ${folder}`, "Name", directory ? "" : "code.py", (text) => wrongName(text, taken));
    if (name === null) return;
    const path = folder + name + (directory ? "/" : "");
    await attempt(async () => {
      if (directory) await board.makeFolder(path);
      else await board.write(path, "");
      this.model.setOpen(folder, true);
      await this.look(folder);
      this.tree.choose(path);
      if (!directory) this.events.open(path);
    });
  }

  async rename(path: string): Promise<void> {
    if (!path || !this.mayWrite()) return;
    const slash = path.endsWith("/") ? "/" : "";
    const wrong = (text: string): string => {
      const to = text.replace(/\/$/, "");
      if (!to.startsWith("/")) return "A path begins with a slash.";
      if (slash && (to + "/").startsWith(path) && to + "/" !== path) return "A folder cannot go into itself.";
      return to.slice(1).split("/").map((part) => wrongName(part)).find(Boolean) ?? "";
    };
    const to = await askText(`Rename ${nameOf(path)}`, "New path", path.replace(/\/$/, ""), wrong);
    if (to !== null) await this.moveTo(path, to.replace(/\/$/, "") + slash);
  }

  private async moveTo(from: string, to: string): Promise<void> {
    if (from === to || to.startsWith(from + (from.endsWith("/") ? "" : "/")) || !this.mayWrite()) return;
    await attempt(async () => {
      await board.move(from, to);
      if (from.endsWith("/")) this.model.forget(from);
      this.events.moved(from, to);
      this.model.setOpen(parentOf(to), true);
      await this.lookAgain([parentOf(to)]);
      this.tree.choose(to);
    });
  }

  async remove(path: string): Promise<void> {
    if (!path || !this.mayWrite()) return;
    const all = path.endsWith("/") ? " and all that is in it" : "";
    const unsaved = this.events.unsavedBelow(path) ? " It has changes here that were never saved." : "";
    const text = `${path}${all} will be gone from the board. There is no undo.${unsaved}`;
    if ((await choose(`Delete ${nameOf(path)}?`, text, [{ value: "yes", label: "Delete", tone: "danger" }])) !== "yes") return;
    await attempt(async () => {
      await board.remove(path);
      if (path.endsWith("/")) this.model.forget(path);
      this.events.moved(path, null);
      await this.look(parentOf(path));
      this.tree.focus();
    });
  }

  async download(path: string): Promise<void> {
    if (!path || path.endsWith("/")) return;
    await attempt(async () => {
      const url = URL.createObjectURL(new Blob([await board.read(path)]));
      h("a", { href: url, download: nameOf(path) }).click();
      window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
    });
  }

  private async upload(found: Promise<Upload[]>): Promise<void> {
    const uploads = await found;
    if (!uploads.length || !this.mayWrite()) return;
    await attempt(async () => {
      const folders = [...new Set(uploads.map((upload) => parentOf(upload.path)))];
      const taken = await this.taken(uploads, folders);
      if (taken.length && !(await this.mayReplace(taken))) return;
      for (const folder of folders) if (folder !== "/") await board.makeFolder(folder);
      for (const { path, file } of uploads) await board.write(path, file, file.lastModified);
      for (const folder of folders) this.model.setOpen(folder, true);
      notice(uploads.length === 1 ? `${uploads[0]?.path} is on the board.` : `${uploads.length} files are on the board.`);
    });
    await attempt(() => this.lookAgain(uploads.map((upload) => parentOf(upload.path))));
  }

  private async taken(uploads: readonly Upload[], folders: readonly string[]): Promise<string[]> {
    const there = new Map<string, readonly Entry[]>();
    for (const folder of folders) {
      const listing = await board.list(folder).catch((error: unknown) => {
        if (error instanceof BoardError && error.status === 404) return null;
        throw error;
      });
      there.set(folder, listing?.files ?? []);
    }
    return uploads.map((upload) => upload.path).filter((path) => there.get(parentOf(path))?.some((entry) => entry.name === nameOf(path)));
  }

  private async mayReplace(taken: readonly string[]): Promise<boolean> {
    const names = taken.slice(0, 5).join(", ") + (taken.length > 5 ? " …" : "");
    const text = `On the board already: ${names}.`;
    return (await choose("Replace files?", text, [{ value: "yes", label: "Replace", tone: "danger" }])) === "yes";
  }
}
