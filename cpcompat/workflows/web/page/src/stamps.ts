/** Whether a file on the board is still the one that was read: decides, does nothing. */

export interface Stamp {
  modified_ns: number;
  file_size: number;
}

/** A file as last seen; null when there was none. */
export type Seen = Stamp | null;
export type Change = "same" | "changed" | "deleted" | "appeared";

export function compare(known: Seen, seen: Seen): Change {
  if (!known || !seen) return known ? "deleted" : seen ? "appeared" : "same";
  return known.modified_ns === seen.modified_ns && known.file_size === seen.file_size ? "same" : "changed";
}

/** What to do about a file that is open here, when the board was looked at. */
export function onLook(change: Change, unsaved: boolean): "nothing" | "reload" | "tell" {
  if (change === "same") return "nothing";
  return unsaved || change === "deleted" ? "tell" : "reload";
}

/** What to do when somebody saves. A file that is gone is written again; nothing of anybody's is lost. */
export function onSave(change: Change): "write" | "ask" {
  return change === "changed" || change === "appeared" ? "ask" : "write";
}

/** What is known after a write: nothing sure unless the size is ours, as another may have written since. */
export function afterWrite(seen: Seen, written: number, before: Seen): Seen {
  return seen && seen.file_size === written ? seen : before;
}

/** Return the bytes as text, or null where they are no text. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Return the line end that most lines of a text have. */
export function lineEnd(text: string): "\n" | "\r\n" {
  const pairs = text.split("\r\n").length - 1;
  return pairs * 2 > text.split("\n").length - 1 ? "\r\n" : "\n";
}
