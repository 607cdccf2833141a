/** The open files in their dealings with the board: opens, saves, and notices what others changed. */

import { board, BoardError } from "./api.ts";
import { choose } from "./dialogs.ts";
import { byId, h, icon, iconButton, setText } from "./dom.ts";
import { Editor, type OpenFile } from "./editor.ts";
import type { Files } from "./files.ts";
import { attempt, notice } from "./notices.ts";
import { afterMove, isWithin, nameOf, parentOf, size } from "./paths.ts";
import { afterWrite, compare, onLook, onSave, textOf } from "./stamps.ts";

const MOST_BYTES = 1_000_000;

export class Desk {
  readonly editor: Editor;
  private readonly files: Files;
  private readonly opened: () => void;
  private looking: Promise<void> | null = null;

  constructor(files: Files, opened: () => void) {
    this.files = files;
    this.opened = opened;
    this.editor = new Editor(byId("editor"), { changed: () => this.draw() });
    byId("editor").append(h("p", { id: "no-file", class: "empty" }, "Choose a file to edit, or drop files on the list."));
    byId("code-tools").append(
      h("button", { type: "button", id: "save", class: "button small", title: "Save (Ctrl-S)", onclick: () => void this.save() }, icon("save"), "Save"),
    );
    window.addEventListener("beforeunload", (event) => {
      if (this.unsaved().length) event.preventDefault();
    });
    this.draw();
  }

  unsaved(path = "/"): OpenFile[] {
    return (this.editor?.files ?? []).filter((file) => isWithin(file.path, path) && this.editor.unsaved(file));
  }

  async open(path: string): Promise<void> {
    const already = this.editor.get(path);
    if (already) return this.shown(already);
    await attempt(async () => {
      await this.files.look(parentOf(path));
      const seen = this.files.seen(path);
      if ((seen?.file_size ?? 0) > MOST_BYTES) return notice(`${path} has ${size(seen?.file_size ?? 0)}: too much for this editor. Download shows it.`);
      const text = textOf(await board.read(path));
      if (text === null) return notice(`${path} is not text. Download gets it.`);
      this.shown(this.editor.get(path) ?? this.editor.open(path, text, seen));
    });
  }

  private shown(file: OpenFile): void {
    this.editor.show(file);
    history.replaceState(null, "", "#" + file.path.split("/").map(encodeURIComponent).join("/"));
    this.opened();
  }

  /** Save the file that is shown; asks when the board has another one than was read. */
  async save(file = this.editor.current): Promise<boolean> {
    if (!file) return false;
    let done = false;
    await attempt(async () => {
      const listing = await this.files.look(parentOf(file.path));
      if (!listing.writable) throw new BoardError(`save ${file.path}`, 409);
      const change = compare(file.seen, this.files.seen(file.path));
      if (onSave(change) === "ask" && !(await this.mayOverwrite(file))) return;
      await this.write(file);
      done = true;
    });
    return done;
  }

  private async write(file: OpenFile): Promise<void> {
    const [written, before] = [file.state.doc, file.seen];
    const body = new Blob([this.editor.text(file)]);
    await board.write(file.path, body);
    await this.files.look(parentOf(file.path));
    this.editor.wasSaved(file, written, afterWrite(this.files.seen(file.path), body.size, before));
  }

  private async mayOverwrite(file: OpenFile): Promise<boolean> {
    const text = `${file.path} changed on the board since it was opened here. Saving puts your text in place of what is there now.`;
    const answer = await choose(`${nameOf(file.path)} changed on the board`, text, [
      { value: "theirs", label: "Load the board's" },
      { value: "mine", label: "Save mine over it", tone: "danger" },
    ]);
    if (answer === "theirs") await this.load(file);
    return answer === "mine";
  }

  private async load(file: OpenFile): Promise<void> {
    await this.files.look(parentOf(file.path));
    const seen = this.files.seen(file.path);
    const text = textOf(await board.read(file.path));
    if (text !== null) this.editor.replace(file, text, seen);
  }

