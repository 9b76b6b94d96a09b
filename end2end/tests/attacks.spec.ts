// Every attack of `fixtures/security/cases.json` against the real server: each is run, or has its reason
// in `not_applicable.json`.

import { expect, test } from "@playwright/test";
import { FILES } from "../attacks/files.ts";
import { ANSWERS, PAGES } from "../attacks/pages.ts";
import { PEOPLE_CASES } from "../attacks/people.ts";
import { QUESTIONS } from "../attacks/questions.ts";
import { SOCKETS } from "../attacks/socket.ts";
import { runSql } from "../attacks/sql.ts";
import { ask, build, type Case, CASES, CATEGORIES, NOT_APPLICABLE, type World } from "../attacks/world.ts";

const RUNS: Record<string, (world: World) => Promise<void>> = { ...QUESTIONS, ...PEOPLE_CASES, ...SOCKETS, ...FILES, ...ANSWERS };
const isRun = (c: Case) => c.channel === "sql" || c.id in RUNS || c.id in PAGES;

let world: World;
/** Attacks that came to nothing, by category. */
const held = new Map<string, number>();
const count = (c: Case) => held.set(c.cat, (held.get(c.cat) ?? 0) + 1);

test.describe.configure({ timeout: 120_000 });
test.beforeAll(async () => {
  test.setTimeout(120_000);
  world = await build();
});
test.afterAll(async () => {
  const cell = (text: string | number, width: number) => String(text).padEnd(width);
  const rows = Object.entries(CATEGORIES).map(([cat, name]) => {
    const all = CASES.filter((c) => c.cat === cat);
    const left = all.filter((c) => c.id in NOT_APPLICABLE).length;
    return `${cell(cat, 3)}${cell(name, 46)}${cell(all.length, 6)}${cell(held.get(cat) ?? 0, 6)}${left}`;
  });
  const sum = [...held.values()].reduce((a, b) => a + b, 0);
  console.log(["", `${cell("", 49)}${cell("cases", 6)}${cell("held", 6)}not applicable`, ...rows, `${cell("", 49)}${cell(CASES.length, 6)}${cell(sum, 6)}${Object.keys(NOT_APPLICABLE).length}`, ""].join("\n"));
  await world?.server.stop();
});

test("every attack is run or has its reason", () => {
  for (const [id, reason] of Object.entries(NOT_APPLICABLE)) {
    expect(reason.length, id).toBeGreaterThan(20);
    const known = CASES.find((c) => c.id === id);
    expect(known, `${id} is in the list`).toBeDefined();
    expect(isRun(known as Case), `${id} is run and has a reason not to be`).toBe(false);
  }
  const forgotten = CASES.filter((c) => !isRun(c) && !(c.id in NOT_APPLICABLE)).map((c) => c.id);
  expect(forgotten).toEqual([]);
});

for (const c of CASES) {
  const title = `${c.id} ${c.title}`;
  if (c.channel === "sql") {
    test(title, async () => {
      await runSql(world, c);
      count(c);
    });
  } else if (c.id in RUNS) {
    test(title, async () => {
      await RUNS[c.id](world);
      count(c);
    });
  } else if (c.id in PAGES) {
    test(title, async ({ page }) => {
      await PAGES[c.id](world, page);
      count(c);
    });
  }
}

test("what was refused is on the record, and nobody has changed it", async () => {
  const refused = await ask(world, "administrator", "GET", "/audit?outcome=refused&action=run_sql&limit=1000");
  const texts = JSON.stringify(refused.body.items);
  for (const words of ["read_csv", "COPY", "hr_salaries", "duckdb_secrets"]) expect(texts).toContain(words);
  expect(refused.body.items.every((deed: { address: string; surface: string }) => deed.address && deed.surface === "token")).toBe(true);
});
