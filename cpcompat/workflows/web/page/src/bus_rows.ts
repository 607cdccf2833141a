/** Bus traffic as rows that can be read: the same again is counted, not repeated. */

export interface BusEvent {
  t_ns: number;
  bus: string;
  address?: number | string | null;
  write?: string | null;
  read?: string | null;
  /** How many bytes there were, where not all of them are told. */
  write_size?: number;
  read_size?: number;
  part?: string | null;
  ok?: boolean | null;
}

export interface BusRow {
  id: number;
  count: number;
  time_s: string;
  bus: string;
  address: string;
  write: string;
  read: string;
  part: string;
  ok: boolean;
}

const MOST_BYTES = 24;

/** Return "d0 60" for "d060"; long ones end with how many bytes there were. */
export function bytes(hex: string | null | undefined, size = 0): string {
  const pairs = (hex ?? "").match(/../g) ?? [];
  const all = Math.max(size, pairs.length);
  if (all <= MOST_BYTES) return pairs.join(" ");
  return `${pairs.slice(0, MOST_BYTES).join(" ")} … ${all} bytes`;
}

function addressOf(address: BusEvent["address"]): string {
  if (typeof address === "number") return `0x${address.toString(16).padStart(2, "0")}`;
  return address ?? "";
}

export class BusRows {
  readonly rows: BusRow[] = [];
  dropped = 0;
  private next = 0;
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  add(events: readonly BusEvent[]): void {
    for (const event of events) this.addOne(event);
    this.rows.splice(0, this.rows.length - this.most);
  }

  clear(): void {
    this.rows.length = this.dropped = 0;
  }

  private addOne(event: BusEvent): void {
    const row = {
      bus: event.bus, address: addressOf(event.address), write: bytes(event.write, event.write_size),
      read: bytes(event.read, event.read_size), part: event.part ?? "", ok: event.ok !== false,
    };
    const time_s = (event.t_ns / 1e9).toFixed(3);
    const last = this.rows.at(-1);
    if (last && (Object.keys(row) as (keyof typeof row)[]).every((key) => last[key] === row[key])) {
      last.count += 1;
      last.time_s = time_s;
    } else this.rows.push({ ...row, id: this.next++, count: 1, time_s });
  }
}
