// Public and embedded links: a dashboard for people without a sign-in.

import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { createHmac } from "node:crypto";
import { createServer, type Server as Http } from "node:http";
import { type Server, startServer } from "../server.ts";
import { api, drawn, hydrated, load, orrery, serious, signIn, token } from "../steps.ts";

let server: Server;
let secret: string;
/** A page of another origin that has the dashboard in a frame. */
let site: Http;
let around = "";
let siteUrl: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["serve"] });
  orrery(server, ["user", "add", "ada", "--role", "admin", "--password-stdin"], "analytical engine\n");
  secret = token(server, "ada");
  await load(server, secret, "orders", "day,region,amount\n2024-03-01,North,10\n2024-03-02,South,20\n2024-03-03,West,5\n");
  site = createServer((_, answer) => answer.setHeader("content-type", "text/html").end(around));
  await new Promise<void>((ready) => site.listen(0, "127.0.0.1", ready));
  siteUrl = `http://127.0.0.1:${(site.address() as { port: number }).port}`;
});
test.afterAll(async () => {
  site.close();
  await server.stop();
});

async function dashboard(name: string): Promise<{ slug: string; id: string }> {
  const source = { query: { dataset: "orders", dimensions: [{ column: "region" }], measures: [{ column: "amount", agg: "sum" }] } };
  const widgets = [{ type: "table", chart_type: "table", title: "By region", position: { x: 0, y: 0, w: 12, h: 6 }, data_source: source }];
  const filters = [{ id: "f1", dataset: "orders", column: "region" }];
  const made = await api(server, secret, "POST", "/dashboards", { name, layout: { widgets, filters } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body;
}

async function link(id: string, request: object) {
  const made = await api(server, secret, "POST", `/dashboards/${id}/links`, { label: "Partners", ...request });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body;
}

async function stranger(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

/** A token as the server of another page signs it. */
function signed(key: string, claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const text = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${text}.${createHmac("sha256", key).update(text).digest("base64url")}`;
}

const soon = () => Math.floor(Date.now() / 1000) + 600;

test("the owner makes a link, a stranger opens it, and it is over when it is revoked", async ({ page, browser }) => {
  const board = await dashboard("Shared board");
  await signIn(page, server, "ada", "analytical engine");
  await page.goto(`${server.url}/dashboards/${board.slug}`);
  await hydrated(page);
  await expect(page.getByTestId("public-banner")).toHaveCount(0);
  await page.getByTestId("board-menu").click();
  await page.getByRole("menuitem", { name: "Public links…" }).click();
  const dialog = page.getByTestId("links-dialog");
  await dialog.getByLabel("Whom it is for").fill("Partners");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const address = await dialog.getByTestId("public-link").locator("code").innerText();
  await expect(dialog.getByTestId("public-link-row")).toContainText("Never opened");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.keyboard.press("Escape");
  await expect(page.getByTestId("public-banner")).toContainText("This dashboard is public");

  const guest = await stranger(browser);
  await guest.goto(address);
  await hydrated(guest);
  // The secret is neither in the address nor in the history.
  expect(guest.url()).toMatch(/\/shared\/[0-9a-f]+$/);
  await drawn(guest);
  await expect(guest.getByRole("heading", { name: "Shared board" })).toBeVisible();
  await expect(guest.getByTestId("tile")).toContainText("South");
  await expect(guest.getByTestId("edit-toggle")).toHaveCount(0);
  await expect(guest.getByRole("navigation")).toHaveCount(0);
  expect(serious((await new AxeBuilder({ page: guest }).analyze()).violations)).toEqual([]);
  // It opens nothing else.
  expect((await guest.request.get(`${server.url}/api/v1/dashboards`)).status()).toBe(401);
  await guest.getByTestId("filter-bar").getByRole("button", { name: /Region/ }).click();
  await guest.getByRole("checkbox", { name: /South/ }).check();
  await expect(guest.getByTestId("tile")).not.toContainText("North");

  await page.getByTestId("public-banner").getByRole("button", { name: "Manage links" }).click();
  await expect(dialog.getByTestId("public-link-row")).toContainText("Opened once");
  await dialog.getByRole("button", { name: "Revoke Partners" }).click();
  await expect(guest.getByText("This link is over")).toBeVisible();
  await guest.goto(address);
  await expect(guest.getByText("This cannot be shown")).toBeVisible();
  await expect(page.getByTestId("public-banner")).toHaveCount(0);
});

test("a password guards a link, a locked filter holds", async ({ browser }) => {
  const board = await dashboard("Guarded board");
  const north = { column: "region", op: "eq", value: "North" };
  const made = await link(board.id, { password: "open sesame", filters: [north] });
  const guest = await stranger(browser);
  await guest.goto(server.url + made.path);
  await guest.getByLabel("Password").fill("wrong guess");
  await guest.getByRole("button", { name: "Open the dashboard" }).click();
  await expect(guest.getByText("The password is wrong.")).toBeVisible();
  await guest.getByLabel("Password").fill("open sesame");
  await guest.getByRole("button", { name: "Open the dashboard" }).click();
  await hydrated(guest);
  await drawn(guest);
  await expect(guest.getByTestId("tile")).toContainText("North");
  await expect(guest.getByTestId("tile")).not.toContainText("South");
  // The list of values says no more than the rows.
  await guest.getByTestId("filter-bar").getByRole("button", { name: /Region/ }).click();
  await expect(guest.getByRole("checkbox", { name: /North/ })).toBeVisible();
  await expect(guest.getByRole("checkbox", { name: /South/ })).toHaveCount(0);
});

test("another site shows an embedded dashboard with a locked filter, and no other site does", async ({ page }) => {
  const board = await dashboard("Embedded board");
  const south = { column: "region", op: "eq", value: "South" };
  const made = await link(board.id, { kind: "embed", origins: [siteUrl], filters: [south] });
  const address = `${server.url}${made.path}?token=${signed(made.key, { link: made.link.id, exp: soon() })}`;
  around = `<!doctype html><iframe src="${address}" width="900" height="600"></iframe>`;
  await page.goto(siteUrl);
  const frame = page.frameLocator("iframe");
  await expect(frame.getByTestId("tile")).toContainText("South");
  await expect(frame.getByTestId("tile")).not.toContainText("North");

  const policy = async (path: string) => (await page.request.get(server.url + path, { maxRedirects: 0 })).headers()["content-security-policy"];
  expect(await policy(`/shared/${made.link.id}`)).toContain(`frame-ancestors 'self' ${siteUrl}`);
  expect(await policy("/login")).toContain("frame-ancestors 'self'");
  expect(await policy("/login")).not.toContain(siteUrl);

  const forged = await page.request.get(`${server.url}${made.path}?token=${signed("another key", { link: made.link.id, exp: soon() })}`);
  expect(forged.status()).toBe(401);
});
