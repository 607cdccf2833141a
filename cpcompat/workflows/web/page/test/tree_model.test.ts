import assert from "node:assert/strict";
import { test } from "node:test";
import type { Entry } from "../src/api.ts";
import { sorted, step, TreeModel } from "../src/tree_model.ts";

const entry = (name: string, directory = false): Entry => ({ name, directory, modified_ns: 1, file_size: 0 });

function model(): TreeModel {
  const tree = new TreeModel();
  tree.set("/", [entry("code.py"), entry("lib", true), entry("data", true)]);
  tree.set("/lib/", [entry("b.py"), entry("a", true)]);
  tree.set("/lib/a/", [entry("c.py")]);
  return tree;
}

test("folders come first, and 2 before 10", () => {
  const names = sorted([entry("a10"), entry("B"), entry("a2"), entry("z", true)]).map((one) => one.name);
  assert.deepEqual(names, ["z", "a2", "a10", "B"]);
});

test("only open folders show what is in them", () => {
  const tree = model();
  assert.deepEqual(tree.rows().map((row) => row.path), ["/data/", "/lib/", "/code.py"]);
  tree.setOpen("/lib/", true);
  const rows = tree.rows();
  assert.deepEqual(rows.map((row) => [row.path, row.level]), [["/data/", 1], ["/lib/", 1], ["/lib/a/", 2], ["/lib/b.py", 2], ["/code.py", 1]]);
  assert.deepEqual([rows[3]?.position, rows[3]?.siblings], [2, 2]);
});

test("a folder that is gone takes what was below it along", () => {
  const tree = model();
  tree.setOpen("/lib/", true);
  tree.setOpen("/lib/a/", true);
  tree.forget("/lib/");
  assert.deepEqual(tree.shown, ["/"]);
  assert.deepEqual(tree.entries("/lib/a/"), []);
});

test("a path finds its entry", () => {
  assert.equal(model().find("/lib/a/")?.directory, true);
  assert.equal(model().find("/lib/b.py")?.name, "b.py");
  assert.equal(model().find("/lib/none"), undefined);
});

test("arrow keys go, open, enter, close and leave", () => {
  const tree = model();
  tree.setOpen("/lib/", true);
  const rows = tree.rows();
  assert.deepEqual(step("ArrowDown", rows, 0), { go: 1 });
  assert.deepEqual(step("ArrowUp", rows, 0), { go: 0 });
  assert.deepEqual(step("ArrowRight", rows, 0), { open: "/data/" });
  assert.deepEqual(step("ArrowRight", rows, 1), { go: 2 });
  assert.equal(step("ArrowRight", rows, 4), null);
  assert.deepEqual(step("ArrowLeft", rows, 1), { close: "/lib/" });
  assert.deepEqual(step("ArrowLeft", rows, 3), { go: 1 });
  assert.equal(step("ArrowLeft", rows, 4), null);
  assert.deepEqual(step("End", rows, 0), { go: 4 });
  assert.deepEqual(step("Home", rows, 4), { go: 0 });
});

test("an open folder that is empty is not left by the right arrow", () => {
  const tree = model();
  tree.setOpen("/data/", true);
  assert.equal(step("ArrowRight", tree.rows(), 0), null);
});

test("a letter goes to the next name that begins with it, and round", () => {
  const rows = model().rows();
  assert.deepEqual(step("c", rows, 0), { go: 2 });
  assert.deepEqual(step("D", rows, 2), { go: 0 });
  assert.equal(step("x", rows, 0), null);
  assert.equal(step("Tab", rows, 0), null);
});
