// An administrator finds out who did what; others cannot. Whoever asks too often is told to wait.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, load, open, orrery, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "500"] });
  secret = token(server);
  orrery(server, ["user", "add", "eve", "--role", "creator", "--password-stdin"], "eves password\n");
  const eve = token(server, "eve", "write");
  const board = await api(server, secret, "POST", "/dashboards", { name: "Plans", layout: { widgets: [] } });
  expect(board.status).toBe(201);
  await api(server, eve, "DELETE", `/dashboards/${board.body.id}`);
  await load(server, eve, "own", "a,b\n1,2\n");
  expect((await api(server, eve, "POST", "/sql", { sql: "SELECT sum(a) FROM own" })).status).toBe(200);
  expect((await api(server, eve, "POST", "/sql", { sql: "DROP TABLE own" })).status).toBe(400);
});
test.afterAll(() => server.stop());

const rows = (page: Page) => page.getByTestId("audit-row");

async function log(page: Page): Promise<void> {
  await open(page, `${server.url}/admin?tab=audit`);
  await expect(rows(page).first()).toBeVisible();
}

test("the log is searched, a deed is looked into, and the log is taken out as a file", async ({ page }) => {
  await log(page);
  await page.getByRole("combobox", { name: "Outcome" }).selectOption("refused");
  await page.getByRole("textbox", { name: "User" }).fill("eve");
  // The attempt on somebody's dashboard, and the statement that is none.
  await expect(rows(page)).toHaveCount(2);
  await expect(rows(page).filter({ hasText: "DELETE /api/v1/dashboards/" })).toContainText("not_found");
  await rows(page).filter({ hasText: "Run sql" }).getByRole("button", { name: /^Details/ }).click();
  const detail = page.getByTestId("audit-detail");
  await expect(detail).toContainText("An API token");
  await expect(detail).toContainText("127.0.0.1");
  await expect(detail).toContainText("DROP TABLE own");
  await page.keyboard.press("Escape");
  await expect(detail).toBeHidden();

  const arrives = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export CSV" }).click();
  const file = await arrives;
  expect(file.suggestedFilename()).toMatch(/^audit-\d{4}-\d\d-\d\d\.csv$/);
  const text = await (await file.createReadStream()).toArray();
  const lines = Buffer.concat(text).toString().trim().split("\r\n");
  expect(lines[0]).toContain("at,user_id,user_name,action");
  expect(lines).toHaveLength(3);
  // That it was taken out stands in it from now on.
  const exports = await api(server, secret, "GET", "/audit?action=export&kind=audit");
  expect(exports.body.items[0]).toMatchObject({ user_name: "demo", surface: "page", detail: { format: "csv" } });
});

test("nothing found says so, and the page reads well in both themes and on a phone", async ({ page }) => {
  await log(page);
  await page.getByRole("searchbox", { name: "Search the audit log" }).fill("nothing that was ever done");
  await expect(page.getByText("Nothing fits")).toBeVisible();
  await page.getByRole("searchbox", { name: "Search the audit log" }).fill("");
  await expect(rows(page).first()).toBeVisible();
  await rows(page).first().getByRole("button", { name: /^Details/ }).click();
  await expect(page.getByTestId("audit-detail")).toBeVisible();
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await turnDark(page);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.keyboard.press("Escape");
  await page.setViewportSize({ width: 390, height: 844 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(wide).toBeLessThanOrEqual(0);
});

test("long lists go on, and ndjson is one deed a line", async ({ page }) => {
  for (let i = 0; i < 110; i++) await api(server, secret, "POST", "/dashboards", { name: `Board ${i}`, layout: { widgets: [] } });
  await log(page);
  await expect(rows(page)).toHaveCount(100);
  await page.getByTestId("audit-more").click();
  await expect.poll(() => rows(page).count()).toBeGreaterThan(110);
  const answer = await fetch(`${server.url}/api/v1/audit/export?format=ndjson&action=create`, { headers: { Authorization: `Bearer ${secret}` } });
  const deeds = (await answer.text()).trim().split("\n").map((line) => JSON.parse(line));
  expect(deeds.length).toBeGreaterThanOrEqual(110);
  expect(deeds.every((deed) => deed.action === "create" && deed.at)).toBe(true);
});

test("whoever asks too often is told to wait, and others are answered", async () => {
  const small = await startServer({ args: ["demo", "--rows", "100"], env: { ORRERY_RATE_LIMIT: "2" } });
  try {
    orrery(small, ["user", "add", "ada", "--role", "viewer", "--password-stdin"], "analytical engine\n");
    const [often, seldom] = [token(small), token(small, "ada", "read")];
    const answers = await Promise.all(Array.from({ length: 60 }, () => api(small, often, "GET", "/me")));
    const refused = answers.filter((answer) => answer.status === 429);
    expect(answers.filter((answer) => answer.status === 200).length).toBeGreaterThanOrEqual(20);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0].headers.get("retry-after"))).toBeGreaterThan(0);
    expect(refused[0].body.error.code).toBe("too_many_requests");
    expect((await api(small, seldom, "GET", "/me")).status).toBe(200);
    // Built files and the signs of life are not counted.
    for (let i = 0; i < 40; i++) expect((await fetch(`${small.url}/healthz`)).status).toBe(200);
  } finally {
    await small.stop();
  }
});
