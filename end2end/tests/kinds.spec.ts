// The gallery of kinds: each is drawn from the sample data, in light and dark, and leads to Explore.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { open, serious, turnDark } from "../steps.ts";

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "20000"] });
});
test.afterAll(() => server.stop());

for (const scheme of ["light", "dark"] as const) {
  test(`every kind is drawn in ${scheme}`, async ({ page }) => {
    test.setTimeout(120_000);
    const problems: string[] = [];
    page.on("pageerror", (error) => problems.push(String(error)));
    page.on("console", (line) => line.type() === "error" && problems.push(line.text()));
    await page.emulateMedia({ colorScheme: scheme });
    await open(page, `${server.url}/charts`);
    const cards = page.getByTestId("kind-card");
    const kinds = await cards.evaluateAll((all) => all.map((one) => one.getAttribute("data-kind")));
    expect(kinds.length).toBe(27);
    expect(kinds.slice(0, 5)).toEqual(["table", "pivot", "number", "trend", "line"]);
    for (const kind of kinds) {
      const card = page.locator(`[data-testid=kind-card][data-kind=${kind}]`);
      await card.scrollIntoViewIfNeeded();
      await expect(card, `${kind}`).toHaveAttribute("data-state", "ready", { timeout: 20_000 });
      await expect(card.locator("canvas, table, [role=grid], .figure, [data-testid=number]").first(), `${kind}`).toBeVisible();
    }
    expect(problems).toEqual([]);
    const axe = await new AxeBuilder({ page }).analyze();
    expect(serious(axe.violations)).toEqual([]);
  });
}

test("a kind is used in Explore, and the page fits a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, `${server.url}/charts`);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  await turnDark(page);
  const card = page.locator("[data-kind=treemap]");
  await card.scrollIntoViewIfNeeded();
  await expect(card).toHaveAttribute("data-state", "ready", { timeout: 20_000 });
  await card.getByRole("link", { name: /Use this/ }).click();
  const shown = page.getByTestId("explore-shown");
  await expect(shown).toHaveAttribute("data-kind", "treemap");
  await expect(page.getByTestId("explore-chart").locator("canvas")).toBeVisible();
});
