// The history of a dashboard: who did what, any moment, the way back, names, and publishing.

import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { announced, api, drawn, hydrated, load, open, orrery, saved, serious, signIn, token } from "../steps.ts";

let server: Server;
const secrets: Record<string, string> = {};

test.beforeAll(async () => {
  server = await startServer({ args: ["serve"] });
  for (const [name, role] of [["ana", "creator"], ["ben", "creator"], ["vera", "viewer"]] as const) {
    orrery(server, ["user", "add", name, "--role", role, "--password-stdin"], "analytical engine\n");
    secrets[name] = token(server, name);
  }
  await load(server, secrets.ana as string, "orders", "region,shop,amount\nNorth,A,10\nSouth,B,20\nWest,A,5\n");
  expect((await api(server, secrets.ana as string, "PATCH", "/datasets/orders", { is_public: true })).status).toBe(200);
});
test.afterAll(() => server.stop());

const tileOf = (title: string, column: string, x: number, y = 0) => ({
  type: "chart",
  chart_type: "bar",
  title,
  position: { x, y, w: 6, h: 5 },
  data_source: { query: { dataset: "orders", dimensions: [{ column }], measures: [{ column: "amount", agg: "sum" }] } },
});

/** A public dashboard of Ana's that Ben may edit. */
async function dashboard(name: string) {
  const widgets = [tileOf("Sales", "region", 0)];
  const made = await api(server, secrets.ana as string, "POST", "/dashboards", { name, is_public: true, layout: { widgets } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const { id, slug } = made.body;
  const shared = await api(server, secrets.ana as string, "PUT", `/dashboards/${id}/grants/ben`, { access: "edit" });
  expect(shared.status, JSON.stringify(shared.body)).toBeLessThan(300);
  return { id: id as string, url: `${server.url}/dashboards/${slug}` };
}

/** Changes a dashboard as one of them. */
async function change(who: string, id: string, patch: (now: { name: string; layout: { widgets: object[] } }) => object) {
  const now = await api(server, secrets[who] as string, "GET", `/dashboards/${id}`);
  const done = await api(server, secrets[who] as string, "PATCH", `/dashboards/${id}`, patch(now.body));
  expect(done.status, JSON.stringify(done.body)).toBe(200);
}

const rename = (who: string, id: string, title: string) =>
  change(who, id, (now) => ({ layout: { ...now.layout, widgets: now.layout.widgets.map((w, i) => (i === 0 ? { ...w, title } : w)) } }));
const addShops = (who: string, id: string) =>
  change(who, id, (now) => ({ layout: { ...now.layout, widgets: [...now.layout.widgets, tileOf("By shop", "shop", 6)] } }));

async function as(browser: Browser, who: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, server, who, "analytical engine");
  return page;
}

const menu = async (page: Page, item: string) => {
  await page.getByTestId("board-menu").getByRole("button").or(page.getByTestId("board-menu")).first().click();
  await page.getByRole("menuitem", { name: item }).click();
};
const entries = (page: Page) => page.getByTestId("timeline-entry");
const momentTile = (page: Page, title: string) => page.getByTestId("moment-tile").filter({ hasText: title });

test("two people's changes are told, an old moment is looked at, restored, and that is undone", async ({ browser }) => {
  const { id, url } = await dashboard("Revenue");
  await rename("ana", id, "Sales by region");
  await addShops("ben", id);
  await change("ana", id, (now) => ({ layout: { ...now.layout, widgets: now.layout.widgets.slice(1) } }));

  const page = await as(browser, "ana");
  await open(page, url);
  await menu(page, "History");
  await expect(page).toHaveURL(/\/history$/);
  await hydrated(page);
  await expect(entries(page)).toHaveCount(4);
  await expect(entries(page).nth(0)).toContainText("ana removed “Sales by region”");
  await expect(entries(page).nth(1)).toContainText("ben added “By shop”");
  await expect(entries(page).nth(2)).toContainText("ana renamed “Sales” to “Sales by region”");
  await expect(entries(page).nth(3)).toContainText("ana created the dashboard with a tile");
  await expect(page.getByTestId("moment-grid")).toHaveAttribute("data-seq", "4");
  await expect(momentTile(page, "By shop")).toHaveAttribute("data-state", "ready");

  // An earlier moment, by its entry; it is in the address.
  await entries(page).nth(2).getByRole("button").first().click();
  await expect(page.getByTestId("moment-grid")).toHaveAttribute("data-seq", "2");
  await expect(page).toHaveURL(/at=2/);
  await expect(momentTile(page, "Sales by region")).toHaveAttribute("data-state", "ready");
  await expect(page.getByTestId("moment-tile")).toHaveCount(1);
  await expect(page.getByText("with the data of today")).toBeVisible();

  // By the keyboard.
  await page.getByTestId("moment-slider").focus();
  await page.keyboard.press("ArrowRight");
  await expect(page.getByTestId("moment-grid")).toHaveAttribute("data-seq", "3");
  await page.keyboard.press("ArrowLeft");
  await expect(page.getByTestId("moment-grid")).toHaveAttribute("data-seq", "2");

  // What differs from now: one is here that is gone there, one the other way round.
  await page.getByLabel("Compare with").selectOption("now");
  const compared = page.getByTestId("compared");
  await expect(compared).toContainText("2 changes");
  await expect(momentTile(page, "Sales by region")).toContainText("Added");
  await expect(momentTile(page, "Sales by region")).toHaveClass(/is-added/);
  await expect(page.getByTestId("moment-ghost")).toContainText("By shop");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.reload();
  await hydrated(page);
  await expect(compared).toContainText("2 changes");
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await page.setViewportSize({ width: 1280, height: 900 });

  // Only what Ben did.
  await page.getByLabel("Person", { exact: true }).selectOption({ label: "ben" });
  await expect(entries(page)).toHaveCount(1);
  await page.getByLabel("Person", { exact: true }).selectOption({ label: "Everybody" });
  await expect(entries(page)).toHaveCount(4);

  // A name for it.
  await page.getByTestId("name-version").click();
  await page.getByRole("dialog").getByLabel("Name").fill("Before the shops");
  await page.getByRole("dialog").getByRole("button", { name: "Save name" }).click();
  await expect(page.getByTestId("named-version")).toContainText("Before the shops");

  // Back to it, after a look at what that means.
  await page.getByTestId("restore").click();
  const dialog = page.getByRole("dialog", { name: "Restore “Before the shops”?" });
  await expect(dialog.getByTestId("differences")).toContainText("Sales by region");
  await expect(dialog.getByTestId("differences")).toContainText("By shop");
  await dialog.getByTestId("restore-confirm").click();
  await expect(page).toHaveURL(url);
  await drawn(page);
  await expect(page.getByTestId("tile")).toHaveCount(1);
  await expect(page.getByRole("group", { name: "Sales by region" })).toBeVisible();

  // It is one step of Ana's, and undone as any other.
  await page.keyboard.press("e");
  await expect(page.getByTestId("undo")).toBeEnabled();
  await page.getByTestId("undo").click();
  await expect(announced(page)).toHaveText("Undo: Restore “Before the shops”");
  await expect(page.getByRole("group", { name: "By shop" })).toBeVisible();
  await saved(page);
  await page.getByRole("toolbar", { name: "Editing" }).getByRole("link", { name: "History" }).click();
  await expect(entries(page).nth(0)).toContainText("took back:");
  await expect(entries(page).nth(1)).toContainText("restored “Before the shops”");
  await expect(entries(page).nth(1)).toContainText("Taken back");
  await page.context().close();
});

test("a draft is reviewed and published while a reader watches", async ({ browser }) => {
  const { id, url } = await dashboard("Quarter");
  const [ana, vera] = [await as(browser, "ana"), await as(browser, "vera")];
  await open(ana, url);
  await expect(ana.getByTestId("draft-bar")).toHaveCount(0);
  await menu(ana, "Publishing…");
  const dialog = ana.getByTestId("publish-dialog");
  await expect(dialog).toContainText("each change as it is made");
  await dialog.getByLabel("What is new").fill("The first");
  await dialog.getByTestId("publish").click();
  await expect(ana.getByTestId("draft-bar")).toContainText("Readers see the same as you");

  await open(vera, url);
  await drawn(vera);
  await expect(vera.getByTestId("draft-bar")).toHaveCount(0);
  await rename("ben", id, "Sales, but better");
  await addShops("ben", id);
  await expect(ana.getByTestId("draft-bar")).toContainText("2 changes since published");
  await expect(ana.getByRole("group", { name: "By shop" })).toBeVisible();

  // The reader sees none of it: neither on the open page, nor on a new one, nor in lists and the API.
  await expect(vera.getByRole("group", { name: "Sales", exact: true })).toBeVisible();
  await vera.reload();
  await hydrated(vera);
  await drawn(vera);
  await expect(vera.getByTestId("tile")).toHaveCount(1);
  await expect(vera.getByRole("group", { name: "Sales", exact: true })).toBeVisible();
  const draft = await api(server, secrets.ben as string, "GET", `/dashboards/${id}`);
  const hidden = draft.body.layout.widgets.find((w: { title: string }) => w.title === "By shop").id;
  const seen = await api(server, secrets.vera as string, "GET", `/dashboards/${id}`);
  expect(seen.body.layout.widgets.map((w: { title: string }) => w.title)).toEqual(["Sales"]);
  expect((await api(server, secrets.vera as string, "GET", `/dashboards/${id}/tiles/${hidden}/data`)).status).toBe(404);
  expect((await api(server, secrets.vera as string, "GET", `/dashboards/${id}/history`)).status).toBe(403);
  await open(vera, `${url}/history`);
  await expect(vera.getByText("Only those who may change this dashboard see its history.")).toBeVisible();
  await open(vera, url);
  await drawn(vera);

  // A look at what readers will see, then publish: the open page follows.
  await ana.getByTestId("review").click();
  await expect(dialog.getByTestId("differences")).toContainText("By shop");
  await expect(dialog.getByTestId("differences")).toContainText("renamed from “Sales” to “Sales, but better”");
  expect(serious((await new AxeBuilder({ page: ana }).analyze()).violations)).toEqual([]);
  await dialog.getByLabel("What is new").fill("With shops");
  await dialog.getByTestId("publish").click();
  await expect(ana.getByTestId("draft-bar")).toContainText("Readers see the same as you");
  await expect(vera.getByRole("group", { name: "By shop" })).toBeVisible();
  await expect(vera.getByRole("group", { name: "Sales, but better" })).toBeVisible();
  await drawn(vera);

  // Both publications are kept; then it is switched off.
  await menu(ana, "Publishing…");
  await expect(dialog.getByTestId("publications").getByRole("listitem")).toHaveCount(2);
  await expect(dialog.getByTestId("publications")).toContainText("With shops");
  await dialog.getByRole("button", { name: "Stop publishing…" }).click();
  await ana.getByRole("dialog", { name: "Stop publishing?" }).getByRole("button", { name: "Stop publishing" }).click();
  await expect(ana.getByTestId("draft-bar")).toHaveCount(0);
  await rename("ben", id, "Sales as they are");
  await expect(vera.getByRole("group", { name: "Sales as they are" })).toBeVisible();
  await ana.context().close();
  await vera.context().close();
});
