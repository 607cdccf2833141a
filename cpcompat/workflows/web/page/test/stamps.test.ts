import assert from "node:assert/strict";
import { test } from "node:test";
import { afterWrite, compare, lineEnd, onLook, onSave, textOf } from "../src/stamps.ts";

const stamp = (modified_ns: number, file_size = 5) => ({ modified_ns, file_size });

test("time and size tell whether a file is the same", () => {
  assert.equal(compare(stamp(1), stamp(1)), "same");
  assert.equal(compare(stamp(1), stamp(2)), "changed");
  assert.equal(compare(stamp(1), stamp(1, 6)), "changed");
  assert.equal(compare(stamp(1), null), "deleted");
  assert.equal(compare(null, stamp(1)), "appeared");
  assert.equal(compare(null, null), "same");
});

test("what changed on the board is loaded only when nothing of ours is lost", () => {
  assert.equal(onLook("same", true), "nothing");
  assert.equal(onLook("changed", false), "reload");
  assert.equal(onLook("changed", true), "tell");
  assert.equal(onLook("deleted", false), "tell");
});

test("saving asks when somebody else's text would be lost", () => {
  assert.deepEqual((["same", "changed", "appeared", "deleted"] as const).map(onSave), ["write", "ask", "ask", "write"]);
});

test("after a write, a file of another size is not ours", () => {
  assert.deepEqual(afterWrite(stamp(9, 5), 5, stamp(1)), stamp(9, 5));
  assert.deepEqual(afterWrite(stamp(9, 6), 5, stamp(1)), stamp(1));
  assert.equal(afterWrite(null, 5, null), null);
});

test("bytes that are no text are not shown as text", () => {
  const bytes = (...values: number[]) => Uint8Array.from(values);
  assert.equal(textOf(new TextEncoder().encode("grüß 🐍\n")), "grüß 🐍\n");
  assert.equal(textOf(bytes(0xff, 0x41)), null);
  assert.equal(textOf(bytes(0x41, 0)), null);
  assert.equal(textOf(bytes(0xef, 0xbb, 0xbf, 0x41)), "\ufeffA");
  assert.equal(textOf(bytes()), "");
});

test("the line ends of a file stay", () => {
  assert.equal(lineEnd("a\r\nb\r\n"), "\r\n");
  assert.equal(lineEnd("a\nb\n"), "\n");
  assert.equal(lineEnd("a\r\nb\nc\n"), "\n");
  assert.equal(lineEnd(""), "\n");
});
