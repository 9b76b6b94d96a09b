// The first start, signing in and out, sessions and tokens.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { hydrated, open, orrery, serious } from "../steps.ts";

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ args: ["serve"] });
});
test.afterAll(() => server.stop());

test("the first start prints a link that makes one administrator, once", async ({ page }) => {
  const link = /http:\S+\/setup\?token=\S+/.exec(server.log())?.[0];
  if (!link) throw new Error(`no link was printed: ${server.log()}`);
  await page.goto(link);
  await page.getByLabel("User name").fill("ada");
  await page.getByLabel("Password").fill("analytical engine");
  await page.getByRole("button", { name: "Make administrator" }).click();
  await hydrated(page);
  expect(orrery(server, ["user", "list"])).toBe("ada\tadmin");
  await page.context().clearCookies();
  await page.goto(link);
  await page.getByLabel("User name").fill("mallory");
  await page.getByLabel("Password").fill("let me in please");
  await page.getByRole("button", { name: "Make administrator" }).click();
  await expect(page.getByRole("alert")).toContainText("used");
});

test("a page leads to the form and back, a wrong password says so", async ({ page }) => {
  await page.goto(`${server.url}/data`);
  await expect(page).toHaveURL(/\/login\?next=/);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.locator("input[name=username]").fill("ada");
  await page.locator("input[name=password]").fill("wrong password");
  await page.getByTestId("login-form").getByRole("button").click();
  await expect(page.getByRole("alert")).toContainText("wrong");
  await page.locator("input[name=password]").fill("analytical engine");
  await page.getByTestId("login-form").getByRole("button").click();
  await expect(page).toHaveURL(`${server.url}/data`);
  await hydrated(page);
  // Nothing is there yet: home says what to do first.
  await open(page, server.url);
  await expect(page.getByRole("heading", { name: "First steps" })).toBeVisible();
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
});

test("a form from another site is refused", async () => {
  const body = new URLSearchParams({ username: "ada", password: "analytical engine" });
  const headers = { Origin: "http://evil.example" };
  const answer = await fetch(`${server.url}/login`, { method: "POST", body, headers, redirect: "manual" });
  expect(answer.status).toBe(403);
});