  /** Look at the board: files that changed there and not here are loaded; of others it is said. */
  look(): Promise<void> {
    this.looking ??= this.lookOnce().finally(() => { this.looking = null; });
    return this.looking;
  }

  private async lookOnce(): Promise<void> {
    await this.files.lookAgain(this.editor.files.map((file) => parentOf(file.path)));
    for (const file of [...this.editor.files]) {
      const seen = this.files.seen(file.path);
      const change = compare(file.seen, seen);
      const act = onLook(change, this.editor.unsaved(file));
      if (act === "reload") await this.load(file);
      file.found = act === "tell" ? { change: change === "deleted" ? "deleted" : "changed", seen } : null;
    }
    this.draw();
  }

  moved(from: string, to: string | null): void {
    for (const file of [...this.editor.files].filter((one) => isWithin(one.path, from))) {
      if (to === null) this.editor.close(file);
      else this.editor.rename(file, afterMove(file.path, from, to));
    }
  }

  private async close(file: OpenFile): Promise<void> {
    if (this.editor.unsaved(file)) {
      const answer = await choose(`${nameOf(file.path)} has unsaved changes`, "They are lost when it is closed without saving.", [
        { value: "lose", label: "Close without saving", tone: "danger" },
        { value: "save", label: "Save", tone: "main" },
      ]);
      if (answer === null || (answer === "save" && !(await this.save(file)))) return;
    }
    this.editor.close(file);
    this.editor.focus();
  }

  private draw(): void {
    if (!this.editor) return;
    const { current, files } = this.editor;
    byId("open-files").replaceChildren(...files.map((file) => this.tab(file)));
    byId("no-file").hidden = Boolean(current);
    const unsaved = current !== null && this.editor.unsaved(current);
    setText(byId("code-state"), current ? (unsaved ? "Unsaved changes" : "Saved") : "");
    setText(byId("code-place"), this.editor.place());
    byId("save").setAttribute("aria-disabled", String(!unsaved));
    const marks = new Map(files.map((file) => [file.path, this.editor.unsaved(file) ? "unsaved" : "open"]));
    const drawn = JSON.stringify([...marks]);
    if (drawn !== this.drawn) this.files.tree.mark(marks);
    this.drawn = drawn;
    this.drawNotice(current);
  }

  private drawn = "";

  private tab(file: OpenFile): HTMLElement {
    const unsaved = this.editor.unsaved(file);
    const name = nameOf(file.path);
    const here = file === this.editor.current;
    return h(
      "span", { class: "open-file", "data-here": here },
      h("button", { type: "button", title: file.path, "aria-current": here ? "true" : null, onclick: () => { this.shown(file); this.editor.focus(); } },
        name, unsaved && h("span", { class: "unsaved", role: "img", "aria-label": "unsaved" })),
      iconButton("close", `Close ${name}`, () => void this.close(file)),
    );
  }

  private drawNotice(file: OpenFile | null): void {
    const place = byId("code-notice");
    const key = file?.found ? `${file.path} ${file.found.change}` : "";
    if (place.dataset.key === key) return;
    place.dataset.key = key;
    if (!file?.found) return place.replaceChildren();
    const { change, seen } = file.found;
    const keep = (): void => {
      file.seen = seen;
      file.found = null;
      this.draw();
      this.editor.focus();
    };
    const text = change === "deleted" ? `${nameOf(file.path)} is gone from the board.` : `${nameOf(file.path)} changed on the board, and here.`;
    place.replaceChildren(
      h("span", {}, text),
      change === "changed" && h("button", { type: "button", class: "button small", onclick: () => void attempt(() => this.load(file)) }, "Load the board's") || "",
      h("button", { type: "button", class: "button small", onclick: keep }, "Keep mine"),
    );
  }
}
