/** The open files and the editor over them. */

import { closeBrackets, closeBracketsKeymap, autocompletion, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { python } from "@codemirror/lang-python";
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { toml } from "@codemirror/legacy-modes/mode/toml";
import { highlightSelectionMatches, openSearchPanel, search, searchKeymap } from "@codemirror/search";
import { EditorState, type Extension, type Text } from "@codemirror/state";
import { drawSelection, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap, lineNumbers } from "@codemirror/view";
import { tags as t } from "@lezer/highlight";
import { lineEnd, type Seen } from "./stamps.ts";

const colours = HighlightStyle.define([
  { tag: [t.keyword, t.operatorKeyword, t.controlKeyword, t.definitionKeyword, t.moduleKeyword], color: "var(--syn-keyword)" },
  { tag: [t.string, t.special(t.string)], color: "var(--syn-string)" },
  { tag: [t.number, t.bool, t.null, t.atom], color: "var(--syn-number)" },
  { tag: [t.comment], color: "var(--syn-comment)", fontStyle: "italic" },
  { tag: [t.function(t.variableName), t.function(t.definition(t.variableName))], color: "var(--syn-function)" },
  { tag: [t.className, t.definition(t.className), t.typeName, t.meta], color: "var(--syn-type)" },
  { tag: [t.propertyName, t.definition(t.propertyName)], color: "var(--syn-property)" },
  { tag: [t.heading], color: "var(--syn-keyword)", fontWeight: "600" },
]);

const theme = EditorView.theme({
  "&": { height: "100%", color: "var(--ink)", backgroundColor: "var(--panel)", fontSize: "var(--code-size)" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--accent)", padding: "8px 0" },
  ".cm-gutters": { backgroundColor: "var(--panel)", color: "var(--faint)", border: "none", paddingLeft: "4px" },
  ".cm-activeLine": { backgroundColor: "var(--active-line)" },
  ".cm-activeLineGutter": { backgroundColor: "var(--active-line)", color: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--accent)", borderLeftWidth: "2px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "var(--selection)" },
  ".cm-selectionMatch": { backgroundColor: "var(--match)" },
  "&.cm-focused .cm-matchingBracket": { backgroundColor: "var(--match)", outline: "1px solid var(--line-strong)" },
  ".cm-panels": { backgroundColor: "var(--sunk)", color: "var(--ink)" },
  ".cm-panels.cm-panels-bottom": { borderTop: "1px solid var(--line)" },
  ".cm-tooltip": { backgroundColor: "var(--panel)", border: "1px solid var(--line-strong)", borderRadius: "6px", overflow: "hidden" },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { backgroundColor: "var(--accent)", color: "var(--accent-ink)" },
});

function language(path: string): Extension {
  if (/\.pyi?$/.test(path)) return [python(), indentUnit.of("    ")];
  if (path.endsWith(".json")) return json();
  return path.endsWith(".toml") ? StreamLanguage.define(toml) : [];
}

export interface OpenFile {
  path: string;
  /** The text as it is on the board, as far as known. */
  saved: Text;
  seen: Seen;
  state: EditorState;
  end: "\n" | "\r\n";
  /** What was found on the board, where that is not what was read. */
  found: { change: "changed" | "deleted"; seen: Seen } | null;
}

export interface EditorEvents {
  /** A file was opened, closed, shown, edited or saved. */
  changed(): void;
}

export class Editor {
  readonly files: OpenFile[] = [];
  current: OpenFile | null = null;
  private readonly view: EditorView;
  private readonly events: EditorEvents;
  private locked = false;

  constructor(place: HTMLElement, events: EditorEvents) {
    this.events = events;
    this.view = new EditorView({ parent: place, state: EditorState.create({ extensions: [EditorState.readOnly.of(true)] }) });
    this.view.dom.hidden = true;
  }

  private extensions(path: string): Extension {
    return [
      lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(),
      indentOnInput(), bracketMatching(), closeBrackets(), autocompletion(), highlightActiveLine(),
      highlightSelectionMatches(), search(), syntaxHighlighting(colours), theme, language(path),
      EditorView.contentAttributes.of({ "aria-label": `Editor: ${path}`, tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
      EditorState.readOnly.of(this.locked),
      keymap.of([
        ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, indentWithTab,
        { key: "Escape", run: (view) => { view.setTabFocusMode(true); return false; } },
      ]),
      EditorView.domEventHandlers({
        focus: (_, view) => { view.setTabFocusMode(false); return false; },
        keydown: (event, view) => {
          if (event.key.length === 1 || event.key === "Enter") view.setTabFocusMode(false);
          return false;
        },
      }),
      EditorView.updateListener.of((update) => {
        if (!this.current || this.current.path !== path) return;
        this.current.state = update.state;
        if (update.docChanged || update.selectionSet) this.events.changed();
      }),
    ];
  }

  get(path: string): OpenFile | undefined {
    return this.files.find((file) => file.path === path);
  }

  unsaved(file: OpenFile): boolean {
    return !file.state.doc.eq(file.saved);
  }

  text(file: OpenFile): string {
    return file.state.doc.toString().replaceAll("\n", file.end);
  }

  place(): string {
    if (!this.current) return "";
    const { doc, selection } = this.current.state;
    const line = doc.lineAt(selection.main.head);
    return `Line ${line.number}, column ${selection.main.head - line.from + 1}`;
  }

  open(path: string, text: string, seen: Seen): OpenFile {
    const state = EditorState.create({ doc: text, extensions: this.extensions(path) });
    const file: OpenFile = { path, saved: state.doc, seen, state, end: lineEnd(text), found: null };
    this.files.push(file);
    this.show(file);
    return file;
  }

  show(file: OpenFile): void {
    this.current = file;
    this.view.setState(file.state);
    this.view.dom.hidden = false;
    this.events.changed();
  }

  /** Put the board's text in place of ours; the cursor stays where it can. */
  replace(file: OpenFile, text: string, seen: Seen): void {
    file.end = lineEnd(text);
    const insert = file.state.toText(text.replace(/\r\n?/g, "\n"));
    const head = Math.min(file.state.selection.main.head, insert.length);
    const transaction = file.state.update({ changes: { from: 0, to: file.state.doc.length, insert }, selection: { anchor: head } });
    if (file === this.current) this.view.dispatch(transaction);
    file.state = transaction.state;
    this.wasSaved(file, file.state.doc, seen);
  }

  wasSaved(file: OpenFile, saved: Text, seen: Seen): void {
    Object.assign(file, { saved, seen, found: null });
    this.events.changed();
  }

  close(file: OpenFile): void {
    const at = this.files.indexOf(file);
    this.files.splice(at, 1);
    if (this.current === file) {
      const next = this.files[Math.min(at, this.files.length - 1)];
      this.current = null;
      if (next) this.show(next);
      else this.view.dom.hidden = true;
    }
    this.events.changed();
  }

  /** Give an open file another path, with that path's language. */
  rename(file: OpenFile, path: string): void {
    const { doc, selection } = file.state;
    file.path = path;
    file.state = EditorState.create({ doc, selection, extensions: this.extensions(path) });
    if (file === this.current) this.show(file);
  }

  /** Forbid or allow edits: the drive cannot be written while USB has it. */
  lock(locked: boolean): void {
    if (locked === this.locked) return;
    this.locked = locked;
    for (const file of this.files) this.rename(file, file.path);
  }

  find(): void {
    if (this.current) openSearchPanel(this.view);
  }

  focus(): void {
    this.view.focus();
  }
}
