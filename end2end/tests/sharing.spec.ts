// Groups, folders, levels, seeing as others do, and what somebody leaves behind.

import { type Browser, type Page, expect, test } from "@playwright/test";
import { AxeBuilder } from "@axe-core/playwright";
import { type Server, startServer } from "../server.ts";
import { api, drawn, hydrated, load, open, orrery, serious, signIn, token } from "../steps.ts";

const PASSWORD = "a password of its own";
let server: Server;
let ada: string;
let ben: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["serve"] });
  for (const [name, role] of [["ada", "admin"], ["ben", "creator"], ["cleo", "creator"], ["vera", "viewer"]]) {
    orrery(server, ["user", "add", name as string, "--role", role as string, "--password-stdin"], PASSWORD);
  }
  ada = token(server, "ada");
  ben = token(server, "ben");
  await load(server, ben, "orders", "region,amount\nNorth,10\nSouth,20\n");
});
test.afterAll(() => server.stop());

/** A browser of somebody. */
async function signedIn(browser: Browser, name: string): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, server, name, PASSWORD);
  return page;
}

/** A dashboard of Ben's with one chart; answers its slug. */
async function board(name: string): Promise<string> {
  const widget = {
    type: "chart",
    chart_type: "bar",
    title: "By region",
    position: { x: 0, y: 0, w: 6, h: 5 },
    data_source: {
      query: { dataset: "orders", dimensions: [{ column: "region" }], measures: [{ column: "amount", agg: "sum" }] },
    },
  };
  const made = await api(server, ben, "POST", "/dashboards", { name, layout: { widgets: [widget] } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body.slug;
}

async function seesDashboard(page: Page, name: string, sees: boolean): Promise<void> {
  await open(page, `${server.url}/dashboards?q=${encodeURIComponent(name)}`);
  await expect(page.getByTestId("dashboard-card").filter({ hasText: name })).toHaveCount(sees ? 1 : 0);
}

test("an administrator makes a group, and a dashboard is shared with it", async ({ browser }) => {
  const slug = await board("For the team");
  const admin = await signedIn(browser, "ada");
  await open(admin, `${server.url}/admin?tab=groups`);
  await admin.getByTestId("add-group").click();
  await admin.getByTestId("group-form").getByLabel("Name").fill("Sales team");
  await admin.getByRole("button", { name: "Make group" }).click();
  const group = admin.getByTestId("group").filter({ hasText: "Sales team" });
  await group.getByRole("combobox", { name: "Add a person to Sales team" }).fill("cleo");
  await admin.getByRole("option", { name: "cleo" }).click();
  await expect(group.getByRole("listitem").filter({ hasText: "cleo" })).toBeVisible();
  expect(serious((await new AxeBuilder({ page: admin }).analyze()).violations)).toEqual([]);

  const cleo = await signedIn(browser, "cleo");
  await seesDashboard(cleo, "For the team", false);

  const owner = await signedIn(browser, "ben");
  await open(owner, `${server.url}/dashboards/${slug}`);
  await owner.getByTestId("share").click();
  const panel = owner.getByTestId("share-panel");
  await panel.getByLabel("Person or group").fill("sales");
  await owner.getByRole("option", { name: /Sales team/ }).click();
  await panel.getByRole("button", { name: "Share", exact: true }).click();
  const row = panel.getByTestId("share-row").filter({ hasText: "Sales team" });
  await expect(row).toContainText("Group");
  await row.getByLabel("What Sales team may do").selectOption("comment");
  await expect(row).toContainText("Also writes comments.");
  await panel.getByTestId("who-sees").click();
  await expect(panel.getByTestId("viewer").filter({ hasText: "cleo" })).toContainText("is in the group Sales team");
  await expect(panel.getByTestId("viewer").filter({ hasText: "ada" })).toContainText("is an administrator");
  expect(serious((await new AxeBuilder({ page: owner }).analyze()).violations)).toEqual([]);

  await seesDashboard(cleo, "For the team", true);
  // Who leaves the group loses it.
  await group.getByRole("button", { name: /Remove cleo|cleo/ }).first().click();
  await expect(group.getByRole("listitem").filter({ hasText: "cleo" })).toHaveCount(0);
  await seesDashboard(cleo, "For the team", false);
});

test("what is shared on a folder holds for what is moved into it", async ({ browser }) => {
  await board("In a folder");
  const owner = await signedIn(browser, "ben");
  await open(owner, `${server.url}/dashboards`);
  await owner.getByTestId("new-dashboard").getByRole("button", { name: "New" }).click();
  await owner.getByRole("menuitem", { name: "New folder…" }).click();
  await owner.getByTestId("folder-form").getByLabel("Name").fill("Quarterly");
  await owner.getByRole("button", { name: "Make folder" }).click();
  const folder = owner.getByTestId("folder-card").filter({ hasText: "Quarterly" });
  await expect(folder).toContainText("0 dashboards");
  await folder.getByRole("button", { name: "More for Quarterly" }).click();
  await owner.getByRole("menuitem", { name: "Share…" }).click();
  const panel = owner.getByTestId("share-panel");
  await panel.getByLabel("Person or group").fill("cleo");
  await owner.getByRole("option", { name: "cleo" }).click();
  await panel.getByRole("button", { name: "Share", exact: true }).click();
  await expect(panel.getByTestId("share-row").filter({ hasText: "cleo" })).toBeVisible();
  await owner.keyboard.press("Escape");

  // Moving tells who will see it.
  const card = owner.getByTestId("dashboard-card").filter({ hasText: "In a folder" });
  await card.getByRole("button", { name: "More for In a folder" }).click();
  await owner.getByRole("menuitem", { name: "Move to folder…" }).click();
  const form = owner.getByTestId("move-form");
  await form.getByLabel("Folder").fill("Quarterly");
  await owner.getByRole("option", { name: "Quarterly" }).click();
  await expect(form.getByTestId("move-effect")).toContainText("cleo");
  await form.getByRole("button", { name: "Move" }).click();
  await expect(owner.getByTestId("dashboard-card").filter({ hasText: "In a folder" })).toHaveCount(0);
  await owner.getByRole("link", { name: "Quarterly" }).click();
  await expect(owner.getByTestId("dashboard-card").filter({ hasText: "In a folder" })).toBeVisible();
  await expect(owner.getByRole("navigation", { name: "Folder" })).toContainText("Quarterly");

  const cleo = await signedIn(browser, "cleo");
  await seesDashboard(cleo, "In a folder", true);
});

test("an administrator sees a dashboard as a viewer does, and changes nothing meanwhile", async ({ browser }) => {
  const slug = await board("Seen by others");
  const granted = await api(server, ben, "PUT", `/dashboards/${slug}/grants/vera`, { access: "view" });
  expect(granted.status).toBe(204);
  const admin = await signedIn(browser, "ada");
  await open(admin, `${server.url}/dashboards/${slug}`);
  await admin.getByTestId("share").click();
  const panel = admin.getByTestId("share-panel");
  await panel.getByTestId("view-as").click();
  await panel.getByLabel("View as").fill("vera");
  await admin.getByRole("option", { name: "vera" }).click();
  await panel.getByRole("button", { name: "View", exact: true }).click();
  await expect(admin.getByTestId("view-as-banner")).toContainText("You see this as vera");
  await hydrated(admin);
  await drawn(admin);
  await expect(admin.getByTestId("edit-toggle")).toHaveCount(0);
  // What vera may not see is not there, whoever looks.
  const answers = await admin.evaluate(async (slug) => {
    const ask = async (method: string, path: string) => (await fetch(`/api/v1${path}`, { method })).status;
    return [await ask("GET", "/datasets/orders"), await ask("DELETE", `/dashboards/${slug}`), await ask("GET", "/users")];
  }, slug);
  expect(answers).toEqual([404, 403, 403]);
  await admin.getByRole("button", { name: "Stop" }).click();
  await expect(admin.getByTestId("view-as-banner")).toHaveCount(0);
  await expect(admin.getByTestId("edit-toggle")).toBeVisible();
});

test("who may only view does not see the rows behind a tile", async ({ browser }) => {
  const slug = await board("Rows behind");
  await api(server, ben, "PUT", `/dashboards/${slug}/grants/vera`, { access: "view" });
  const vera = await signedIn(browser, "vera");
  await open(vera, `${server.url}/dashboards/${slug}`);
  await drawn(vera);
  await vera.getByTestId("tile").first().hover();
  await vera.getByTestId("tile-menu").first().click();
  await expect(vera.getByRole("menuitem", { name: "View as table" })).toBeVisible();
  await expect(vera.getByRole("menuitem", { name: "See the rows" })).toHaveCount(0);
  await api(server, ben, "PUT", `/dashboards/${slug}/grants/vera`, { access: "explore" });
  await open(vera, `${server.url}/dashboards/${slug}`);
  await drawn(vera);
  await vera.getByTestId("tile").first().hover();
  await vera.getByTestId("tile-menu").first().click();
  await vera.getByRole("menuitem", { name: "See the rows" }).click();
  await expect(vera.getByText("North").first()).toBeVisible();
});

test("attributes of a person are edited as names and values", async ({ browser }) => {
  const admin = await signedIn(browser, "ada");
  await open(admin, `${server.url}/admin`);
  const row = admin.getByTestId("users-table").getByRole("row").filter({ hasText: "vera" });
  await row.getByRole("button", { name: /^More for/ }).click();
  await admin.getByRole("menuitem", { name: "Attributes" }).click();
  const form = admin.getByTestId("attributes-form");
  await form.getByRole("button", { name: "Add attribute" }).click();
  await form.getByLabel("Name").fill("regions");
  await form.getByLabel("Values").fill("North\nSouth");
  await form.getByRole("button", { name: "Save attributes" }).click();
  await expect(form).toHaveCount(0);
  const users = await api(server, ada, "GET", "/users");
  const vera = users.body.items.find((user: { name: string }) => user.name === "vera");
  const kept = await api(server, ada, "GET", `/users/${vera.id}/attributes`);
  expect(kept.body).toEqual({ regions: ["North", "South"] });
});

test("all that somebody leaves behind is transferred at once", async ({ browser }) => {
  orrery(server, ["user", "add", "dora", "--role", "creator", "--password-stdin"], PASSWORD);
  const dora = token(server, "dora");
  await load(server, dora, "parts", "name,weight\nbolt,3\n");
  await api(server, dora, "POST", "/folders", { name: "Dora’s folder" });
  const admin = await signedIn(browser, "ada");
  await open(admin, `${server.url}/admin`);
  const row = admin.getByTestId("users-table").getByRole("row").filter({ hasText: "dora" });
  await row.getByRole("button", { name: "Deactivate" }).click();
  await admin.getByRole("button", { name: "Deactivate user" }).click();
  await expect(row).toContainText("Deactivated");
  await row.getByRole("button", { name: /^More for/ }).click();
  await admin.getByRole("menuitem", { name: "What they own" }).click();
  const dialog = admin.getByRole("dialog", { name: "What dora owns" });
  await expect(dialog.getByTestId("owned")).toHaveCount(2);
  await dialog.getByLabel("New owner").fill("ben");
  await admin.getByRole("option", { name: "ben" }).click();
  await expect(dialog.getByTestId("no-troubles")).toBeVisible();
  await dialog.getByRole("button", { name: "Transfer all" }).click();
  await expect(dialog).toHaveCount(0);
  const parts = await api(server, ben, "GET", "/datasets/parts");
  expect(parts.body.access).toBe("owner");
});
