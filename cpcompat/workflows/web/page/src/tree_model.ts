/** What the file tree shows, and where its keys lead: no page, no board. */

import type { Entry } from "./api.ts";

export interface Row {
  path: string;
  name: string;
  directory: boolean;
  level: number;
  expanded: boolean;
  position: number;
  siblings: number;
  file_size: number;
}

const order = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Folders first, then by name as people sort it: `a2` before `a10`. */
export function sorted(entries: readonly Entry[]): Entry[] {
  return [...entries].sort(
    (one, other) => Number(other.directory) - Number(one.directory) || order.compare(one.name, other.name),
  );
}

export class TreeModel {
  private readonly folders = new Map<string, Entry[]>();
  private readonly open = new Set<string>(["/"]);

  /** The folders whose content is shown. */
  get shown(): string[] {
    return [...this.open].filter((folder) => folder === "/" || this.folders.has(folder));
  }

  set(folder: string, entries: readonly Entry[]): void {
    this.folders.set(folder, sorted(entries));
  }

  /** Forget a folder that is gone, with all below it. */
  forget(folder: string): void {
    for (const path of [...this.folders.keys(), ...this.open]) {
      if (path.startsWith(folder) && path !== "/") {
        this.folders.delete(path);
        this.open.delete(path);
      }
    }
  }

  entries(folder: string): readonly Entry[] {
    return this.folders.get(folder) ?? [];
  }

  find(path: string): Entry | undefined {
    const parent = path.slice(0, path.lastIndexOf("/", path.length - 2) + 1);
    const name = path.slice(parent.length).replace(/\/$/, "");
    return this.entries(parent).find((entry) => entry.name === name);
  }

  isOpen(folder: string): boolean {
    return this.open.has(folder);
  }

  setOpen(folder: string, open: boolean): void {
    if (open) this.open.add(folder);
    else this.open.delete(folder);
  }

  rows(folder = "/", level = 1): Row[] {
    const entries = this.entries(folder);
    return entries.flatMap((entry, index) => {
      const path = folder + entry.name + (entry.directory ? "/" : "");
      const expanded = entry.directory && this.open.has(path);
      const row: Row = {
        path, name: entry.name, directory: entry.directory, level, expanded,
        position: index + 1, siblings: entries.length, file_size: entry.file_size,
      };
      return expanded ? [row, ...this.rows(path, level + 1)] : [row];
    });
  }
}

export type Step = { go: number } | { open: string } | { close: string } | null;

/** Return what a key does in a tree (the pattern of the WAI-ARIA Authoring Practices). */
export function step(key: string, rows: readonly Row[], at: number): Step {
  const row = rows[at];
  if (!row) return null;
  switch (key) {
    case "ArrowDown":
      return { go: Math.min(at + 1, rows.length - 1) };
    case "ArrowUp":
      return { go: Math.max(at - 1, 0) };
    case "Home":
      return { go: 0 };
    case "End":
      return { go: rows.length - 1 };
    case "ArrowRight":
      if (!row.directory) return null;
      if (!row.expanded) return { open: row.path };
      return rows[at + 1]?.level === row.level + 1 ? { go: at + 1 } : null;
    case "ArrowLeft": {
      if (row.expanded) return { close: row.path };
      const parent = rows.findLastIndex((other, index) => index < at && other.level < row.level);
      return parent < 0 ? null : { go: parent };
    }
    default:
      return typed(key, rows, at);
  }
}

function typed(key: string, rows: readonly Row[], at: number): Step {
  if (key.length !== 1 || key === " ") return null;
  const letter = key.toLocaleLowerCase();
  for (let ahead = 1; ahead <= rows.length; ahead += 1) {
    const index = (at + ahead) % rows.length;
    if (rows[index]?.name.toLocaleLowerCase().startsWith(letter)) return { go: index };
  }
  return null;
}
