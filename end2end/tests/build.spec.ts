// A dashboard is made from nothing: once by mouse, once by keyboard alone, from an uploaded file.

import { readFileSync } from "node:fs";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { announced, api, hydrated, load, open, saved, token } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
  await load(server, secret, "orders", readFileSync("../fixtures/orders.csv"));
});
test.afterAll(() => server.stop());

interface Widget {
  title: string;
  type: string;
  chart_type?: string;
  text?: string;
  position: { x: number; y: number; w: number; h: number };
  data_source?: { query?: { dimensions?: { column: string }[]; measures?: { column?: string }[]; columns?: string[] } };
}

/** What the server has of the dashboard on the screen, by title. */
async function widgets(page: Page): Promise<Record<string, Widget>> {
  await saved(page);
  const slug = new URL(page.url()).pathname.split("/").pop();
  const found = await api(server, secret, "GET", `/dashboards/${slug}`);
  expect(found.status).toBe(200);
  return Object.fromEntries(found.body.layout.widgets.map((w: Widget) => [w.title, w]));
}

const KINDS = { Orders: "table", Total: "number", Course: "line", Products: "bar", Regions: "pie", Prices: "scatter" };

/** Seven tiles of seven kinds, made of the right columns, and all of them drawn. */
async function complete(page: Page): Promise<void> {
  const made = await widgets(page);
  for (const [title, kind] of Object.entries(KINDS)) expect(made[title]?.chart_type, title).toBe(kind);
  expect(made.Notes).toMatchObject({ type: "text", text: "# About\n\nMade of **orders**." });
  const query = (title: string) => made[title].data_source?.query;
  expect(query("Products")?.dimensions?.map((d) => d.column)).toEqual(["product"]);
  expect(query("Regions")?.dimensions?.map((d) => d.column)).toEqual(["region"]);
  expect(query("Course")?.dimensions?.map((d) => d.column)).toEqual(["ordered_at"]);
  expect(query("Prices")?.measures?.map((m) => m.column)).toEqual(["quantity", "unit_price"]);
  expect(query("Orders")?.columns?.length).toBeGreaterThan(2);
  // A full-page view brings every tile into sight, and so makes it draw.
  for (const title of Object.keys(made)) {
    const tile = page.getByRole("group", { name: title, exact: true });
    await tile.scrollIntoViewIfNeeded();
    await expect(tile).toHaveAttribute("data-state", "ready", { timeout: 10_000 });
  }
  await expect(page.getByRole("group", { name: "Notes", exact: true }).getByRole("heading", { name: "About" })).toBeVisible();
}

/** The places of all tiles on the screen, relative to the grid. */
function places(page: Page): Promise<Record<string, number[]>> {
  return page.getByTestId("dashboard-grid").evaluate((grid) => {
    const from = grid.getBoundingClientRect();
    const tiles = [...grid.querySelectorAll("[data-testid=tile]")];
    return Object.fromEntries(
      tiles.map((tile) => {
        const at = tile.getBoundingClientRect();
        return [tile.getAttribute("aria-label"), [at.x - from.x, at.y - from.y, at.width, at.height].map(Math.round)];
      }),
    );
  });
}

