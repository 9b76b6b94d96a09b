// What must be true of every page: the first render is the same on server and browser, whoever's clock it
// is, and nothing of a page breaks its policy.

import { type Browser, expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { hydrated } from "../steps.ts";

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "1000"] });
});
test.afterAll(() => server.stop());

const PATHS = ["/", "/data", "/data/sales", "/dashboards", "/dashboards/sales-overview", "/explore", "/charts", "/reports", "/sql", "/metrics", "/metrics/revenue", "/alerts", "/inbox", "/account", "/admin", "/admin?tab=audit"];

/** What a page says before any script has run. */
async function first(browser: Browser, timezoneId: string): Promise<Map<string, string>> {
  const context = await browser.newContext({ javaScriptEnabled: false, timezoneId });
  const page = await context.newPage();
  const said = new Map<string, string>();
  for (const path of PATHS) {
    await page.goto(`${server.url}${path}`);
    said.set(path, await page.locator("body").innerText());
  }
  await context.close();
  return said;
}

test("the first render knows no clock and no chance", async ({ browser }) => {
  test.setTimeout(90_000);
  // Once before it counts: what is read for the first time may come after the page has begun.
  await first(browser, "UTC");
  const here = await first(browser, "UTC");
  const there = await first(browser, "Pacific/Kiritimati");
  for (const path of PATHS) {
    expect(here.get(path)?.length, path).toBeGreaterThan(20);
    // Somebody has signed in once more: the list of one's sessions may say so.
    // Home is one of the dashboards, and may say that it is on its way there.
    if (path !== "/account" && path !== "/") expect(there.get(path), path).toBe(here.get(path));
  }
});

test("the browser takes every page over as it came, within its policy", async ({ page }) => {
  test.setTimeout(120_000);
  const wrong: string[] = [];
  page.on("pageerror", (error) => wrong.push(`${page.url()}: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(`${page.url()}: ${message.text()}`);
    else if (/hydrat|Content Security Policy/i.test(message.text())) wrong.push(`${page.url()}: ${message.text()}`);
  });
  for (const path of PATHS) {
    await page.goto(`${server.url}${path}`);
    await hydrated(page);
  }
  expect(wrong).toEqual([]);
});
