/** The board's REST interface: upstream's web workflow, and what the page adds to it. */

export interface Entry {
  name: string;
  directory: boolean;
  modified_ns: number;
  file_size: number;
}

export interface Listing {
  free: number;
  total: number;
  block_size: number;
  writable: boolean;
  files: Entry[];
}

/** Another board, as `/cp/devices.json` lists it. */
export interface Device {
  hostname: string;
  instance_name: string;
  port: number;
  ip: string;
}

export interface Version {
  version: string;
  board_name: string;
  board_id: string;
  mcu_name: string;
  hostname: string;
}

export interface HeaderCell {
  label: string;
  names: string[];
  pin: string | null;
  kind: "gpio" | "power" | "ground" | string;
  number?: number;
}

export interface BoardFacts {
  id: string;
  name: string;
  rows: HeaderCell[][];
  led?: string | null;
}

export type Command = "run" | "stop" | "reload" | "reset" | "safe-mode" | "identify";

const REASONS: Record<number, string> = {
  401: "the board wants its password",
  403: "the board refuses this page",
  404: "it is not there",
  409: "the drive belongs to USB at the moment",
  412: "there is something of that name already",
  413: "the drive has no room for it",
  417: "the drive has no room for it",
  429: "too many wrong passwords; wait a little",
  503: "the board is about to leave",
};

/** What the board refused, in words. */
export class BoardError extends Error {
  readonly status: number;

  constructor(doing: string, status: number, why = "") {
    super(`${doing}: ${why || (REASONS[status] ?? (status ? `the board answered ${status}` : "no answer from the board"))}`);
    this.status = status;
  }
}

/** Return a path as a URL has it. Folders end with a slash. */
export function fileUrl(path: string): string {
  return "/fs" + path.split("/").map(encodeURIComponent).join("/");
}

async function ask(doing: string, url: string, options: RequestInit = {}, inItsWords = false): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { cache: "no-store", credentials: "same-origin", ...options });
  } catch {
    throw new BoardError(doing, 0);
  }
  if (!response.ok) throw new BoardError(doing, response.status, inItsWords ? (await response.text()).trim() : "");
  return response;
}

async function json<T>(doing: string, url: string): Promise<T> {
  const response = await ask(doing, url, { headers: { Accept: "application/json" } });
  return (await response.json()) as T;
}

export const board = {
  list: (folder: string): Promise<Listing> => json(`list ${folder}`, fileUrl(folder)),
  version: (): Promise<Version> => json("ask the version", "/cp/version.json"),
  devices: (): Promise<{ devices: Device[] }> => json("ask for other boards", "/cp/devices.json"),
  facts: (): Promise<BoardFacts> => json("ask for the board", "/cpcompat/board.json"),

  async read(path: string): Promise<Uint8Array<ArrayBuffer>> {
    return new Uint8Array(await (await ask(`read ${path}`, fileUrl(path))).arrayBuffer());
  },

  async write(path: string, body: Blob | string, modified_ms = Date.now()): Promise<void> {
    const headers = { "X-Timestamp": String(modified_ms), "Content-Type": "application/octet-stream" };
    await ask(`save ${path}`, fileUrl(path), { method: "PUT", headers, body });
  },

  /** Make a folder and those above it. */
  async makeFolder(path: string): Promise<void> {
    await ask(`make ${path}`, fileUrl(path), { method: "PUT", headers: { "X-Timestamp": String(Date.now()) } });
  },

  async remove(path: string): Promise<void> {
    await ask(`delete ${path}`, fileUrl(path), { method: "DELETE" });
  },

  async move(from: string, to: string): Promise<void> {
    await ask(`rename ${from}`, fileUrl(from), { method: "MOVE", headers: { "X-Destination": fileUrl(to) } });
  },

  async command(command: Command): Promise<void> {
    const headers = { "Content-Type": "application/json" };
    await ask(command, "/cpcompat/command", { method: "POST", headers, body: JSON.stringify({ command }) }, true);
  },
};
