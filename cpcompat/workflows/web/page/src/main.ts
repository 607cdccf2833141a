/** Puts the page together. */

import "@xterm/xterm/css/xterm.css";
import "uplot/dist/uPlot.min.css";
import "./page.css";
import { board, BoardError, type Command } from "./api.ts";
import { BusView } from "./bus_view.ts";
import { Desk } from "./desk.ts";
import { byId, h, icon, setText, type IconName } from "./dom.ts";
import { Files } from "./files.ts";
import { HeaderView } from "./header_view.ts";
import { message, words, type StateMessage } from "./live.ts";
import { attempt, notice } from "./notices.ts";
import { showOthers } from "./others.ts";
import { PartsView } from "./parts_view.ts";
import { Plotter } from "./plotter.ts";
import { Serial } from "./serial.ts";
import { Socket } from "./socket.ts";
import { makeSplits } from "./splits.ts";
import { adoptStyleElements } from "./styles.ts";
import { makeTabs } from "./tabs.ts";
import { rove } from "./toolbar.ts";
import { makeViews, showView } from "./views.ts";

adoptStyleElements();

const LOOK_EVERY_MS = 15_000;
const narrow = matchMedia("(max-width: 899px)");

const files = new Files({
  open: (path) => void desk.open(path).then(() => desk.editor.focus()),
  moved: (from, to) => desk.moved(from, to),
  writable: (yes) => {
    desk.editor.lock(!yes);
    alertBar("usb", yes ? "" : "The drive is read only here: it belongs to USB at the moment.");
  },
  unsavedBelow: (path) => desk.unsaved(path).length,
});
const desk: Desk = new Desk(files, () => { if (narrow.matches) showView("code"); });
const plotter = new Plotter();
const serial = new Serial((text) => plotter.feed(text), (up) => {
  if (bare) showState(up ? "Connected" : "Not connected", up ? "idle" : "off");
});
const header = new HeaderView();
const bus = new BusView();
const parts = new PartsView((part, knob, value) => {
  if (!live.send(JSON.stringify({ set: { part, knob, value } }))) notice("Not connected: the knob turned here alone.", "bad");
});
const live: Socket = new Socket(() => "/cpcompat/live", { text: take, connected: liveConnected });

const alerts = new Map<string, string>();

/** Show a warning above all panes until its text is empty. */
function alertBar(key: string, text: string): void {
  if (text) alerts.set(key, text);
  else alerts.delete(key);
  const bar = byId("alert");
  bar.hidden = alerts.size === 0;
  setText(bar, [...alerts.values()].join(" "));
}

function showState(text: string, tone: string): void {
  byId("state").dataset.tone = tone;
  setText(byId("state-text"), text);
}

function takeState(state: StateMessage): void {
  const { text, tone } = words(state);
  showState(text, tone);
  byId("state").title = state.status ?? "";
  const reason = typeof state.safe_mode === "string" ? state.safe_mode.trim() : "";
  alertBar("safe", reason ? `Safe mode: ${reason}` : "");
  lookSoon();
}

function take(text: string): void {
  const found = message(text);
  if (found?.type === "state") takeState(found);
  else if (found?.type === "pins") header.setPins(found.pins);
  else if (found?.type === "bus") bus.add(found.events, found.dropped ?? 0);
  else if (found?.type === "parts") parts.takeAll(found.parts);
  else if (found?.type === "part") parts.take(found);
  else if (found?.type === "error") {
    parts.settle();
    notice(found.text, "bad");
  }
}

function liveConnected(up: boolean): void {
  if (up) showState("Connected", "idle");
  else showState("Not connected", "off");
  document.body.toggleAttribute("data-off", !up);
}

