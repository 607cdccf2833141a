/** Names and paths on the drive. A folder's path ends with a slash; the root is "/". */

export function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/", path.length - 2) + 1);
}

export function nameOf(path: string): string {
  return path.slice(parentOf(path).length).replace(/\/$/, "");
}

/** Say what is wrong with a name, or nothing. `taken` are the names beside it. */
export function wrongName(name: string, taken: readonly string[] = []): string {
  if (!name) return "A name is needed.";
  if (name === "." || name === "..") return "This name means a folder itself.";
  if (/[/\\\u0000-\u001f\u007f]/.test(name)) return "A name has no slashes and no control characters.";
  if (new TextEncoder().encode(name).length > 255) return "A name has at most 255 bytes.";
  return taken.includes(name) ? `There is ${name} already.` : "";
}

/** Return whether a path is a folder's content, or the thing itself. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || (folder.endsWith("/") && path.startsWith(folder));
}

/** Return where a path is after `from` became `to`; unchanged if it is elsewhere. */
export function afterMove(path: string, from: string, to: string): string {
  return isWithin(path, from) ? to + path.slice(from.length) : path;
}

/** Return a number of bytes as people read it. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  for (const unit of ["kB", "MB", "GB", "TB"]) {
    bytes /= 1000;
    if (bytes < 999.5 || unit === "TB") return `${bytes < 9.95 ? bytes.toFixed(1) : Math.round(bytes)} ${unit}`;
  }
  return "";
}
