// The SQL editor: CodeMirror with names from the schema. Imported by the page `/sql` alone.

import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import {
  defaultKeymap, history, historyKeymap, indentLess, indentMore, simplifySelection,
} from "@codemirror/commands";
import { SQLDialect } from "@codemirror/lang-sql";
import { bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { EditorState, Prec } from "@codemirror/state";
import {
  drawSelection, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, keymap,
  lineNumbers, placeholder,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import { KEYWORDS, TYPES } from "./sql/keywords.js";
import { completions, offsetOf, quoted, schemaOf } from "./sql/names.js";

const DUCKDB = SQLDialect.define({
  keywords: KEYWORDS.join(" "),
  types: TYPES.join(" "),
  operatorChars: "*+-%<>!=&|~^/?@",
  doubleDollarQuotedStrings: true,
  caseInsensitiveIdentifiers: true,
});

// After Escape the next Tab leaves the editor, however long somebody takes to find it; any other key
// makes it an indent again.
const PATIENCE = 3_600_000;

/** What is shown beside a name in the list. */
const mark = {
  position: 20,
  render({ kind }) {
    const dot = document.createElement("span");
    dot.className = `sql-kind sql-kind-${kind}`;
    dot.setAttribute("aria-hidden", "true");
    return dot;
  },
};

const label = {
  position: 60,
  render({ title }) {
    if (!title) return null;
    const text = document.createElement("span");
    text.className = "sql-completion-label";
    text.textContent = title;
    return text;
  },
};

function leave(view) {
  simplifySelection(view);
  view.setTabFocusMode(PATIENCE);
  return true;
}

/** The selection, or all of it where nothing is selected. */
function asked(view) {
  const { from, to } = view.state.selection.main;
  const [start, end] = from === to ? [0, view.state.doc.length] : [from, to];
  return { from: start, text: view.state.sliceDoc(start, end) };
}

/**
 * Makes an editor.
 * @param {HTMLElement} el
 * @param {string} text
 * @param {string} describedby id of the words that say how to leave it
 * @param {(event: string, text: string) => void} tell "change" with the whole text, "run" without
 * @returns {object} handle for the other functions
 */
export function mount(el, text, describedby, tell) {
  const handle = { view: null, schema: schemaOf("{}"), ran: null, marked: false };
  const run = () => {
    tell("run", "");
    return true;
  };
  const keys = [
    { key: "Mod-Enter", run },
    { key: "Tab", run: acceptCompletion },
    { key: "Tab", run: indentMore, shift: indentLess },
    // A list of names that is open takes it first, and closes.
    { key: "Escape", run: leave },
  ];
  const told = EditorView.updateListener.of((update) => {
    if (!update.docChanged) return;
    if (handle.marked) clear(handle);
    tell("change", update.state.doc.toString());
  });
  const extensions = [
    lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), bracketMatching(),
    closeBrackets(), highlightActiveLine(), lintGutter(), indentUnit.of("  "), EditorState.tabSize.of(2), EditorView.lineWrapping,
    DUCKDB.extension,
    syntaxHighlighting(classHighlighter),
    autocompletion({
      override: [(context) => completions(context, handle.schema)],
      icons: false, addToOptions: [mark, label], maxRenderedOptions: 60, interactionDelay: 0,
    }),
    placeholder("SELECT … FROM …"),
    EditorView.contentAttributes.of({
      "aria-label": "SQL", "aria-describedby": describedby, spellcheck: "false", autocorrect: "off", autocapitalize: "off",
    }),
    // The policy of the page lets in only style sheets that carry its number.
    EditorView.cspNonce.of(document.querySelector("script[nonce]")?.nonce ?? ""),
    Prec.high(keymap.of(keys)),
    keymap.of([...closeBracketsKeymap, ...historyKeymap, ...defaultKeymap]),
    told,
  ];
  handle.view = new EditorView({ doc: text, extensions, parent: el });
  return handle;
}

/** The tables, columns and functions that it completes, as `GET /sql/schema` answers them. */
export function setSchema(handle, json) {
  handle.schema = schemaOf(json);
}

/** Puts another text in its place, as a step that can be undone. */
export function setText({ view }, text) {
  if (view.state.doc.toString() === text) return;
  view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text }, selection: { anchor: text.length } });
}

/** Writes a name at the cursor, apart from the words around it. */
export function insert({ view }, name) {
  const text = quoted(name);
  const { from, to } = view.state.selection.main;
  const [before, after] = [view.state.sliceDoc(Math.max(from - 1, 0), from), view.state.sliceDoc(to, to + 1)];
  const insert = (/[\w"]/.test(before) ? " " : "") + text + (/[\w"]/.test(after) ? " " : "");
  view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true });
  view.focus();
}

/** What is to be run. Its errors are marked where it stands now. */
export function take(handle) {
  clear(handle);
  handle.ran = asked(handle.view);
  return handle.ran.text;
}

/** Marks what went wrong in what was run last; line and column from 1, in characters. */
export function point(handle, line, column, message) {
  const { view, ran } = handle;
  if (!ran || view.state.sliceDoc(ran.from, ran.from + ran.text.length) !== ran.text) return;
  const at = ran.from + offsetOf(ran.text, line, column);
  const word = view.state.wordAt(at);
  const line_ = view.state.doc.lineAt(at);
  const [from, to] = word ? [at, word.to] : [Math.min(at, Math.max(line_.to - 1, line_.from)), Math.min(at + 1, line_.to)];
  handle.marked = true;
  view.dispatch(setDiagnostics(view.state, [{ from, to: Math.max(from, to), severity: "error", message }]));
  view.dispatch({ effects: EditorView.scrollIntoView(from) });
}

/** Takes the mark away. */
export function clear(handle) {
  if (!handle.marked) return;
  handle.marked = false;
  handle.view.dispatch(setDiagnostics(handle.view.state, []));
}

/** Where the writing goes on. */
export function focus({ view }) {
  view.focus();
}

export function dispose({ view }) {
  view.destroy();
}