const COMMANDS: readonly { command: Command; label: string; icon: IconName; tip: string }[] = [
  { command: "run", label: "Run", icon: "run", tip: "Save, and run code.py" },
  { command: "stop", label: "Stop", icon: "stop", tip: "Stop the program" },
  { command: "reload", label: "Reload", icon: "reload", tip: "Start code.py anew" },
  { command: "safe-mode", label: "Safe mode", icon: "shield", tip: "Reset into safe mode: code.py does not run" },
  { command: "reset", label: "Reset", icon: "reset", tip: "Reset the board" },
  { command: "identify", label: "Identify", icon: "identify", tip: "Blink the status light" },
];

// Where the server has upstream's interface alone, these keys do what the buttons say.
const KEYS: Partial<Record<Command, string>> = { run: "\x03\x04", stop: "\x03", reload: "\x03\x04" };

async function send(command: Command): Promise<void> {
  if (command === "run" && desk.editor.current && desk.unsaved().includes(desk.editor.current) && !(await desk.save())) return;
  if (bare) return serial.type(KEYS[command] ?? "");
  if ((await attempt(() => board.command(command))) && command === "identify") notice("The status light blinks blue.");
}

let looking = 0;
/** Look at the drive a little later, once for many causes. */
function lookSoon(): void {
  window.clearTimeout(looking);
  looking = window.setTimeout(() => { if (!document.hidden) desk.look().catch(() => undefined); }, 300);
}

/** See which other boards there are; where that is not known the page does without. */
function lookAround(): void {
  if (!document.hidden) showOthers().catch(() => undefined);
}

let bare = false;

/** Leave out what needs more than upstream's interface. */
async function showBare(): Promise<void> {
  bare = true;
  document.body.toggleAttribute("data-bare", true);
  const { board_name } = await board.version();
  setText(byId("board-name"), board_name);
  document.title = board_name;
  showState(serial.up ? "Connected" : "Not connected", serial.up ? "idle" : "off");
  for (const button of byId("commands").querySelectorAll("button")) button.hidden = !((button.dataset.command ?? "") in KEYS);
}

async function start(): Promise<void> {
  try {
    await files.look("/");
  } catch (error) {
    const locked = error instanceof BoardError && [401, 403, 429].includes(error.status);
    showState(locked ? "Not logged in" : "Not connected", "off");
    alertBar("login", error instanceof Error ? `Cannot ${error.message}. Reload the page to try again.` : "");
    return;
  }
  serial.open();
  await attempt(async () => {
    const facts = await board.facts().catch((error: unknown) => {
      if (error instanceof BoardError && error.status === 404) return null;
      throw error;
    });
    if (!facts) return showBare();
    live.open();
    setText(byId("board-name"), facts.name);
    setText(byId("board-id"), facts.id);
    document.title = facts.name;
    header.setBoard(facts);
  });
  const asked = decodeURIComponent(location.hash.slice(1));
  if (asked.startsWith("/") && !asked.endsWith("/")) await desk.open(asked);
  else if (files.model.find("/code.py")) await desk.open("/code.py");
  window.setInterval(lookSoon, LOOK_EVERY_MS);
  lookAround();
  window.setInterval(lookAround, LOOK_EVERY_MS);
}

function makePage(): void {
  makeSplits();
  makeViews();
  makeTabs(byId("console-tabs"), "Console", [{ label: "Serial", panel: "serial" }, { label: "Plotter", panel: "plotter", shown: () => plotter.draw() }]);
  makeTabs(byId("live-tabs"), "Live", [{ label: "Parts", panel: "parts" }, { label: "Bus", panel: "bus", shown: () => bus.draw() }, { label: "Pins", panel: "pins" }]);
  byId("commands").append(...COMMANDS.map((one) =>
    h("button", { type: "button", class: "command", "data-command": one.command, title: one.tip, onclick: () => void send(one.command) }, icon(one.icon), h("span", {}, one.label))));
  rove(byId("commands"));
  byId("skip").addEventListener("click", (event) => { event.preventDefault(); showView("code"); desk.editor.focus(); });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "s") return;
    event.preventDefault();
    void desk.save();
  });
  for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
  window.addEventListener("focus", lookSoon);
  document.addEventListener("visibilitychange", lookSoon);
}

makePage();
void start();
