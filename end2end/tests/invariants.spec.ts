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

const PATHS = ["/", "/data", "/data/sales", "/dashboards", "/dashboards/sales-overview", "/explore", "/charts", "/reports", "/sql", "/metrics", "/metrics/revenue", "/forecasts", "/alerts", "/insights", "/models", "/ask", "/inbox", "/account", "/admin", "/admin?tab=audit"];

/** Somebody whose browser runs no script, and reads what the server says. */
async function reader(browser: Browser, timezoneId: string) {
  const context = await browser.newContext({ javaScriptEnabled: false, timezoneId });
  const page = await context.newPage();
  const read = async (path: string) => {
    await page.goto(`${server.url}${path}`);
    return page.locator("body").innerText();
  };
  return { read, close: () => context.close() };
}

test("the first render knows no clock and no chance", async ({ browser }) => {
  test.setTimeout(120_000);
  const here = await reader(browser, "UTC");
  const there = await reader(browser, "Pacific/Kiritimati");
  // Both have signed in before it counts: lists of sessions and of what was done say so.
  await here.read("/");
  await there.read("/");
  for (const path of PATHS) {
    // What the server has not read when the page begins it sends behind it, for a script to put in place:
    // without one, a part may be seen by one of them only. A clock or a chance would differ every time.
    await expect(async () => {
      const [one, other] = [await here.read(path), await there.read(path)];
      expect(one.length, path).toBeGreaterThan(20);
      if (path === "/account") return; // Marks the session that asks, and theirs are two.
      expect(other, path).toBe(one);
    }).toPass({ timeout: 20_000 });
  }
  await here.close();
  await there.close();
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
