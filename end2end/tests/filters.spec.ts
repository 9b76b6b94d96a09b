// The filter bar: every kind of condition, on every tile that has the column, in the address.

import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, hydrated, open, saved, token } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

type Filter = Record<string, unknown>;

/** How many sales there are, by region and product, with a filter: what the tiles must say. */
async function truth(filter?: Filter): Promise<{ regions: string[]; count: string }> {
  const query = { dataset: "sales", filter, measures: [{ agg: "count" }] };
  const regions = await api(server, secret, "POST", "/query", { ...query, dimensions: [{ column: "region" }] });
  expect(regions.status, JSON.stringify(regions.body)).toBe(200);
  const total = await api(server, secret, "POST", "/query", query);
  return {
    regions: regions.body.rows.map(([name, n]: [string, number]) => `${name} ${n.toLocaleString("en-US")}`).toSorted(),
    count: Number(total.body.rows[0][0]).toLocaleString("en-US"),
  };
}

/** The rows of a table tile, header left out. */
async function rows(page: Page, title: string): Promise<string[]> {
  const all = page.getByRole("group", { name: title, exact: true }).getByRole("row");
  const texts = await all.evaluateAll((rows) =>
    rows.map((row) => [...row.querySelectorAll("td,[role=cell],[role=gridcell]")].map((c) => c.textContent?.trim()).join(" ")),
  );
  return texts.filter(Boolean).toSorted();
}

async function shows(page: Page, filter?: Filter): Promise<void> {
  const { regions, count } = await truth(filter);
  await expect.poll(() => rows(page, "Regions")).toEqual(regions);
  await expect.poll(() => rows(page, "All")).toEqual([count]);
  // Another dataset, without the column.
  await expect.poll(() => rows(page, "Origins")).toEqual(["EWR 120,835", "JFK 111,279", "LGA 104,662"]);
}

test("filters of every kind reach all tiles that have the column, and the address", async ({ page }) => {
  const table = (title: string, x: number, dataset: string, dimension?: string) => ({
    type: "table",
    title,
    position: { x, y: 0, w: 4, h: 6 },
    data_source: {
      query: { dataset, dimensions: dimension ? [{ column: dimension }] : [], measures: [{ agg: "count" }] },
    },
  });
  const made = await api(server, secret, "POST", "/dashboards", {
    name: "Filtered",
    layout: {
      widgets: [table("Regions", 0, "sales", "region"), table("All", 4, "sales"), table("Origins", 8, "flights", "origin")],
      filters: ["date", "product", "quantity"].map((column) => ({ id: column, dataset: "sales", column })),
    },
  });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const url = `${server.url}/dashboards/${made.body.slug}`;
  await open(page, url);
  await drawn(page);
  await shows(page);

  // One more, made by hand: it belongs to the dashboard and not to the address.
  const bar = page.getByTestId("filter-bar");
  await page.keyboard.press("e");
  await bar.getByRole("button", { name: "Add filter" }).click();
  await bar.getByRole("combobox", { name: "Dataset" }).fill("Sales Data");
  await page.keyboard.press("Enter");
  await bar.getByRole("combobox", { name: "Column" }).fill("Region");
  await page.keyboard.press("Enter");
  await saved(page);
  await page.keyboard.press("e");
  await expect(page.getByTestId("filter-control")).toHaveCount(4);
  await expect(page).toHaveURL(url);

  const pill = (name: string) => bar.getByRole("button", { name: new RegExp(`^${name}:? `) });
  const editor = (name: string) => bar.getByRole("dialog", { name: `Filter by ${name}` });
  const done = async (name: string) => {
    await editor(name).getByRole("button", { name: "Done" }).click();
    await expect(editor(name)).toBeHidden();
  };

  // Several values at once, searched for.
  await pill("Region").click();
  await editor("Region").getByRole("checkbox", { name: /^North/ }).check();
  await editor("Region").getByRole("searchbox", { name: "Search Region" }).fill("wes");
  await editor("Region").getByRole("checkbox", { name: /^North/ }).waitFor({ state: "detached" });
  await editor("Region").getByRole("checkbox", { name: /^West/ }).check();
  await done("Region");
  await expect(pill("Region")).toContainText("North or West");
  const regions = { column: "region", op: "in", value: ["North", "West"] };
  await shows(page, regions);
  const first = page.url();
  expect(new URL(first).searchParams.get("f")).toContain("West");

  // Part of a text.
  await pill("Product").click();
  await editor("Product").getByLabel("Condition").selectOption({ label: "contains" });
  await editor("Product").getByRole("textbox", { name: "Value" }).fill("desk");
  await done("Product");
  const product = { column: "product", op: "contains", value: "desk" };
  await shows(page, { and: [regions, product] });

  // A number between two.
  await pill("Quantity").click();
  await editor("Quantity").getByLabel("Condition").selectOption({ label: "between" });
  await editor("Quantity").getByLabel("From").fill("2");
  await editor("Quantity").getByLabel("To").fill("3");
  await editor("Quantity").getByLabel("To").press("Tab");
  await done("Quantity");
  const quantity = { column: "quantity", op: "between", value: [2, 3] };
  await shows(page, { and: [regions, product, quantity] });

  // A time that moves with the days.
  await pill("Date").click();
  await editor("Date").getByRole("button", { name: "Last 12 months" }).click();
  await done("Date");
  await expect(pill("Date")).toContainText("Last 12 months");
  const date = { column: "date", op: "relative", value: { unit: "month", n: 12, of: "previous" } };
  const all = { and: [regions, product, quantity, date] };
  await shows(page, all);

  // A reload keeps them, another browser gets them by the link, Back and Forward go through them.
  const last = page.url();
  await page.reload();
  await hydrated(page);
  await expect(pill("Date")).toContainText("Last 12 months");
  await shows(page, all);
  await page.getByTestId("clear-filters").click();
  await expect(page).toHaveURL(url);
  await shows(page);
  await page.goBack();
  await expect(page).toHaveURL(last);
  await shows(page, all);
  await page.goForward();
  await expect(page).toHaveURL(url);
  await shows(page);
  await open(page, first);
  await expect(pill("Region")).toContainText("North or West");
  await expect(pill("Product")).toContainText("All");
  await shows(page, regions);
  await bar.getByRole("button", { name: "Clear the filter by Region" }).click();
  await shows(page);
});
