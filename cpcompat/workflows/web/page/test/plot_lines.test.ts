import assert from "node:assert/strict";
import { test } from "node:test";
import { Lines, Samples, tuple } from "../src/plot_lines.ts";

test("a tuple of numbers is a sample", () => {
  assert.deepEqual(tuple("(1, 2.5)"), [1, 2.5]);
  assert.deepEqual(tuple("  (-0.5,)  "), [-0.5]);
  assert.deepEqual(tuple("(1e3, +2, .5, 3.)"), [1000, 2, 0.5, 3]);
  assert.deepEqual(tuple("(7)"), [7]);
});

test("anything else is none", () => {
  for (const line of ["", "()", "(,)", "(1, 'a')", "1, 2", "(1, 2) C", "(1 2)", "[1, 2]", "(1,,2)", "(inf,)", "(1e999,)", "((1, 2))"]) {
    assert.equal(tuple(line), null, line);
  }
});

test("lines are whole however the text is cut", () => {
  const text = "one\r\n\x1b]0;🐍 title\x1b\\(1, 2)\r\n\x1b[31m(3, 4)\x1b[0m\r\nrest";
  for (let cut = 1; cut < text.length; cut += 1) {
    const lines = new Lines();
    const got = [...lines.feed(text.slice(0, cut)), ...lines.feed(text.slice(cut))];
    assert.deepEqual(got, ["one", "(1, 2)", "(3, 4)"], `cut at ${cut}`);
  }
});

test("a line without an end does not grow for ever", () => {
  const lines = new Lines();
  for (let piece = 0; piece < 100; piece += 1) lines.feed("x".repeat(1000));
  assert.ok((lines.feed("\n")[0]?.length ?? 0) <= 4096);
});

test("the last samples are kept, in as many columns as the longest", () => {
  const samples = new Samples(3);
  for (const values of [[1], [2, 20], [3, 30], [4]]) samples.add(values);
  assert.deepEqual(samples.indices, [1, 2, 3]);
  assert.deepEqual(samples.columns, [[2, 3, 4], [20, 30, null]]);
  assert.equal(samples.csv(), "sample,value 1,value 2\n1,2,20\n2,3,30\n3,4,\n");
  samples.clear();
  samples.add([9]);
  assert.deepEqual([samples.indices, samples.columns], [[0], [[9]]]);
});
