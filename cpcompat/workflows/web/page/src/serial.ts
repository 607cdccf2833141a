/** The serial terminal: what the board prints, and what is typed to it. */

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import { byId, h, iconButton, setText } from "./dom.ts";
import { notice } from "./notices.ts";
import { Socket } from "./socket.ts";

const KEPT = "cpcompat serial";
const MOST_KEPT = 60_000;
const MOST_LINES = 5000;

const COLOURS = [
  "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white",
  "brightBlack", "brightRed", "brightGreen", "brightYellow", "brightBlue", "brightMagenta", "brightCyan", "brightWhite",
] as const;

function theme(): Record<string, string> {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  const named = Object.fromEntries(COLOURS.map((name, index) => [name, value(`--ansi-${index}`)]));
  return {
    ...named, background: value("--sunk"), foreground: value("--ink"), cursor: value("--accent"),
    cursorAccent: value("--sunk"), selectionBackground: value("--selection"), overviewRulerBorder: value("--sunk"), scrollbarSliderBackground: value("--line"),
    scrollbarSliderHoverBackground: value("--line-strong"), scrollbarSliderActiveBackground: value("--line-strong"),
  };
}

export class Serial {
  private readonly terminal: Terminal;
  private readonly fit = new FitAddon();
  private readonly socket: Socket;
  private kept = "";
  private leaving = false;
  /** Whether the board hears. */
  up = false;
  private readonly heard: (text: string) => void;
  private readonly told: (up: boolean) => void;

  constructor(heard: (text: string) => void, told: (up: boolean) => void) {
    this.heard = heard;
    this.told = told;

    this.terminal = new Terminal({
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"), fontSize: 13, lineHeight: 1.25,
      scrollback: MOST_LINES, screenReaderMode: true, cursorBlink: false, theme: theme(), convertEol: false, overviewRuler: { width: 9 },
    });
    this.terminal.loadAddon(this.fit);
    this.terminal.open(byId("serial"));
    this.terminal.textarea?.setAttribute("aria-label", "Serial terminal. Escape, then Tab leaves it.");
    this.terminal.onData((text) => this.type(text));
    this.terminal.onTitleChange((title) => setText(byId("title"), title.replace(/^🐍/u, "").trim()));
    this.terminal.attachCustomKeyEventHandler((event) => this.key(event));
    // What was printed before this page was there is asked for, unless the page itself has it.
    const past = sessionStorage.getItem(KEPT) ? "" : "?past=1";
    this.socket = new Socket(() => "/cp/serial/" + (this.kept ? "" : past), { text: (text) => this.hear(text), connected: (up, why) => this.connected(up, why) });
    new ResizeObserver(() => this.fitNow()).observe(byId("serial"));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { this.terminal.options.theme = theme(); });
    this.restore();
    this.makeTools();
  }

  open(): void {
    this.socket.open();
  }

  focus(): void {
    this.terminal.focus();
  }

  private fitNow(): void {
    if (byId("serial").clientHeight > 0) this.fit.fit();
  }

  private hear(text: string): void {
    this.terminal.write(text);
    this.kept = (this.kept + text).slice(-MOST_KEPT);
    this.heard(text);
  }

  /** Send what was typed, or what a button stands for. */
  type(text: string): void {
    this.terminal.scrollToBottom();
    this.socket.send(text);
  }

  private connected(up: boolean, why: string): void {
    this.up = up;
    this.told(up);
    byId("serial").toggleAttribute("data-off", !up);
    if (!up && why) notice(`The serial line was closed: ${why}`);
  }

  // Escape goes to the board, and lets the next Tab go to the page instead.
  private key(event: KeyboardEvent): boolean {
    if (event.type !== "keydown") return true;
    if (event.key === "Tab" && this.leaving) return false;
    if (event.key === "F6" || (event.ctrlKey && event.key.toLowerCase() === "s")) return false;
    if (!["Shift", "Tab"].includes(event.key)) this.leaving = event.key === "Escape";
    return true;
  }

  private restore(): void {
    const before = sessionStorage.getItem(KEPT);
    if (before) {
      this.kept = before;
      this.terminal.write(before + "\x1b[0m");
    }
    window.addEventListener("pagehide", () => sessionStorage.setItem(KEPT, this.kept));
  }

  private clear(): void {
    this.kept = "";
    this.terminal.reset();
    this.terminal.focus();
  }

  private download(): void {
    this.terminal.selectAll();
    const url = URL.createObjectURL(new Blob([this.terminal.getSelection().trimEnd() + "\n"], { type: "text/plain" }));
    this.terminal.clearSelection();
    h("a", { href: url, download: "serial.txt" }).click();
    window.setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }

  private makeTools(): void {
    const send = (label: string, tip: string, text: string, narrow = false): HTMLElement =>
      h("button", { type: "button", class: `key ${narrow ? "narrow-only" : ""}`, title: tip, "aria-label": tip, "data-for": "serial",
        onclick: () => { this.type(text); this.terminal.focus(); } }, label);
    byId("console-tools").append(
      send("^C", "Send Ctrl-C: interrupt the program", "\x03"), send("^D", "Send Ctrl-D: run again", "\x04"),
      send("⇥", "Send Tab: complete", "\t", true), send("↑", "Send Up: the line before", "\x1b[A", true),
      iconButton("download", "Save what the terminal shows", () => this.download(), { "data-for": "serial" }),
      iconButton("clear", "Clear the terminal", () => this.clear(), { "data-for": "serial" }),
    );
  }
}
