// What can be written at a place in a SELECT: datasets, their columns, functions, words of SQL. No tree
// of the text is needed for it: while somebody writes, there rarely is one.

import { KEYWORDS, RESERVED } from "./keywords.js";

/** How near to the top of the list something stands, among what fits as well. */
const BOOST = { own: 3, table: 2, keyword: 0, function: -1 };

/** A name as SQL takes it. */
export function quoted(name) {
  const plain = /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !RESERVED.has(name.toLowerCase());
  return plain ? name : `"${name.replaceAll('"', '""')}"`;
}

/** The answer of `GET /sql/schema`, ready to be looked up. */
export function schemaOf(json) {
  const { datasets = [], functions = [] } = JSON.parse(json);
  const tables = new Map();
  for (const { name, label, columns } of datasets) {
    const fields = columns.map((column) => ({
      label: column.name, apply: quoted(column.name), title: column.label, detail: column.type, kind: column.role,
      type: "property", info: column.description || undefined,
    }));
    tables.set(name.toLowerCase(), { label: name, apply: quoted(name), title: label, kind: "table", type: "class", columns: fields });
  }
  const calls = new Map();
  for (const { name, signature, description } of functions) {
    if (!/^[a-z_][a-z0-9_]*$/.test(name)) continue;
    const known = calls.get(name) ?? { ways: [], description };
    known.ways.push(signature);
    calls.set(name, known);
  }
  const called = [...calls].map(([name, { ways, description }]) => ({
    label: name, kind: "function", type: "function", boost: BOOST.function, detail: ways[0].slice(name.length, name.length + 40),
    info: [...ways.slice(0, 6), ways.length > 6 ? "…" : "", description].filter(Boolean).join("\n"),
    apply: call(name),
  }));
  const words = KEYWORDS.map((word) => ({ label: word.toUpperCase(), kind: "keyword", type: "keyword", boost: BOOST.keyword }));
  return { tables, functions: called, words };
}

/** Writes a call and stands between its brackets. */
function call(name) {
  return (view, _, from, to) => {
    const open = view.state.sliceDoc(to, to + 1) === "(";
    const insert = open ? name : `${name}()`;
    view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + name.length + 1 }, userEvent: "input.complete" });
  };
}

/** The text without what is no SQL in it: strings and remarks become blanks of the same length. */
export function bare(text) {
  const blank = (part) => part.replace(/[^\n]/g, " ");
  return text.replace(/'(?:[^']|'')*'?|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\$\$[\s\S]*?(?:\$\$|$)/g, blank);
}

const NAME = String.raw`(?:"(?:[^"]|"")+"|[A-Za-z_]\w*)`;
const unquoted = (name) => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name).toLowerCase();

/** The datasets in FROM and JOIN, by the names they go by there. */
export function sources(text, tables) {
  const found = new Map();
  // Every dataset of a list: after FROM, JOIN or a comma, alone or as main.name, with or without AS.
  const list = new RegExp(String.raw`(?:\bfrom\b|\bjoin\b|,)\s*(?:main\s*\.\s*)?(${NAME})(?:\s+(?:as\s+)?(${NAME}))?`, "gi");
  const words = new Set(KEYWORDS);
  const clean = bare(text);
  for (let hit = list.exec(clean); hit; hit = list.exec(clean)) {
    const [, name, alias] = hit;
    const table = tables.get(unquoted(name));
    // The word after it may begin the next source.
    list.lastIndex = hit.index + hit[0].length - (alias ? alias.length : 0);
    if (!table) continue;
    const known = alias && (alias.startsWith('"') || !words.has(alias.toLowerCase()));
    found.set(known ? unquoted(alias) : unquoted(name), table);
  }
  return found;
}

/** The list for a place in the text; null where nothing can be offered. */
export function completions(context, schema) {
  const { state, pos, explicit } = context;
  const text = state.doc.toString();
  const before = bare(text).slice(0, pos);
  // In a string or a remark.
  if (pos > 0 && before[pos - 1] === " " && !/\s/.test(text[pos - 1])) return null;
  const typed = /(?:"[^"\n]*|\w*)$/.exec(before)[0];
  const from = pos - typed.length;
  if (!typed && !explicit && before[pos - 1] !== ".") return null;
  const named = sources(text, schema.tables);
  const validFor = /^(?:"[^"\n]*|\w*)$/;
  const path = new RegExp(`(${NAME})\\s*\\.$`).exec(before.slice(0, from));
  if (path) {
    const of = unquoted(path[1]);
    if (of === "main") return { from, options: [...schema.tables.values()], validFor };
    const table = named.get(of) ?? schema.tables.get(of);
    return table ? { from, options: table.columns, validFor } : null;
  }
  if (/^\d/.test(typed)) return null;
  const all = [...schema.tables.values()];
  if (/\b(?:from|join)\s+$/i.test(before.slice(0, from))) {
    return { from, options: all.map((table) => ({ ...table, boost: BOOST.table })), validFor };
  }
  const own = new Map();
  for (const [name, table] of named) {
    for (const column of table.columns) {
      const twin = own.get(column.label);
      // A column that two of them have is told apart by its dataset.
      own.set(column.label, { ...column, boost: BOOST.own, title: twin ? `${column.title} · ${name}` : column.title });
    }
  }
  const aliases = [...named].filter(([name, table]) => name !== table.label.toLowerCase());
  const options = [
    ...own.values(),
    ...aliases.map(([name, table]) => ({ label: name, apply: quoted(name), title: table.title, kind: "table", type: "class" })),
    ...all, ...schema.functions, ...schema.words,
  ];
  return { from, options, validFor };
}

/** The place of a line and a column, both from 1 and in characters, in a text. */
export function offsetOf(text, line, column) {
  let at = 0;
  for (let i = 1; i < line; i++) {
    const next = text.indexOf("\n", at);
    if (next < 0) break;
    at = next + 1;
  }
  for (let i = 1; i < column && at < text.length && text[at] !== "\n"; i++) at += text.codePointAt(at) > 0xffff ? 2 : 1;
  return Math.min(at, text.length);
}
