// An administrator connects places where data lies: a PostgreSQL database, a folder of files, a DuckDB
// file. Tables are looked into and become datasets, a chart is made of one, and what is in use says so
// before it is changed.

import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type Postgres, startPostgres } from "../postgres.ts";
import { type Server, startServer } from "../server.ts";
import { api, load, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let postgres: Postgres;
let secret: string;
let files: string;

const TABLES = `CREATE TABLE orders (id int, customer_id int, day date, amount numeric(10, 2));
  CREATE TABLE customers (id int PRIMARY KEY, region text);
  INSERT INTO customers VALUES (1, 'north'), (2, 'south');
  INSERT INTO orders VALUES (1, 1, '2025-01-01', 10.5), (2, 1, '2025-01-02', 20), (3, 2, '2025-02-01', 5);
  ANALYZE;`;

test.beforeAll(async () => {
  test.setTimeout(120_000);
  files = realpathSync(mkdtempSync(join(tmpdir(), "orrery-files-")));
  mkdirSync(join(files, "exports"));
  writeFileSync(join(files, "exports/visits.csv"), "day,page,visits\n2025-01-01,home,10\n2025-01-02,home,20\n2025-01-02,shop,7\n");
  copyFileSync("../fixtures/airlines.parquet", join(files, "exports/airlines.parquet"));
  postgres = await startPostgres();
  postgres.sql(TABLES);
  server = await startServer({
    args: ["demo", "--rows", "2000"],
    env: { ORRERY_SOURCE_HOSTS: "127.0.0.1", ORRERY_SOURCE_FOLDERS: files },
  });
  secret = token(server);
  // Orrery keeps its own rows in DuckDB files: a copy of the largest is as good as any.
  const own = join(server.dataDir, "segments");
  const found = readdirSync(own, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".duckdb"));
  const largest = found.sort((a, b) => statSync(join(own, b)).size - statSync(join(own, a)).size)[0];
  copyFileSync(join(own, largest), join(files, "warehouse.duckdb"));
});
test.afterAll(async () => {
  await server?.stop();
  await postgres?.stop();
  rmSync(files, { recursive: true, force: true });
});

const form = (page: Page): Locator => page.getByTestId("source-form");

/** Opens the form of a new source of a kind. */
async function add(page: Page, kind: string, name: string): Promise<Locator> {
  await open(page, `${server.url}/data?tab=sources`);
  await page.getByTestId("add-source").click();
  await form(page).getByTestId("source-kinds").getByRole("radio", { name: kind }).check();
  await form(page).getByLabel("Name", { exact: true }).fill(name);
  return form(page);
}

/** Fills in the address of the database. */
async function fillPostgres(form: Locator, host: string): Promise<void> {
  await form.getByLabel("Host").fill(host);
  await form.getByLabel("Port").fill(String(postgres.port));
  await form.getByLabel("Database").fill("postgres");
  await form.getByLabel("User").fill("postgres");
  await form.getByLabel("Password").fill(postgres.password);
  await form.getByLabel("Encryption").selectOption("disable");
}

/** Keeps the source; its page opens. */
async function keep(page: Page): Promise<void> {
  await form(page).getByRole("button", { name: "Add source" }).click();
  await expect(page.getByTestId("source-page")).toBeVisible();
  await expect(page.getByTestId("source-tables").getByTestId("source-table").first()).toBeVisible();
}

/** Makes datasets of tables, under other names where some are given. */
async function make(page: Page, tables: string[], names: Record<string, string> = {}): Promise<void> {
  for (const table of tables) await page.getByRole("checkbox", { name: `Choose ${table}` }).check();
  await page.getByTestId("make-datasets").click();
  const dialog = page.getByRole("dialog", { name: "Make datasets" });
  for (const [table, name] of Object.entries(names)) await dialog.getByLabel(`Dataset of ${table}`).fill(name);
  await dialog.getByTestId("make-start").click();
  await expect(dialog.getByTestId("make-form")).toContainText(`${tables.length} of ${tables.length} dataset`);
  await dialog.getByRole("button", { name: "Close" }).last().click();
}

