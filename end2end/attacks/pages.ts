// Attacks through what a browser shows: everything that people typed is text.

import { expect, type Page } from "@playwright/test";
import { drawn, hydrated } from "../steps.ts";
import { ask, PASSWORD, signIn, whole, type World } from "./world.ts";

type Show = (world: World, page: Page) => Promise<void>;

const IMAGE = "<img src=x onerror=alert(1)>";
const place = { x: 0, y: 0, w: 12, h: 6 };
/** What would be there if a text had become markup. */
const MARKUP = 'img[src="x"], [onerror], [onload], a[href^="javascript" i], a[href^="data:" i], iframe[srcdoc], script[src*="evil"]';

/** Listens for whatever an attack would cause. */
function watch(world: World, page: Page): string[] {
  const caused: string[] = [];
  page.on("dialog", (dialog) => {
    caused.push(`dialog ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on("request", (request) => {
    if (/^https?:/.test(request.url()) && !request.url().startsWith(world.server.url)) caused.push(`request ${request.url()}`);
  });
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) caused.push(message.text());
  });
  return caused;
}

async function enter(world: World, page: Page): Promise<void> {
  await page.goto(`${world.server.url}/login`);
  await page.locator("input[name=username]").fill("editor");
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.getByTestId("login-form").getByRole("button").click();
  await hydrated(page);
}

/** Opens a dashboard of such tiles; nothing runs, and the words stand there as they were typed. */
async function harmless(world: World, page: Page, name: string, widgets: unknown[], words: string, query = ""): Promise<void> {
  const made = await ask(world, "editor", "POST", "/dashboards", { name, layout: { widgets } });
  expect([201, 400, 422], made.text).toContain(made.status);
  if (made.status !== 201) return;
  const caused = watch(world, page);
  await enter(world, page);
  await page.goto(`${world.server.url}/dashboards/${made.body.slug}${query}`);
  await hydrated(page);
  await drawn(page);
  if (words) await expect(page.locator("body")).toContainText(words);
  expect(await page.locator(MARKUP).count()).toBe(0);
  expect(caused).toEqual([]);
  await page.goto(`${world.server.url}/dashboards`);
  await hydrated(page);
  expect(await page.locator(MARKUP).count()).toBe(0);
  expect(caused).toEqual([]);
}

const text = (markdown: string) => ({ type: "text", text: markdown, position: place });
const table = (sql: string) => ({ type: "table", title: "Rows", position: place, data_source: { sql } });
const bars = { query: { dataset: "sales", dimensions: [{ column: "region" }], measures: [{ agg: "count" }] } };

export const PAGES: Record<string, Show> = {
  K01: (world, page) => harmless(world, page, IMAGE, [{ ...text("Nothing"), title: IMAGE }], IMAGE),
  K04: (world, page) => harmless(world, page, "Links", [text(`Seen [x](javascript:alert(1)) [y](data:text/html;base64,PHNjcmlwdD4=) ${IMAGE} <script>alert(1)</script>`)], "Seen"),
  K05: (world, page) => harmless(world, page, "Columns", [table(`SELECT 1 AS "${IMAGE}"`)], IMAGE),
  K06: (world, page) => harmless(world, page, "Cells", [table(`SELECT '${IMAGE}' AS cell`)], IMAGE),
  K14: (world, page) =>
    harmless(world, page, "Options", [{ type: "chart", chart_type: "bar", title: "Bars", position: place, options: { formatter: "function(){alert(1)}", tooltip: { formatter: IMAGE } }, data_source: bars }], "Bars"),
  K15: async (world, page) => {
    const script = '"><script>alert(1)</script>';
    const query = `?filters=${encodeURIComponent(script)}&f=${encodeURIComponent(JSON.stringify([{ column: script, op: "eq", value: script }]))}&tab=${encodeURIComponent(script)}`;
    await harmless(world, page, "Address", [{ type: "chart", chart_type: "bar", title: "Bars", position: place, data_source: bars }], "", query);
    for (const path of ["/data", "/explore", "/sql", "/login", "/admin"]) {
      const caused = watch(world, page);
      await page.goto(`${world.server.url}${path}${query}&next=${encodeURIComponent(script)}&search=${encodeURIComponent(script)}`);
      expect(await page.locator(MARKUP).count()).toBe(0);
      expect(caused, path).toEqual([]);
    }
  },
  K12: async (world, page) => {
    const frame = "<iframe srcdoc='<script>parent.alert(1)</script>'>";
    const made = await ask(world, "editor", "POST", "/dashboards", { name: "Talk", layout: { widgets: [text("Talk about it")] } });
    const said = await ask(world, "editor", "POST", `/dashboards/${made.body.id}/comments`, { body: `${frame} ${IMAGE} [x](javascript:alert(1))` });
    expect(said.status, said.text).toBe(201);
    const caused = watch(world, page);
    await enter(world, page);
    await page.goto(`${world.server.url}/dashboards/${made.body.slug}`);
    await hydrated(page);
    await page.getByRole("button", { name: /comment/i }).first().click();
    await expect(page.locator("body")).toContainText("<iframe");
    expect(await page.locator(MARKUP).count()).toBe(0);
    expect(caused).toEqual([]);
  },
};

/** Those of pages that need no browser. */
export const ANSWERS: Record<string, (world: World) => Promise<void>> = {
  K09: async (world) => {
    const form = new FormData();
    form.set("file", new Blob(["<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"]), "picture.svg");
    form.set("name", "picture");
    const headers = { Authorization: `Bearer ${world.tokens.editor}` };
    const said = await fetch(`${world.server.url}/api/v1/datasets`, { method: "POST", headers, body: form });
    expect([400, 415, 422]).toContain(said.status);
    // Nor does the server show one that lies elsewhere: an image's address is one of https or of ours.
    const made = await ask(world, "editor", "POST", "/dashboards", { name: "Picture", layout: { widgets: [{ type: "image", text: "data:image/svg+xml,<svg onload=alert(1)>", position: place }] } });
    expect([201, 400, 422]).toContain(made.status);
  },
  K10: async (world) => {
    const said = await ask(world, "editor", "POST", "/sql", { sql: `SELECT '${IMAGE}` });
    expect(said.status).toBe(400);
    expect(said.headers.get("content-type")).toContain("application/json");
    expect(said.headers.get("x-content-type-options")).toBe("nosniff");
    const page = await fetch(`${world.server.url}/${encodeURIComponent(IMAGE)}`, { headers: { Accept: "text/html" } });
    expect(await page.text()).not.toContain(IMAGE);
  },
  K13: async (world) => {
    const style = "body{background:url(https://evil.test/?x)} </style><script>";
    const made = await ask(world, "editor", "POST", "/dashboards", { name: "Styled", theme: style, settings: { css: style }, layout: { widgets: [] } });
    expect([201, 400, 422], made.text).toContain(made.status);
    if (made.status !== 201) return;
    const { cookie } = await signIn(world.server, "editor", PASSWORD, "203.0.113.40");
    const page = await fetch(`${world.server.url}/dashboards/${made.body.slug}`, { headers: { Cookie: cookie } });
    expect(page.status).toBe(200);
    expect(await page.text()).not.toContain("</style><script>");
  },
  K17: async (world) => {
    const { cookie } = await signIn(world.server, "editor", PASSWORD, "203.0.113.41");
    for (const path of ["/", "/login", "/dashboards", `/dashboards/${world.shared.slug}`, "/api/v1/me", "/api/docs", "/screen"]) {
      const page = await fetch(`${world.server.url}${path}`, { headers: { Cookie: cookie } });
      const policy = page.headers.get("content-security-policy") ?? "";
      expect(policy, path).toContain("frame-ancestors 'self'");
      expect(policy, path).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/);
      expect(page.headers.get("x-frame-options"), path).toBe("SAMEORIGIN");
      expect(page.headers.get("referrer-policy"), path).toMatch(/same-origin|no-referrer/);
      expect(page.headers.get("cache-control"), path).toMatch(/no-store|private/);
    }
  },
  K18: async (world) => {
    const form = new FormData();
    form.set("file", new Blob(["<html><script>alert(1)</script>\nx\n"]), "page.txt");
    form.set("name", "page_txt");
    const headers = { Authorization: `Bearer ${world.tokens.editor}` };
    const loaded = await fetch(`${world.server.url}/api/v1/datasets`, { method: "POST", headers, body: form });
    if (loaded.status === 201) {
      for (const accept of ["application/json", "text/csv"]) {
        const said = await ask(world, "editor", "GET", "/datasets/page_txt/rows", undefined, { Accept: accept });
        expect(said.headers.get("content-type")).toContain(accept);
        expect(whole(said)).toContain("nosniff");
      }
    }
    // What was sent is at no address of its own.
    for (const path of ["/uploads/page.txt", "/api/v1/uploads/page.txt", "/assets/page.txt"]) expect((await fetch(`${world.server.url}${path}`, { headers, redirect: "manual" })).status).toBeGreaterThanOrEqual(300);
  },
};
