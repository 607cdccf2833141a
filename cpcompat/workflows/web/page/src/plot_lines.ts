/** From the text of the serial line to numbers: lines like `(1, 2.5)`, as Mu's plotter takes them. */

const MOST_OF_A_LINE = 4096;
// CSI, OSC (a title) and two-character escapes.
const ESCAPES = /\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** Cuts text that comes in pieces into lines without escape sequences. */
export class Lines {
  private rest = "";

  feed(text: string): string[] {
    const pieces = (this.rest + text).split("\n");
    this.rest = (pieces.pop() ?? "").slice(-MOST_OF_A_LINE);
    return pieces.map((piece) => piece.replace(ESCAPES, "").replace(/\r/g, ""));
  }
}

/** Return the numbers of a line that is a tuple of nothing but numbers, else null. */
export function tuple(line: string): number[] | null {
  const text = line.trim();
  if (!text.startsWith("(") || !text.endsWith(")")) return null;
  const fields = text.slice(1, -1).split(",").map((field) => field.trim());
  if (fields.length > 1 && fields.at(-1) === "") fields.pop();
  if (!fields.every((field) => NUMBER.test(field))) return null;
  const numbers = fields.map(Number);
  return numbers.every(Number.isFinite) ? numbers : null;
}

/** The last samples: a column for each place of the tuples, null where a shorter tuple has none. */
export class Samples {
  readonly columns: (number | null)[][] = [];
  readonly indices: number[] = [];
  private count = 0;
  private readonly most: number;

  constructor(most: number) {
    this.most = most;
  }

  add(values: readonly number[]): void {
    while (this.columns.length < values.length) this.columns.push(this.indices.map(() => null));
    this.indices.push(this.count++);
    this.columns.forEach((column, place) => column.push(values[place] ?? null));
    if (this.indices.length > this.most) {
      this.indices.shift();
      this.columns.forEach((column) => column.shift());
    }
  }

  clear(): void {
    this.columns.length = this.indices.length = this.count = 0;
  }

  csv(): string {
    const head = ["sample", ...this.columns.map((_, place) => `value ${place + 1}`)].join(",");
    const rows = this.indices.map((index, at) => [index, ...this.columns.map((column) => column[at] ?? "")].join(","));
    return [head, ...rows, ""].join("\n");
  }
}
