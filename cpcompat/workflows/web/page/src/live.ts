/** The live view's messages, as `/cpcompat/live` sends them. */

import type { BusEvent } from "./bus_rows.ts";
import type { Part } from "./parts_view.ts";
import type { PinState } from "./pins.ts";

export interface StateMessage {
  type: "state";
  running?: string | null;
  safe_mode?: string | null;
  status?: string | null;
}

export type Message =
  | StateMessage
  | { type: "pins"; pins: Record<string, PinState | null> }
  | { type: "bus"; events: BusEvent[]; dropped?: number }
  | { type: "parts"; parts: Part[] }
  | { type: "error"; text: string }
  | ({ type: "part" } & Part);

/** Return the message of a text, or null for what is none of ours. */
export function message(text: string): Message | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "type" in value ? (value as Message) : null;
  } catch {
    return null;
  }
}

export interface StateWords {
  text: string;
  tone: "good" | "idle" | "warn" | "off";
}

/** Say how the board is. */
export function words(state: StateMessage): StateWords {
  const running = state.running ?? "";
  if (state.safe_mode) return { text: "Safe mode", tone: "warn" };
  if (!running) return { text: "Connected", tone: "idle" };
  if (running === "repl") return { text: "REPL", tone: "good" };
  if (/\.(py|txt|mpy)$/.test(running)) return { text: `Running ${running}`, tone: "good" };
  return { text: running[0]?.toUpperCase() + running.slice(1), tone: "idle" };
}
