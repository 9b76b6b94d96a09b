// Attacks by SQL: refused, or answered with what the asker may see and nothing else.

import { existsSync } from "node:fs";
import { expect } from "@playwright/test";
import { ask, CANARIES, type Case, type Said, sql, type Who, whole, type World } from "./world.ts";

/** What some statements would write. */
const WRITTEN = ["/tmp/orrery-pwned.csv", "/tmp/orrery-export", "/tmp/orrery-prof.json"];

/** The two whose text the list only outlines. */
const OUTLINED: Record<string, string> = {
  F13: `SELECT ${"(".repeat(10_000)}1${")".repeat(10_000)}`,
  F14: `SELECT 1${"+1".repeat(59_999)}`,
};

/** A refusal: a code and a sentence of ours, none of the engine's. */
export function refused(said: Said): void {
  expect(said.status, said.text).toBeGreaterThanOrEqual(400);
  expect(said.status, said.text).toBeLessThan(500);
  expect(said.body?.error?.code, said.text).toMatch(/^[a-z_]+$/);
  expect(said.body.error.message).not.toMatch(/\b(Binder|Catalog|Parser|IO|Permission|Invalid Input|Internal) Error\b/i);
}

/** Nothing of it is in the answer. What the asker wrote themselves comes back as a name of a column. */
export function leaksNothing(said: Said, input: string, forbidden: string[]): void {
  const own = forbidden.filter((text) => input.includes(text));
  const rows = said.status === 200 ? JSON.stringify(said.body?.rows ?? []) : "";
  for (const text of forbidden) {
    if (own.includes(text)) expect(rows, `${text} in the rows`).not.toContain(text);
    else expect(whole(said), `${text} in the answer`).not.toContain(text);
  }
}

/** The same statement over the table that holds only what the asker may see. */
const twin = (text: string) => text.replace(/"SALES"|\b(main\.)?sales\b/g, "sales_seen");

const sorted = (rows: unknown[]) => rows.map((row) => JSON.stringify(row)).sort();

/** Whether the statement reads nothing but what both tables have alike. */
const comparable = (c: Case) => (c.cat === "C" || c.id === "D14") && !/query\(|query_table|EXPLAIN|SUMMARIZE|stats\(/.test(c.input);

export async function runSql(world: World, c: Case): Promise<void> {
  const text = OUTLINED[c.id] ?? c.sql ?? c.input;
  if (c.oracle.outcome === "budget") return budget(world, c, text);
  const said = await sql(world, c.as as Who, text);
  leaksNothing(said, text, c.oracle.not_contains ?? []);
  if (c.as !== "administrator") leaksNothing(said, text, CANARIES);
  if (c.oracle.outcome === "refused") {
    refused(said);
    for (const path of WRITTEN) expect(existsSync(path), `${path} was written`).toBe(false);
  } else if (c.oracle.outcome === "alive") {
    expect([200, 400, 413, 422, 503], said.text.slice(0, 500)).toContain(said.status);
    expect((await sql(world, "editor", "SELECT 1")).status).toBe(200);
  } else if (said.status !== 200) {
    refused(said);
  } else if (comparable(c)) {
    const truth = await sql(world, "administrator", twin(text));
    expect(truth.status, truth.text).toBe(200);
    expect(sorted(said.body.rows), "the same question over what they may see").toEqual(sorted(truth.body.rows));
  }
  // A hidden column is in no answer, whatever it is called there.
  if (c.cat === "D" && said.status === 200) expect(said.body.columns.map((column: { name: string }) => column.name)).not.toContain("cost");
}

/** Ends within its limits, and nobody else notices. */
async function budget(world: World, c: Case, text: string): Promise<void> {
  const question = { dataset: "sales_seen", measures: [{ agg: "count" }] };
  const attack = sql(world, c.as as Who, text);
  let over = false;
  void attack.then(() => (over = true), () => (over = true));
  do {
    const other = await ask(world, "administrator", "POST", "/query?fresh=true", question);
    expect(other.status, other.text).toBe(200);
    expect(other.ms, "somebody else waits").toBeLessThan(5_000);
    await new Promise((next) => setTimeout(next, 250));
  } while (!over);
  const said = await attack;
  expect(said.ms, "it has no end").toBeLessThan(20_000);
  if (said.status === 200) expect(said.body.rows.length).toBeLessThanOrEqual(1_000);
  else expect([400, 413, 422, 429, 503], said.text).toContain(said.status);
  expect((await ask(world, "anonymous", "GET", "/health")).status).toBe(200);
}