test("a database is added, tried, looked into, and its tables become datasets", async ({ page }) => {
  test.setTimeout(90_000);
  const refused = await add(page, "PostgreSQL", "Shop");
  await fillPostgres(refused, "127.0.0.1");
  // An address that is not on the list, and who can change that.
  await refused.getByLabel("Host").fill("10.11.12.13");
  await refused.getByTestId("source-test").click();
  const tested = refused.getByTestId("source-tested");
  await expect(tested).toContainText("lies inside the server's own network");
  await expect(tested).toContainText("ORRERY_SOURCE_HOSTS");
  // The sentence of the database itself.
  await refused.getByLabel("Host").fill("127.0.0.1");
  await expect(tested).toBeEmpty();
  await refused.getByLabel("Password").fill("wrong");
  await refused.getByTestId("source-test").click();
  await expect(tested.getByRole("alert")).toContainText(/password|user/i);
  await refused.getByLabel("Password").fill(postgres.password);
  await refused.getByTestId("source-test").click();
  await expect(tested).toContainText("PostgreSQL");
  await keep(page);

  await expect(page.getByTestId("source-state")).toContainText("PostgreSQL");
  expect(await page.content()).not.toContain(postgres.password);
  const tables = page.getByTestId("source-tables");
  await expect(tables.getByTestId("source-table")).toHaveCount(2);
  await tables.getByRole("searchbox", { name: "Search tables" }).fill("order");
  await expect(tables.getByTestId("source-table")).toHaveCount(1);
  await tables.getByRole("button", { name: "public.orders" }).click();
  const look = page.getByTestId("table-look");
  await expect(look).toContainText("4 columns, the first 3 rows");
  await expect(look.getByRole("columnheader", { name: "amount" })).toContainText("decimal");
  await tables.getByRole("searchbox", { name: "Search tables" }).fill("");
  await make(page, ["public.customers", "public.orders"], { "public.customers": "clients" });
  await expect(page.getByTestId("source-datasets")).toContainText("clients");
  await expect(tables.getByTestId("source-table").filter({ hasText: "public.orders" })).toContainText("Dataset Orders");
  const answer = await api(server, secret, "POST", "/query", {
    dataset: "orders",
    joins: [{ dataset: "clients", on: [["customer_id", "id"]] }],
    dimensions: [{ column: "clients.region" }],
    measures: [{ agg: "sum", column: "amount" }],
  });
  expect(answer.body.rows).toEqual([["north", 30.5], ["south", 5]]);

  // Changed: the password that is left out stays, as long as it goes to the same place.
  await page.getByRole("button", { name: "Edit", exact: true }).click();
  await expect(form(page).getByLabel("Password")).toHaveValue("");
  await form(page).getByLabel("Name", { exact: true }).fill("Shop database");
  await form(page).getByTestId("source-test").click();
  await expect(form(page).getByTestId("source-tested")).toContainText("PostgreSQL");
  await form(page).getByLabel("User").fill("somebody");
  await form(page).getByTestId("source-test").click();
  await expect(form(page).getByRole("alert").filter({ hasText: "password must be given again" })).toBeVisible();
  await form(page).getByLabel("User").fill("postgres");
  await form(page).getByRole("button", { name: "Save source" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Shop database" })).toBeVisible();
  const list = await api(server, secret, "GET", "/sources");
  expect(list.body.items[0]).toMatchObject({ name: "Shop database", has_password: true, state: { ok: true } });
});

test("a dataset of a database says where it comes from, and asks anew", async ({ page }) => {
  await open(page, `${server.url}/data/orders`);
  const origin = page.getByTestId("dataset-origin");
  await expect(origin).toContainText("public.orders");
  await expect(origin.getByRole("link", { name: "Shop database" })).toBeVisible();
  await expect(page.getByTestId("row-count")).toHaveText("3");
  const kept = origin.getByRole("spinbutton", { name: "Seconds for which answers are kept" });
  await expect(kept).toHaveValue("300");
  await kept.fill("3600");
  await kept.press("Tab");
  await expect(origin.getByTestId("save-mark")).toContainText("Saved");
  postgres.sql("INSERT INTO orders VALUES (4, 2, '2025-03-01', 100)");
  await page.getByTestId("refresh-dataset").click();
  await expect(page.getByTestId("row-count")).toHaveText("4");
  await page.getByRole("tab", { name: "Rows" }).click();
  await expect(page.getByTestId("rows-position")).toContainText("4 rows");
  await page.getByTestId("explore-dataset").click();
  await expect(page.getByTestId("available-columns")).toContainText("Customer id");
});

test("what is in use says so before it is renamed, and before its source goes", async ({ page }) => {
  test.setTimeout(60_000);
  const source = await add(page, "CSV or Parquet files", "Exports");
  // A place that is not on the list, first.
  await source.getByLabel("Folder").fill("/etc");
  await source.getByTestId("source-test").click();
  await expect(source.getByTestId("source-tested")).toContainText("ORRERY_SOURCE_FOLDERS");
  await source.getByLabel("Folder").fill(join(files, "exports"));
  await source.getByTestId("source-test").click();
  await expect(source.getByTestId("source-tested")).toContainText("2 tables");
  await keep(page);
  await make(page, ["visits.csv"]);
  const board = await api(server, secret, "POST", "/dashboards", { name: "Visits", layout: { widgets: [] } });
  expect(board.status).toBe(201);

  // A chart of it, on a dashboard, made as a person would.
  await open(page, `${server.url}/data/visits`);
  await page.getByTestId("explore-dataset").click();
  await page.getByTestId("available-columns").getByRole("button", { name: /^Visits ?, add/ }).click();
  await expect(page.getByTestId("question-sentence")).toContainText(/visits/i);
  await page.getByRole("button", { name: /Add to dashboard/ }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Dashboard" }).click();
  await page.getByRole("option", { name: "Visits" }).first().click();
  await dialog.getByRole("button", { name: "Add chart" }).click();
  await page.getByRole("button", { name: "Open dashboard" }).click();
  await expect(page).toHaveURL(/dashboards\/visits/);
  await expect(page.getByTestId("tile")).toHaveAttribute("data-state", "ready", { timeout: 20_000 });

  // The lineage: as a picture, as a list, of one column.
  await open(page, `${server.url}/data/visits`);
  const tab = page.getByRole("tab", { name: /^Used by ?1$/ });
  await tab.click();
  const lineage = page.getByTestId("lineage");
  await expect(lineage.locator(".lineage-picture .lineage-node")).toHaveCount(3);
  await expect(lineage.getByRole("link", { name: "visits.csv" })).toBeVisible();
  await expect(lineage.getByTestId("usage-row")).toHaveCount(1);
  await expect(lineage.getByTestId("usage-row").getByRole("link", { name: "Visits", exact: true }).last()).toBeVisible();
  await lineage.getByRole("combobox", { name: "Column" }).selectOption({ label: "Page (0 uses)" });
  await expect(lineage).toContainText("Nothing uses this column");
  await lineage.getByRole("combobox", { name: "Column" }).selectOption({ label: "Visits (1 use)" });
  await expect(lineage.getByTestId("usage-row")).toHaveCount(1);

  // A label in use is renamed only after a look; one that nothing uses at once.
  await page.getByRole("tab", { name: /^Columns/ }).click();
  const row = (name: string) => page.locator(`[data-testid=column-row][data-name=${name}]`);
  const label = page.getByTestId("label-visits");
  await label.fill("Hits");
  await label.press("Enter");
  const ask = page.getByRole("dialog", { name: "Rename “Visits” to “Hits”?" });
  await expect(ask.getByTestId("impact")).toContainText("1 thing uses it");
  await expect(ask.getByTestId("impact")).toContainText("show the new label");
  await ask.getByRole("button", { name: "Cancel" }).click();
  await expect(label).toHaveValue("Visits");
  await label.fill("Hits");
  await label.press("Enter");
  await ask.getByRole("button", { name: "Rename" }).click();
  await expect(row("visits").getByTestId("save-mark")).toContainText("Saved");
  await expect(label).toHaveValue("Hits");
  await page.getByTestId("label-page").fill("Site");
  await page.getByTestId("label-page").press("Enter");
  await expect(row("page").getByTestId("save-mark")).toContainText("Saved");
  const axe = await new AxeBuilder({ page }).analyze();
  expect(serious(axe.violations)).toEqual([]);

  // Deleting the source names its datasets and what uses those.
  await page.getByTestId("dataset-origin").getByRole("link", { name: "Exports" }).click();
  await expect(page.getByTestId("source-datasets")).toContainText("1 thing");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete source…" }).click();
  const warning = page.getByRole("dialog", { name: "Delete the source “Exports”?" });
  await expect(warning.getByTestId("impact")).toContainText("1 dataset reads from it and is deleted too");
  await expect(warning.getByTestId("impact").getByRole("link", { name: "Visits" })).toBeVisible();
  const shown = await new AxeBuilder({ page }).analyze();
  expect(serious(shown.violations)).toEqual([]);
  await warning.getByRole("button", { name: "Delete source and 1 dataset" }).click();
  await expect(page).toHaveURL(/data\?tab=sources/);
  await expect(page.getByTestId("source-row").filter({ hasText: "Exports" })).toHaveCount(0);
  expect((await api(server, secret, "GET", "/datasets/visits")).status).toBe(404);
});

test("a DuckDB file is a source, and a dataset warns before it goes", async ({ page }) => {
  const source = await add(page, "DuckDB file", "Warehouse");
  await source.getByLabel("Path").fill(join(files, "warehouse.duckdb"));
  await source.getByTestId("source-test").click();
  await expect(source.getByTestId("source-tested")).toContainText("1 table");
  await keep(page);
  await make(page, ["data"], { data: "warehouse" });
  await open(page, `${server.url}/data/warehouse`);
  await expect(page.getByTestId("dataset-origin")).toContainText("Files are read as they are now");
  await expect(page.getByTestId("row-count")).not.toHaveText("0");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete dataset…" }).click();
  const dialog = page.getByRole("dialog", { name: "Delete the dataset “Warehouse”?" });
  await expect(dialog.getByTestId("impact")).toContainText("Nothing that you may see uses it");
  await expect(dialog.getByTestId("impact")).toContainText("Its rows stay in the source");
  await dialog.getByTestId("impact-confirm").click();
  await expect(page).toHaveURL(/\/data$/);
});

test("replacing rows says what the file would break", async ({ page }) => {
  await load(server, secret, "cities", "city,total\nOslo,1\nRome,2\n");
  const metric = { id: "all_cities", name: "All cities", query: { dataset: "cities", measures: [{ agg: "sum", column: "total" }] } };
  expect((await api(server, secret, "POST", "/metrics", metric)).status).toBe(201);
  await open(page, `${server.url}/data/cities`);
  const file = { name: "cities.csv", mimeType: "text/csv", buffer: Buffer.from("city,sum\nOslo,3\n") };
  await page.getByRole("button", { name: "More actions" }).click();
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("menuitem", { name: "Replace…" }).click();
  await (await chooser).setFiles(file);
  const breaks = page.getByTestId("breaks");
  await expect(breaks).toContainText("1 thing will stop working");
  await expect(breaks).toContainText("All cities");
  // Named as it was, nothing breaks.
  await page.getByTestId("column-name-1").fill("total");
  await page.getByTestId("column-name-1").press("Tab");
  await expect(breaks).toHaveCount(0);
  await page.getByRole("button", { name: "Cancel" }).last().click();

  // The metric names what shows it.
  const tile = { type: "metric", position: { x: 0, y: 0, w: 4, h: 3 }, title: "Cities", data_source: { metric: "all_cities" } };
  await api(server, secret, "POST", "/dashboards", { name: "Town", layout: { widgets: [tile] } });
  await open(page, `${server.url}/metrics/all_cities`);
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Delete the metric “All cities”?" });
  await expect(dialog.getByTestId("impact").getByRole("link", { name: "Town" })).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  expect((await api(server, secret, "GET", "/metrics/all_cities")).status).toBe(200);
});

test("the pages of sources can be read by everyone, in light and dark", async ({ page }) => {
  await open(page, `${server.url}/data?tab=sources`);
  await expect(page.getByTestId("source-row").first()).toBeVisible();
  const check = async () => expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await check();
  await page.getByTestId("add-source").click();
  await expect(form(page).getByLabel("Host")).toBeVisible();
  await check();
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Shop database" }).click();
  await expect(page.getByTestId("table-look").getByRole("table")).toBeVisible();
  await check();
  await turnDark(page);
  await check();
});
