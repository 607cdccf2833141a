import assert from "node:assert/strict";
import { test } from "node:test";
import { BusRows, bytes } from "../src/bus_rows.ts";
import { message, words } from "../src/live.ts";
import { afterMove, isWithin, nameOf, parentOf, size, wrongName } from "../src/paths.ts";
import { kindOf, short, spoken } from "../src/pins.ts";
import { pixels } from "../src/pixels.ts";

test("paths have a parent and a name", () => {
  assert.deepEqual(["/code.py", "/lib/", "/lib/a.py"].map(parentOf), ["/", "/", "/lib/"]);
  assert.deepEqual(["/code.py", "/lib/", "/lib/a.py"].map(nameOf), ["code.py", "lib", "a.py"]);
});

test("what is in a folder moves with it", () => {
  assert.equal(afterMove("/lib/a.py", "/lib/", "/old/"), "/old/a.py");
  assert.equal(afterMove("/library.py", "/lib", "/old"), "/library.py");
  assert.equal(afterMove("/a.py", "/a.py", "/b.py"), "/b.py");
  assert.ok(!isWithin("/lib2/a", "/lib/"));
});

test("names that a drive cannot have are refused", () => {
  for (const name of ["", ".", "..", "a/b", "a\\b", "a\nb", "\u00e4".repeat(128)]) assert.notEqual(wrongName(name), "", name);
  assert.equal(wrongName("grün é 1.py"), "");
  assert.match(wrongName("code.py", ["code.py"]), /already/);
});

test("sizes have two digits and a unit", () => {
  assert.deepEqual([0, 999, 1000, 9960, 123456, 5e9].map(size), ["0 B", "999 B", "1.0 kB", "10 kB", "123 kB", "5.0 GB"]);
});

test("the same on the bus again is counted", () => {
  const rows = new BusRows(3);
  const event = { t_ns: 1e9, bus: "I2C 1", address: 0x77, write: "f3", read: "00", part: "bme280", ok: true };
  rows.add([event, { ...event, t_ns: 2e9 }, { ...event, read: "01" }]);
  assert.deepEqual(rows.rows.map((row) => [row.count, row.read, row.address]), [[2, "00", "0x77"], [1, "01", "0x77"]]);
  assert.equal(rows.rows[0]?.time_s, "2.000");
  rows.add([{ ...event, ok: false }, { ...event, address: null }]);
  assert.equal(rows.rows.length, 3);
  assert.equal(rows.rows.at(-1)?.address, "");
});

test("bytes are written in pairs, and long ones are cut", () => {
  assert.equal(bytes("d060"), "d0 60");
  assert.equal(bytes(null), "");
  assert.match(bytes("00".repeat(1025)), /… 1025 bytes$/);
  assert.match(bytes("00".repeat(32), 1025), /^(00 ){24}… 1025 bytes$/);
});

const colour = (data: Uint8ClampedArray, at: number) => [...data.slice(at * 4, at * 4 + 4)];

test("grey pictures are as bright as their bytes", () => {
  const data = pixels({ width: 3, height: 2, format: "grey", data: btoa("\x00\x80\xff\x00\x00\xff") });
  const [dark, half, lit] = [0, 1, 2].map((at) => data[at * 4] ?? 0);
  assert.ok(dark! < half! && half! < lit!, `${dark} ${half} ${lit}`);
  assert.deepEqual([3, 4, 5].map((at) => data[at * 4]), [dark, dark, lit]);
});

test("rgb pictures have three bytes a pixel", () => {
  const data = pixels({ width: 2, height: 1, format: "rgb", data: btoa("\xff\x00\x01\x02\x03\x04") });
  assert.deepEqual([0, 1].map((at) => colour(data, at)), [[255, 0, 1, 255], [2, 3, 4, 255]]);
});

test("a picture that lacks bytes is dark there", () => {
  assert.equal(pixels({ width: 8, height: 8, format: "grey", data: "" }).length, 256);
});

test("pins are told in short and at length", () => {
  const out = { function: "digital", direction: "output", level: 1 as const, pull: null, holder: "x" };
  assert.deepEqual([kindOf(out), short(out)], ["out", "out"]);
  assert.equal(spoken("GPIO4", out), "GPIO4, digital, output, high, held by x");
  const pulled = { function: "digital", direction: "input", level: 0 as const, pull: "up", holder: "x" };
  assert.equal(short(pulled), "in ↑");
  assert.equal(kindOf({ function: "I2C SDA", direction: "output" }), "i2c");
  assert.equal(kindOf({ level: 0, direction: "input" }), "free");
  assert.equal(spoken("GPIO4", undefined), "GPIO4, free");
});

test("only messages of ours are taken", () => {
  assert.equal(message("not json"), null);
  assert.equal(message("[1]"), null);
  assert.equal(message("null"), null);
  assert.equal(message('{"type":"bus","events":[]}')?.type, "bus");
});

test("the board's state is said in words", () => {
  const say = (running: string | null, safe_mode: string | null = null) => words({ type: "state", running, safe_mode }).text;
  assert.equal(say("code.py"), "Running code.py");
  assert.equal(say("repl"), "REPL");
  assert.equal(say("waiting"), "Waiting");
  assert.equal(say("waiting", "why"), "Safe mode");
  assert.equal(say(null), "Connected");
});
