// Every page: it arrives, it fits a phone, it is dark when asked, and axe finds nothing serious.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { drawn, open, serious } from "../steps.ts";

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "20000"] });
});
test.afterAll(() => server.stop());

const PAGES = ["/dashboards", "/dashboards/sales-overview", "/data", "/data/flights", "/metrics", "/metrics/revenue", "/account", "/admin"];

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
    await page.emulateMedia({ colorScheme: "dark" });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, "the page scrolls sideways on a phone").toBeLessThanOrEqual(0);
    const dark = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
    expect(serious(dark.violations)).toEqual([]);
    expect(problems).toEqual([]);
  });
}