test("by mouse", async ({ page }) => {
  test.setTimeout(60_000);
  await open(page, `${server.url}/dashboards`);
  await page.getByRole("button", { name: "New", exact: true }).click();
  await page.getByRole("menuitem", { name: "Empty dashboard" }).click();
  await expect(page).toHaveURL(/\/dashboards\/untitled-dashboard$/);
  await expect(page.getByTestId("edit-toggle")).toHaveAttribute("aria-pressed", "true");
  const name = page.getByLabel("Name of the dashboard");
  await name.fill("Made by mouse");
  const panel = page.getByTestId("chart-panel");
  const begin = async (what: string, title: string) => {
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await page.getByRole("menuitem", { name: what, exact: what !== "Chart" }).click();
    await panel.getByLabel("Title").fill(title);
    if (what === "Text") return;
    await panel.getByRole("combobox", { name: "Dataset or metric" }).click();
    await panel.getByRole("option", { name: /^Orders/ }).click();
    await expect(panel.getByTestId("preview-report")).not.toHaveAttribute("aria-busy");
  };
  const kind = async (label: string) => {
    const radio = panel.getByRole("radio", { name: new RegExp(`^${label}`) });
    await radio.click();
    await expect(radio).toHaveAttribute("aria-checked", "true");
  };
  const pick = (field: string) => panel.getByRole("button", { name: new RegExp(`^${field} ?, add`) }).click();
  const drop = (field: string) => panel.getByRole("button", { name: new RegExp(`^Remove ${field}`) }).click();
  const close = async () => {
    await panel.getByRole("button", { name: "Close panel" }).click();
    await expect(panel).toBeHidden();
  };

  // Closing at once loses nothing of what was chosen.
  await begin("Number", "Total");
  await close();

  await begin("Table", "Orders");
  await close();

  // The best kind is chosen and named.
  await begin("Chart", "Course");
  await expect(panel.getByRole("radio", { name: "Line Suggested" })).toHaveAttribute("aria-checked", "true");
  await close();

  await begin("Chart", "Products");
  await drop("Ordered at");
  await pick("Product");
  await kind("Bar");
  await close();

  // A field is dragged into its well.
  await begin("Chart", "Regions");
  await drop("Ordered at");
  await panel.getByRole("button", { name: /^Region ?, add/ }).dragTo(panel.locator("[data-well=x]"));
  await expect(panel.locator("[data-well=x]")).toContainText("Region");
  await kind("Pie");
  await close();

  await begin("Chart", "Prices");
  await drop("Ordered at");
  await pick("Quantity");
  await pick("Unit price");
  await drop("Count");
  await pick("Product");
  await kind("Scatter");
  await close();

  await begin("Text", "Notes");
  await panel.getByLabel("Text", { exact: true }).fill("# About\n\nMade of **orders**.");
  await close();

  await complete(page);

  // A tile grows by its corner and moves by its header; what was seen comes back.
  const total = page.getByRole("group", { name: "Total", exact: true });
  await total.scrollIntoViewIfNeeded();
  const was = (await widgets(page)).Total.position;
  const box = await total.boundingBox();
  const grid = await page.getByTestId("dashboard-grid").boundingBox();
  if (!box || !grid) throw new Error("the grid is not shown");
  await page.mouse.move(box.x + box.width - 6, box.y + box.height - 6);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width - 6 + grid.width / 6, box.y + box.height - 6 + 60, { steps: 6 });
  await page.mouse.up();
  await expect(announced(page)).toHaveText(`Now ${was.w + 2} columns wide, ${was.h + 1} rows high`);
  const now = (await widgets(page)).Total.position;
  expect([now.w, now.h]).toEqual([was.w + 2, was.h + 1]);
  await expect(page.locator(".board-grid.is-gliding")).toHaveCount(0);
  const before = await places(page);
  await page.reload();
  await hydrated(page);
  expect(await places(page)).toEqual(before);

  // It is found by its name from anywhere.
  await open(page, `${server.url}/data`);
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: "Search and commands" }).fill("made mouse");
  await expect(page.getByRole("option").first()).toContainText("Made by mouse");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Made by mouse" })).toBeVisible();
});

