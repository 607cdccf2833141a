/** What a pin is at the moment, in words and as one of the kinds that have a colour. */

export interface PinState {
  function?: string | null;
  direction?: string | null;
  level?: 0 | 1 | null;
  pull?: string | null;
  holder?: string | null;
}

export type PinKind = "free" | "in" | "out" | "i2c" | "spi" | "uart" | "pwm" | "analog" | "other";

export function kindOf(state: PinState | undefined): PinKind {
  const text = (state?.function ?? "").toLowerCase();
  for (const kind of ["i2c", "spi", "uart", "pwm", "analog"] as const) if (text.includes(kind)) return kind;
  const direction = (state?.direction ?? text).toLowerCase();
  if (direction.startsWith("out")) return "out";
  if (direction.startsWith("in") && (state?.holder || text)) return "in";
  return state?.holder ? "other" : "free";
}

export function levelOf(state: PinState | undefined): "high" | "low" | "unknown" {
  return state?.level === 1 ? "high" : state?.level === 0 ? "low" : "unknown";
}

/** Return the few letters that have room beside a pin. */
export function short(state: PinState | undefined): string {
  const kind = kindOf(state);
  if (kind === "free") return "";
  const pull = kind === "in" && state?.pull ? ` ${state.pull === "up" ? "↑" : state.pull === "down" ? "↓" : ""}` : "";
  if (kind === "in" || kind === "out") return kind + pull;
  return state?.function || "used";
}

/** Return a whole sentence for those who hear the page. */
export function spoken(label: string, state: PinState | undefined): string {
  const words = [label];
  if (kindOf(state) === "free") words.push("free");
  else words.push(state?.function || "used");
  if (state?.direction && state.direction !== state.function) words.push(state.direction);
  if (levelOf(state) !== "unknown") words.push(levelOf(state));
  if (state?.pull) words.push(`pull ${state.pull}`);
  if (state?.holder) words.push(`held by ${state.holder}`);
  return words.join(", ");
}
