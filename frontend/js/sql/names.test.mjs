import assert from "node:assert/strict";
import { test } from "node:test";
import { bare, completions, offsetOf, quoted, schemaOf, sources } from "./names.js";

const column = (name, role = "dimension", type = "text") => ({ name, label: name.toUpperCase(), type, role, description: "" });
const schema = schemaOf(JSON.stringify({
  datasets: [
    { name: "sales", label: "Sales Data", columns: [column("region"), column("order"), column("amount", "measure", "decimal")] },
    { name: "flights", label: "Flights", columns: [column("origin"), column("dep delay", "measure", "float")] },
  ],
  functions: [
    { name: "round", signature: "round(x DOUBLE) -> DOUBLE", description: "Rounds." },
    { name: "round", signature: "round(x DOUBLE, precision INTEGER) -> DOUBLE", description: "Rounds." },
    { name: "->>", signature: "->>(a JSON) -> VARCHAR", description: "" },
  ],
}));

/** What is offered where the text has a `|`. */
function offered(marked, explicit = true) {
  const pos = marked.indexOf("|");
  const text = marked.replace("|", "");
  const found = completions({ pos, explicit, state: { doc: { toString: () => text } } }, schema);
  return found && { ...found, names: found.options.map(({ label }) => label), text: text.slice(found.from, pos) };
}

test("names that SQL would take for words of its own are quoted", () => {
  assert.deepEqual(["amount", "order", "dep delay", 'a"b', "Ünder"].map(quoted), ["amount", '"order"', '"dep delay"', '"a""b"', '"Ünder"']);
});

test("strings and remarks are no SQL", () => {
  assert.equal(bare("a 'b''c' -- d\ne /* f */ g"), `a${" ".repeat(13 - 1)}\ne ${" ".repeat(7)} g`);
});

test("datasets go by their aliases", () => {
  const named = (text) => [...sources(text, schema.tables)].map(([name, { label }]) => `${name}=${label}`);
  assert.deepEqual(named("SELECT 1 FROM sales s, main.flights AS f WHERE 1"), ["s=sales", "f=flights"]);
  assert.deepEqual(named('FROM sales JOIN "flights" USING (x)'), ["sales=sales", "flights=flights"]);
  assert.deepEqual(named("SELECT 'FROM sales' -- from flights"), []);
});

test("after FROM stand the datasets, after a dot the columns", () => {
  assert.deepEqual(offered("SELECT 1 FROM |").names, ["sales", "flights"]);
  assert.deepEqual(offered("SELECT s.| FROM sales s", false).names, ["region", "order", "amount"]);
  assert.deepEqual(offered("SELECT flights.de| FROM flights").names, ["origin", "dep delay"]);
  assert.equal(offered("SELECT x.| FROM sales s"), null);
});

test("columns of the datasets in FROM come first, and functions once", () => {
  const { names, text, options } = offered("SELECT am| FROM sales");
  assert.equal(text, "am");
  assert.deepEqual(names.slice(0, 3), ["region", "order", "amount"]);
  assert.equal(names.filter((name) => name === "round").length, 1);
  assert.ok(!names.includes("->>") && names.includes("SELECT"));
  assert.equal(options.find(({ label }) => label === "order").apply, '"order"');
  assert.match(options.find(({ label }) => label === "round").info, /precision INTEGER/);
});

test("nothing is offered in a string, a remark, a number or before anything is typed", () => {
  for (const text of ["SELECT 'am|", "SELECT 1 -- am|", "SELECT 12|"]) assert.equal(offered(text), null, text);
  assert.equal(offered("SELECT |", false), null);
  assert.ok(offered("SELECT |", true));
});

test("a place is counted in characters", () => {
  const text = "SELECT '😀',\n  FORM x";
  assert.equal(text.slice(offsetOf(text, 1, 11)), ",\n  FORM x");
  assert.equal(text.slice(offsetOf(text, 2, 3)), "FORM x");
  assert.equal(offsetOf(text, 9, 9), text.length);
});
