// Reports: made of a question in Explore, filled in and run by others, kept in the address.

import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

const question = {
  dataset: "sales",
  dimensions: [{ column: "product" }],
  measures: [{ agg: "count", as: "orders" }],
  filter: {
    and: [
      { column: "region", op: "in", value: ["North"] },
      { column: "date", op: "relative", value: { unit: "month", n: 12, of: "previous" } },
      { column: "quantity", op: "gte", value: 2 },
    ],
  },
  order: [{ by: "product" }],
};

async function ask(filter: object): Promise<string[]> {
  const answer = await api(server, secret, "POST", "/query", { ...question, filter });
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return answer.body.rows.map((row: [string, number]) => `${row[0]} ${row[1].toLocaleString("en-US")}`);
}

test("a question becomes a report that others fill in", async ({ page }) => {
  test.setTimeout(60_000);
  await open(page, `${server.url}/explore?q=${encodeURIComponent(JSON.stringify(question))}&kind=row`);
  await expect(page.getByTestId("explore-chart").locator("canvas")).toBeVisible();
  await page.getByTestId("create-report").click();
  const form = page.getByTestId("report-form");
  await form.getByLabel("Name", { exact: true }).fill("Orders by product");
  const lines = form.getByTestId("report-line");
  await expect(lines).toHaveCount(3);
  await expect(lines.nth(0)).toContainText("Region: North");
  await lines.nth(0).getByLabel("Label").fill("Which regions");
  // The last condition stays as it is.
  await lines.nth(2).getByRole("checkbox").first().uncheck();
  const axe = await new AxeBuilder({ page }).include("dialog[open]").analyze();
  expect(serious(axe.violations)).toEqual([]);
  await form.getByRole("button", { name: "Create report" }).click();
  await expect(page).toHaveURL(/\/reports\/[0-9a-f]+$/);
  await expect(page.getByRole("heading", { level: 1, name: "Orders by product" })).toBeVisible();

  const rows = page.getByTestId("report-rows");
  const shown = async () => {
    const all = await rows.getByRole("row").evaluateAll((list) =>
      list.map((row) => [...row.querySelectorAll("[role=gridcell]")].map((cell) => cell.textContent?.trim() ?? "").join(" ")),
    );
    return all.filter(Boolean);
  };
  const year = { column: "date", op: "relative", value: { unit: "month", n: 12, of: "previous" } };
  const two = { column: "quantity", op: "gte", value: 2 };
  const region = (value: string[]) => ({ column: "region", op: "in", value });
  await expect.poll(shown).toEqual(await ask({ and: [region(["North"]), year, two] }));
  await expect(page.getByTestId("report-chart").locator("canvas")).toBeVisible();

  // Filled in otherwise, it is another address and another answer.
  await page.getByRole("group", { name: "Values of Which regions" }).getByLabel("South").check();
  await page.getByLabel("Date", { exact: true }).selectOption({ label: "All time" });
  await page.getByTestId("run-report").click();
  await expect(page).toHaveURL(/region=.*South.*date=/);
  const both = await ask({ and: [region(["North", "South"]), two] });
  await expect.poll(shown).toEqual(both);
  await page.reload();
  await expect.poll(shown).toEqual(both);
  await expect(page.getByRole("group", { name: "Values of Which regions" }).getByLabel("South")).toBeChecked();
  await page.goBack();
  await expect.poll(shown).toEqual(await ask({ and: [region(["North"]), year, two] }));
  await page.goForward();
  await expect.poll(shown).toEqual(both);

  const file = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const text = readFileSync(await (await file).path(), "utf8");
  expect(text.trim().split("\r\n").length).toBe(both.length + 1);

  const all = await new AxeBuilder({ page }).analyze();
  expect(serious(all.violations)).toEqual([]);
  await page.setViewportSize({ width: 390, height: 844 });
  await turnDark(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  const dark = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
  expect(serious(dark.violations)).toEqual([]);
  await page.setViewportSize({ width: 1440, height: 900 });

  await page.getByRole("link", { name: "Open in Explore" }).click();
  await expect(page.getByTestId("explore-shown")).toHaveAttribute("data-kind", "row");
  await open(page, `${server.url}/reports?q=product`);
  await expect(page.getByTestId("report-row")).toHaveCount(1);
  await expect(page.getByTestId("report-row")).toContainText("Which regions, Date");
  await page.getByRole("searchbox", { name: "Search reports" }).fill("nothing like it");
  await expect(page.getByText("No report is called so")).toBeVisible();
});

test("a report waits for what must be filled in; it can be renamed and deleted", async ({ page }) => {
  const parameters = [
    { name: "region", label: "Region", kind: "choice", column: "region", required: true },
    { name: "quantity", label: "Quantity", kind: "number_range", column: "quantity" },
    { name: "since", label: "Since", kind: "date", column: "date", op: "gte" },
    { name: "product", label: "Product has", kind: "text", column: "product" },
  ];
  const { filter: _, ...query } = question;
  const made = await api(server, secret, "POST", "/reports", { name: "Waiting", query, parameters });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  expect(made.headers.get("location")).toBe(`/api/v1/reports/${made.body.id}`);
  await open(page, `${server.url}/reports/${made.body.id}`);
  await expect(page.getByText("Fill in “Region”, then run the report.")).toBeVisible();
  await page.getByLabel("Region").selectOption("South");
  await page.getByLabel("Product has").fill("desk");
  await page.getByLabel("From").fill("2");
  await page.getByTestId("run-report").click();
  const sheet = page.getByTestId("report-chart");
  await expect(sheet.getByRole("gridcell", { name: "Standing desk" })).toBeVisible();
  await expect(sheet.getByRole("gridcell", { name: "Pen" })).toHaveCount(0);
  const run = await api(server, secret, "POST", `/reports/${made.body.id}/run`, { parameters: { region: "South", product: "desk", quantity: [2, null] } });
  expect(run.body.rows.map((row: [string]) => row[0])).toEqual(["Desk lamp", "Standing desk"]);
  const missing = await api(server, secret, "POST", `/reports/${made.body.id}/run`, {});
  expect([missing.status, missing.body.error.field]).toEqual([400, "parameters.region"]);

  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Rename…" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Renamed");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Renamed" })).toBeVisible();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete…" }).click();
  await page.getByRole("button", { name: "Delete report" }).click();
  await expect(page).toHaveURL(/\/reports$/);
  expect((await api(server, secret, "GET", `/reports/${made.body.id}`)).status).toBe(404);
});