test("by keyboard alone", async ({ page }) => {
  test.setTimeout(60_000);
  const press = (...keys: string[]) => keys.reduce((done, key) => done.then(() => page.keyboard.press(key)), Promise.resolve());
  const type = (text: string) => page.keyboard.type(text);
  const focused = (target: Locator) => target.evaluate((e) => e === document.activeElement);
  /** Presses Tab until the target has the focus. */
  const tabTo = async (target: Locator, key = "Tab") => {
    const element = await target.elementHandle();
    for (let i = 0; i < 80; i++) {
      if (await element?.evaluate((e) => e === document.activeElement)) return;
      await page.keyboard.press(key);
    }
    throw new Error(`Tab does not reach ${target}`);
  };
  /** Goes along a menu or a group of choices until the target has the focus. */
  const arrowTo = async (target: Locator, key = "ArrowDown") => {
    for (let i = 0; i < 20 && !(await focused(target)); i++) await page.keyboard.press(key);
    await expect(target).toBeFocused();
  };

  await open(page, `${server.url}/dashboards`);
  await tabTo(page.getByRole("button", { name: "New", exact: true }));
  await press("Enter");
  await arrowTo(page.getByRole("menuitem", { name: "Empty dashboard" }));
  await press("Enter");
  await expect(page.getByTestId("edit-toggle")).toHaveAttribute("aria-pressed", "true");
  await tabTo(page.getByLabel("Name of the dashboard"));
  await press("Control+a");
  await type("Made by keyboard");
  await press("Enter");
  const panel = page.getByTestId("chart-panel");

  /** Adds by the menu, or a chart by its key, and names it. The panel takes the focus. */
  const begin = async (what: string, title: string) => {
    if (what === "Chart") {
      await press("a");
    } else {
      await tabTo(page.getByRole("button", { name: "Add", exact: true }), "Shift+Tab");
      await press("Enter");
      await arrowTo(page.getByRole("menuitem", { name: what, exact: true }));
      await press("Enter");
    }
    await expect(panel.getByLabel("Title")).toBeFocused();
    await expect(announced(page)).toHaveText(new RegExp(`^${what} added at column \\d+, row \\d+$`));
    await type(title);
    if (what === "Text") return;
    await tabTo(panel.getByRole("combobox", { name: "Dataset or metric" }));
    await type("orders");
    await expect(panel.getByRole("option").first()).toContainText("Orders");
    await press("Enter");
    await expect(panel.getByTestId("report-columns")).toBeVisible();
    await expect(panel.getByTestId("chart-sentence")).not.toBeEmpty();
  };
  const kind = async (label: string) => {
    await tabTo(panel.locator("[role=radio][tabindex='0']"), "Shift+Tab");
    const radio = panel.getByRole("radio", { name: new RegExp(`^${label}`) });
    await arrowTo(radio, "ArrowRight");
    await press("Enter");
    await expect(radio).toHaveAttribute("aria-checked", "true");
  };
  const drop = async (field: string, key = "Tab") => {
    const remove = panel.getByRole("button", { name: new RegExp(`^Remove ${field}`) });
    await tabTo(remove, key);
    await press("Enter");
    await expect(remove).toHaveCount(0);
  };
  /** Escape closes the panel, and the focus is on the tile. */
  const close = async (title: string) => {
    await press("Escape");
    await expect(panel).toBeHidden();
    await expect(page.getByRole("group", { name: title, exact: true })).toBeFocused();
  };

  await begin("Number", "Total");
  await close("Total");
  await begin("Table", "Orders");
  await close("Orders");

  await begin("Chart", "Course");
  await expect(panel.getByTestId("chart-sentence")).toContainText("by week");
  await close("Course");

  await begin("Chart", "Products");
  await drop("Ordered at");
  await tabTo(panel.getByRole("button", { name: /^Count of rows/ }), "Shift+Tab");
  await arrowTo(panel.getByRole("button", { name: /^Product ?, / }));
  await press("Enter");
  await kind("Bar");
  await expect(panel.getByTestId("chart-sentence")).toContainText("product");
  await close("Products");

  // A field comes by the box of its well too.
  await begin("Chart", "Regions");
  await drop("Ordered at");
  await tabTo(panel.getByRole("combobox", { name: /^Add to Along/ }));
  await type("region");
  await press("Enter");
  await kind("Pie");
  await close("Regions");

  await begin("Chart", "Prices");
  await drop("Ordered at");
  await tabTo(panel.getByRole("combobox", { name: /^Add to Along/ }));
  await type("product");
  await press("Enter");
  for (const field of ["quantity", "unit price"]) {
    await tabTo(panel.getByRole("combobox", { name: "Add to Values" }));
    await type(field);
    await press("Enter");
  }
  await drop("Count", "Shift+Tab");
  await kind("Scatter");
  await close("Prices");

  await begin("Text", "Notes");
  await tabTo(panel.getByLabel("Text", { exact: true }));
  await type("# About\n\nMade of **orders**.");
  await close("Notes");
  await complete(page);

  // Arrows move a tile, with Shift they change its size; a handle picks it up and puts it back.
  const total = page.getByRole("group", { name: "Total", exact: true });
  await tabTo(total, "Shift+Tab");
  const was = (await widgets(page)).Total.position;
  await press("Shift+ArrowRight", "Shift+ArrowDown");
  await expect(announced(page)).toHaveText(`${was.w + 1} columns wide, ${was.h + 1} rows high`);
  await press("Tab");
  await expect(page.getByRole("button", { name: "Move Total" })).toBeFocused();
  await press("Enter");
  await expect(announced(page)).toContainText("Total picked up");
  await press("ArrowRight", "ArrowRight");
  await expect(announced(page)).toHaveText(`Moved to column ${was.x + 3}, row ${was.y + 1}`);
  await press("Escape");
  await expect(announced(page)).toHaveText("Put back");
  await press("Enter", "ArrowRight", "Enter");
  await expect(announced(page)).toHaveText(`Dropped at column ${was.x + 2}, row ${was.y + 1}`);
  const now = (await widgets(page)).Total.position;
  expect(now).toEqual({ x: was.x + 1, y: was.y, w: was.w + 1, h: was.h + 1 });
  await page.reload();
  await hydrated(page);
  expect((await widgets(page)).Total.position).toEqual(now);
});
