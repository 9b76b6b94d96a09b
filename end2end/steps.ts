// What the tests do again and again, as a person would.

import { spawnSync } from "node:child_process";
import { expect, type Locator, type Page } from "@playwright/test";
import type { Server } from "./server.ts";

/** Runs the command line on the server's data; returns standard output. */
export function orrery(server: Server, args: string[], input = ""): string {
  const run = spawnSync(process.env.ORRERY_BIN as string, args, {
    env: { ...process.env, ORRERY_DATA_DIR: server.dataDir },
    input,
    encoding: "utf8",
  });
  if (run.status !== 0) throw new Error(`orrery ${args.join(" ")} ended with ${run.status}: ${run.stderr}`);
  return run.stdout.trim();
}

/** A token of a user, for the API. */
export function token(server: Server, user = "demo", scope = "admin"): string {
  return orrery(server, ["token", "create", "--user", user, "--scope", scope, "--expires", "1d"]);
}

/** Asks the API; the body comes back as JSON. */
export async function api(server: Server, secret: string, method: string, path: string, body?: unknown) {
  const answer = await fetch(`${server.url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${secret}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text ? JSON.parse(text) : null };
}

/** Makes a dataset of a small file with a header. */
export async function load(server: Server, secret: string, name: string, csv: string | Buffer): Promise<void> {
  const form = new FormData();
  form.set("file", new Blob([csv]), `${name}.csv`);
  form.set("name", name);
  form.set("options", JSON.stringify({ header: true }));
  const headers = { Authorization: `Bearer ${secret}` };
  const loaded = await fetch(`${server.url}/api/v1/datasets`, { method: "POST", headers, body: form });
  expect(loaded.status, await loaded.text()).toBe(201);
}

/** Opens a page and waits until it answers to clicks. */
export async function open(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await hydrated(page);
}

/** Signs somebody in by the form, and waits for the page behind it. */
export async function signIn(page: Page, server: Server, name: string, password: string): Promise<void> {
  await page.goto(`${server.url}/login`);
  await page.locator("input[name=username]").fill(name);
  await page.locator("input[name=password]").fill(password);
  await page.getByTestId("login-form").getByRole("button").click();
  await hydrated(page);
}

export async function hydrated(page: Page): Promise<void> {
  await expect(page.locator("html")).toHaveAttribute("data-hydrated", "true", { timeout: 20_000 });
}

/** Waits until every visible tile has drawn, or says why not. */
export async function drawn(page: Page): Promise<void> {
  await expect(page.getByTestId("dashboard-grid")).toHaveAttribute("data-ready", "true", { timeout: 20_000 });
}

/** Opens a dashboard to be edited, with the panel of its first tile. */
export async function panelOfFirst(page: Page, dashboard: string): Promise<Locator> {
  await open(page, dashboard);
  await page.getByTestId("edit-toggle").click();
  await page.getByTestId("tile").first().hover();
  await page.getByTestId("tile-menu").first().click();
  await page.getByRole("menuitem", { name: /^Edit/ }).first().click();
  const panel = page.getByTestId("chart-panel");
  await expect(panel.getByTestId("preview-report")).toBeVisible();
  return panel;
}

/** Waits until everything that was done is on the server. */
export async function saved(page: Page): Promise<void> {
  await expect(page.getByTestId("save-status")).toHaveText(/^\s*saved/i, { timeout: 10_000 });
}

/** What a dashboard has read out last. */
export function announced(page: Page) {
  return page.getByTestId("announcer");
}

/** The part of a problem list of axe that must be empty. */
export function serious(violations: { id: string; impact?: string | null; nodes: { html: string }[] }[]): string[] {
  return violations
    .filter((v) => v.impact === "serious" || v.impact === "critical")
    .flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.html.slice(0, 160)}`));
}

/** Turns the page dark, and waits until its colours have stopped changing. */
export async function turnDark(page: Page): Promise<void> {
  await page.emulateMedia({ colorScheme: "dark" });
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    // A change of colour begins with the frame after the theme's.
    for (let still = 0; still < 5; await frame()) {
      still = document.getAnimations().some((animation) => animation instanceof CSSTransition) ? 0 : still + 1;
    }
  });
}
