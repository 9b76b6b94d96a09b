// The chart panel: every kind begins with something to see, a pivot table has its totals, rules colour
// cells, and the gallery shows dashboards as they look.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, open, panelOfFirst, saved, serious, token } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "2000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

async function dashboard(name: string, widgets: object[]): Promise<string> {
  const made = await api(server, secret, "POST", "/dashboards", { name, layout: { kind: "grid", widgets } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.slug;
}

const sales = { dataset: "sales", dimensions: [{ column: "region" }, { column: "product" }], measures: [{ agg: "avg", column: "amount" }] };

test("every kind of the picker draws a first chart", async ({ page }) => {
  test.setTimeout(120_000);
  const position = { x: 0, y: 0, w: 12, h: 8 };
  const slug = await dashboard("Kinds", [
    { type: "chart", chart_type: "bar", title: "Kinds", position, data_source: { query: sales } },
  ]);
  const panel = await panelOfFirst(page, `${server.url}/dashboards/${slug}`);
  const radios = panel.getByTestId("kind-picker").getByRole("radio");
  const kinds = await radios.evaluateAll((all) => all.map((one) => one.getAttribute("data-kind") ?? ""));
  expect(kinds.length).toBe(27);
  expect(kinds.slice(0, 8)).toEqual(["table", "pivot", "number", "trend", "line", "area", "bar", "row"]);
  const preview = panel.getByTestId("preview-report");
  for (const kind of kinds) {
    const radio = panel.locator(`[data-kind=${kind}]`);
    await radio.click();
    await expect(radio, kind).toHaveAttribute("aria-checked", "true");
    await expect(preview, kind).not.toHaveAttribute("aria-busy", "true");
    await expect(preview.getByRole("alert"), kind).toHaveCount(0);
    const shown = preview.locator("canvas, table, .figure, .number, [data-testid=number]").first();
    await expect(shown, kind).toBeVisible();
  }
});

test("a pivot table folds, sorts, and has the totals of the rows", async ({ page }) => {
  const position = { x: 0, y: 0, w: 12, h: 10 };
  const by = [{ column: "region" }, { column: "product" }, { column: "date", grain: "year" }];
  const measures = [{ agg: "avg", column: "amount", as: "average" }, { agg: "count_distinct", column: "customer_id", as: "customers" }];
  const options = { rows: ["region", "product"], columns: ["date"], rules: [{ when: "above", value: 0, tone: "good", column: "customers", label: "Some" }] };
  const slug = await dashboard("Pivot", [
    { type: "chart", chart_type: "pivot", title: "Averages", position, data_source: { query: { dataset: "sales", dimensions: by, measures }, options } },
  ]);
  await open(page, `${server.url}/dashboards/${slug}`);
  await drawn(page);
  const pivot = page.getByTestId("pivot");
  const total = pivot.getByRole("row", { name: /^Total/ });
  await expect(total).toBeVisible();
  // The total of averages is the average of all rows, and of distinct counts the count of all.
  const whole = await api(server, secret, "POST", "/query", { dataset: "sales", measures });
  const customers = Number(whole.body.rows[0][1]).toLocaleString("en-US");
  await expect(total.getByRole("cell").last()).toContainText(customers);
  // Only rows in sight are in the page; the table says how many there are.
  const rows = async () => Number(await pivot.locator("table").getAttribute("aria-rowcount"));
  const before = await rows();
  await pivot.getByRole("button", { name: /^Rows of / }).first().click();
  await expect.poll(rows).toBeLessThan(before);
  await pivot.getByRole("button", { name: "Unfold all rows" }).click();
  await expect.poll(rows).toBe(before);
  const head = pivot.getByRole("columnheader", { name: "Average" }).last();
  await head.getByRole("button").click();
  await expect(pivot.getByRole("columnheader", { name: "Average" }).last()).toHaveAttribute("aria-sort", "descending");
  await expect(pivot.getByText("Some").first()).toBeVisible();
  const { violations } = await new AxeBuilder({ page }).include("[data-testid=pivot]").analyze();
  expect(serious(violations)).toEqual([]);
});

test("the gallery shows a dashboard as it looks", async ({ page }) => {
  const position = { x: 0, y: 0, w: 12, h: 6 };
  const slug = await dashboard("Pictured", [
    { type: "chart", chart_type: "bar", title: "Sales", position, data_source: { query: sales } },
  ]);
  await open(page, `${server.url}/dashboards`);
  const card = page.locator(`[data-testid=dashboard-card][data-slug=${slug}]`);
  const picture = card.getByTestId("dashboard-thumbnail");
  await expect(picture).toHaveClass(/is-seen/, { timeout: 15_000 });
  expect(await picture.evaluate((img: HTMLImageElement) => [img.naturalWidth, img.naturalHeight])).toEqual([600, 330]);
  const stranger = await fetch(`${server.url}/api/v1/dashboards/${slug}/thumbnail`);
  expect(stranger.status).toBe(401);
});
