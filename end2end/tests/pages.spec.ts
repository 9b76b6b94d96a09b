// Every page and every dialog: it arrives, it fits a phone, it is dark when asked, and axe finds
// nothing serious.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { drawn, hydrated, open, serious, turnDark } from "../steps.ts";

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "20000"] });
});
test.afterAll(() => server.stop());

const PAGES = ["/dashboards", "/dashboards?view=trash", "/dashboards/sales-overview", "/data", "/data/flights", "/metrics", "/metrics/revenue", "/insights", "/forecasts", "/models", "/explore", "/ask", "/charts", "/reports", "/analytics/report-builder", "/account", "/admin", "/admin?tab=rules", "/admin?tab=charts", "/admin?tab=model", "/admin?tab=jobs", "/nowhere"];

for (const path of PAGES) {
  test(`${path} is in order`, async ({ page }) => {
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (line) => line.type() === "error" && problems.push(line.text()));
    await open(page, server.url + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    if (path === "/dashboards/sales-overview") await drawn(page);
    const axe = await new AxeBuilder({ page }).analyze();
    expect(serious(axe.violations)).toEqual([]);
    await page.setViewportSize({ width: 390, height: 844 });
    await turnDark(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, "the page scrolls sideways on a phone").toBeLessThanOrEqual(0);
    const dark = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
    expect(serious(dark.violations)).toEqual([]);
    // That a page is not there is all that may be said of it.
    expect(problems.filter((line) => !(path === "/nowhere" && line.includes("404")))).toEqual([]);
  });
}

const OPEN = "dialog[open], [popover]:popover-open, .side-panel:not([hidden])";

/** What axe says of what is open. The page behind it has its own test. */
async function inOrder(page: Page, what: string): Promise<void> {
  const all = await new AxeBuilder({ page }).include(OPEN).analyze();
  expect(serious(all.violations), what).toEqual([]);
}

/** The same, and whether it can be read in the dark. */
async function inBothThemes(page: Page, what: string): Promise<void> {
  await inOrder(page, what);
  await turnDark(page);
  const dark = await new AxeBuilder({ page }).include(OPEN).withRules(["color-contrast"]).analyze();
  expect(serious(dark.violations), `${what} in dark`).toEqual([]);
  await page.emulateMedia({ colorScheme: "light" });
}

test("dialogs and panels of a dashboard are in order", async ({ page }) => {
  test.setTimeout(60_000);
  await open(page, `${server.url}/dashboards/sales-overview`);
  await drawn(page);
  await page.getByTestId("share").click();
  await expect(page.getByRole("dialog", { name: "Share this dashboard" }).getByText("People with access")).toBeVisible();
  await inBothThemes(page, "the share dialog");
  await page.keyboard.press("Escape");

  await page.getByTestId("filter-control").first().getByRole("button").first().click();
  await expect(page.getByRole("dialog", { name: "Filter by Date" }).getByText("Another period")).toBeVisible();
  await inBothThemes(page, "the filter by date");
  await page.keyboard.press("Escape");
  await page.getByTestId("filter-control").nth(1).getByRole("button").first().click();
  await expect(page.getByRole("dialog", { name: "Filter by Region" }).getByRole("checkbox").first()).toBeVisible();
  await inOrder(page, "the filter by region");
  await page.keyboard.press("Escape");

  await page.keyboard.press("e");
  await page.getByTestId("add-tile").getByRole("button").first().click();
  await expect(page.getByRole("menu", { name: "Add" })).toBeVisible();
  await inOrder(page, "the menu to add");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Actions of Share of regions" }).click();
  await page.getByRole("menuitem", { name: "Edit chart" }).click();
  const preview = page.getByTestId("preview-report");
  await expect(preview.locator("canvas, svg").first()).toBeVisible();
  await expect(preview).not.toHaveAttribute("aria-busy");
  await inBothThemes(page, "the chart panel");
  await page.keyboard.press("Escape");

  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await inOrder(page, "the sheet of shortcuts");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+k");
  await expect(page.getByRole("option").first()).toBeVisible();
  await inOrder(page, "the palette");
});

test("dialogs of the lists are in order", async ({ page }) => {
  await open(page, `${server.url}/dashboards?new=template`);
  await expect(page.getByTestId("template-dialog").getByRole("radio").first()).toBeVisible();
  await inBothThemes(page, "the template picker");
  await open(page, `${server.url}/metrics?new=metric`);
  await expect(page.getByRole("dialog").first()).toBeVisible();
  await inOrder(page, "the form of a metric");
  await open(page, `${server.url}/data`);
  await page.getByTestId("file-input").first().setInputFiles("../fixtures/orders.csv");
  await expect(page.getByTestId("column-name-2")).toBeVisible({ timeout: 15_000 });
  await inBothThemes(page, "the preview of a file");
});

test("the theme that was chosen is there from the first byte", async ({ page }) => {
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  await open(page, `${server.url}/dashboards`);
  const light = await ground();
  await page.getByRole("button", { name: "demo" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const dark = await ground();
  expect(dark).not.toBe(light);
  // What the server writes is dark already: nothing flashes before the scripts run.
  const html = await (await page.request.get(`${server.url}/dashboards`)).text();
  expect(html).toMatch(/<html[^>]* data-theme="dark"/);
  await page.route(/\.(js|wasm)$/, (route) => route.abort());
  await page.reload();
  expect(await ground()).toBe(dark);
  await page.unrouteAll();
  await page.reload();
  await hydrated(page);
  expect(await ground()).toBe(dark);
  await page.getByRole("button", { name: "demo" }).click();
  await expect(page.getByRole("menuitemradio", { name: "Dark" })).toHaveAttribute("aria-checked", "true");
  // As the system has it, again.
  await page.getByRole("menuitemradio", { name: "System" }).click();
  await expect.poll(ground).toBe(light);
  await turnDark(page);
  await expect.poll(ground).toBe(dark);
});
