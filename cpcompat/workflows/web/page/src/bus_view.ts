/** Bus traffic as a list that can be read, filtered and stopped. */

import { BusRows, type BusEvent, type BusRow } from "./bus_rows.ts";
import { byId, h, icon, iconButton, setText } from "./dom.ts";

const MOST = 400;

export class BusView {
  private readonly rows = new BusRows(MOST);
  private readonly list = h("ol", { class: "bus-list", tabindex: "0", "aria-label": "Bus traffic" });
  private readonly empty = h("p", { class: "empty" }, "Nothing has gone over a bus yet.");
  private readonly note = h("p", { class: "bus-note", role: "status" });
  private readonly items = new Map<number, HTMLElement>();
  private filter = "";
  private paused = false;
  private due = false;

  constructor() {
    const input = h("input", { type: "search", placeholder: "Filter", "aria-label": "Filter bus traffic", "data-for": "bus",
      oninput: () => { this.filter = input.value.trim().toLowerCase(); this.draw(); } });
    const pause = h("button", { type: "button", class: "icon-button", "aria-label": "Pause the list", title: "Pause the list", "aria-pressed": "false", "data-for": "bus",
      onclick: () => { this.paused = !this.paused; pause.setAttribute("aria-pressed", String(this.paused)); this.draw(); } }, icon("pause"));
    byId("live-tools").append(input, pause, iconButton("clear", "Clear the list", () => { this.rows.clear(); this.draw(); }, { "data-for": "bus" }));
    byId("bus").append(this.empty, this.list, this.note);
    this.draw();
  }

  add(events: readonly BusEvent[], dropped: number): void {
    if (this.paused) return;
    this.rows.add(events);
    this.rows.dropped += dropped;
    if (this.due) return;
    this.due = true;
    requestAnimationFrame(() => this.draw());
  }

  draw(): void {
    this.due = false;
    const { rows, dropped } = this.rows;
    this.empty.hidden = rows.length > 0;
    this.list.hidden = rows.length === 0;
    setText(this.note, dropped ? `${dropped} more went by too fast to be listed` : "");
    if (byId("bus").hidden || this.paused) return;
    const atEnd = this.list.scrollHeight - this.list.scrollTop - this.list.clientHeight < 24;
    const seen = rows.filter((row) => this.matches(row));
    const kept = new Set(seen.map((row) => row.id));
    for (const [id, item] of this.items) if (!kept.has(id)) { item.remove(); this.items.delete(id); }
    for (const row of seen) this.drawRow(row);
    if (atEnd) this.list.scrollTop = this.list.scrollHeight;
  }

  private matches(row: BusRow): boolean {
    return !this.filter || [row.bus, row.address, row.part, row.write, row.read].join(" ").toLowerCase().includes(this.filter);
  }

  private drawRow(row: BusRow): void {
    let item = this.items.get(row.id);
    if (!item) {
      item = h(
        "li", { "data-ok": row.ok },
        h("span", { class: "time" }), h("b", {}, row.part || row.bus), h("span", { class: "where" }, [row.part ? row.bus : "", row.address].filter(Boolean).join(" ")),
        h("span", { class: "count" }),
        h("span", { class: "bytes" }, row.write && h("span", { class: "write", "aria-label": `wrote ${row.write}` }, row.write),
          row.read && h("span", { class: "read", "aria-label": `read ${row.read}` }, row.read), !row.ok && h("span", { class: "nack" }, "no answer")),
      );
      for (const span of item.querySelectorAll(".write, .read")) span.setAttribute("role", "img");
      this.items.set(row.id, item);
      this.list.append(item);
    }
    const [time, count] = [item.querySelector(".time"), item.querySelector(".count")];
    if (time) setText(time, row.time_s);
    if (count) setText(count, row.count > 1 ? `×${row.count}` : "");
  }
}
