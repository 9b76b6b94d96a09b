// Changing a dashboard: many tiles at once, there and back, tabs, without a connection, on a phone.

import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { announced, api, drawn, hydrated, open, saved, token } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

/** A dashboard of three number tiles in a row, open for editing. */
async function editing(page: Page, name: string) {
  const tile = (title: string, x: number) => ({
    type: "metric",
    chart_type: "number",
    title,
    position: { x, y: 0, w: 3, h: 3 },
    data_source: { query: { dataset: "sales", measures: [{ agg: "count" }] } },
  });
  const widgets = [tile("Alpha", 0), tile("Beta", 3), tile("Gamma", 6)];
  const made = await api(server, secret, "POST", "/dashboards", { name, layout: { widgets } });
  expect(made.status).toBe(201);
  const path = `/dashboards/${made.body.id}`;
  await open(page, `${server.url}/dashboards/${made.body.slug}`);
  await drawn(page);
  await page.keyboard.press("e");
  await expect(page.getByTestId("edit-toggle")).toHaveAttribute("aria-pressed", "true");
  /** Titles and columns as the server has them, in reading order. */
  const layout = async () => {
    await saved(page);
    const found = await api(server, secret, "GET", path);
    type Widget = { title: string; position: { x: number; y: number } };
    const all: Widget[] = found.body.layout.widgets;
    all.sort((a, b) => a.position.y - b.position.y || a.position.x - b.position.x);
    return all.map((w) => `${w.title} ${w.position.x}`);
  };
  return { url: `${server.url}/dashboards/${made.body.slug}`, path, layout };
}

const tile = (page: Page, name: string) => page.getByRole("group", { name, exact: true });

test("many tiles are copied, moved and removed, and every step is taken back", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  const { layout } = await editing(page, "Many");
  const three = ["Alpha 0", "Beta 3", "Gamma 6"];
  expect(await layout()).toEqual(three);

  // Two are chosen: one by a click, one with Shift; then more by the keyboard.
  await tile(page, "Alpha").click({ position: { x: 40, y: 100 } });
  await tile(page, "Beta").click({ position: { x: 40, y: 100 }, modifiers: ["Shift"] });
  const bar = page.getByRole("toolbar", { name: "Editing" });
  await expect(bar).toContainText("2 tiles chosen");
  await tile(page, "Gamma").focus();
  await page.keyboard.press("Space");
  await expect(announced(page)).toHaveText("Gamma chosen");
  await page.keyboard.press("Space");
  await expect(announced(page)).toHaveText("Gamma no longer chosen");

  await page.keyboard.press("Control+d");
  await expect(announced(page)).toHaveText("2 tiles added");
  await expect(page.getByTestId("tile")).toHaveCount(5);
  await page.keyboard.press("Control+c");
  await expect(announced(page)).toHaveText("2 tiles copied");
  await page.keyboard.press("Control+v");
  await expect(page.getByTestId("tile")).toHaveCount(7);
  await page.keyboard.press("Delete");
  await expect(page.getByTestId("tile")).toHaveCount(5);
  const message = page.getByRole("region", { name: "Messages" });
  await expect(message).toContainText("2 tiles removed");

  // Back to where it began and forward again, by the keys people know.
  for (const [label, count] of [["Undo: Remove tiles", 7], ["Undo: Paste tiles", 5], ["Undo: Duplicate tiles", 3]] as const) {
    await page.keyboard.press("Control+z");
    await expect(announced(page)).toHaveText(label);
    await expect(page.getByTestId("tile")).toHaveCount(count);
  }
  expect(await layout()).toEqual(three);
  await expect(page.getByTestId("undo")).toBeDisabled();
  await page.keyboard.press("Control+Shift+z");
  await expect(page.getByTestId("tile")).toHaveCount(5);
  await page.keyboard.press("Control+y");
  await expect(page.getByTestId("tile")).toHaveCount(7);

  // All of them at once.
  await page.keyboard.press("Control+a");
  await expect(announced(page)).toHaveText("7 tiles chosen");
  await page.keyboard.press("Delete");
  await expect(page.getByTestId("tile")).toHaveCount(0);
  await message.getByText("7 tiles removed").locator("..").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByTestId("tile")).toHaveCount(7);

  // A tile goes by its menu too, and the message brings it back when the menu is long gone.
  await tile(page, "Gamma").first().getByRole("button", { name: "Actions of Gamma" }).click();
  await page.getByRole("menuitem", { name: "Remove" }).click();
  await expect(page.getByTestId("tile")).toHaveCount(6);
  await message.getByText("Tile removed").locator("..").getByRole("button", { name: "Undo" }).click();
  await expect(page.getByTestId("tile")).toHaveCount(7);

  // Undo in a field is the field's own.
  const name = page.getByLabel("Name of the dashboard");
  await name.click();
  await page.keyboard.type("x");
  await page.keyboard.press("Control+z");
  await expect(name).toHaveValue("Many");
  await expect(page.getByTestId("tile")).toHaveCount(7);
});

test("Escape takes a drag back", async ({ page }) => {
  const { layout } = await editing(page, "Escape");
  const before = await layout();
  const beta = tile(page, "Beta");
  // Hovering waits until the board stands still under the bars of the editor.
  const grip = beta.getByRole("button", { name: "Move Beta" });
  await grip.hover({ position: { x: 5, y: 5 } });
  const handle = await grip.boundingBox();
  const at = await beta.boundingBox();
  if (!handle || !at) throw new Error("the tile is not shown");
  await page.mouse.down();
  await page.mouse.move(handle.x + 500, handle.y + 150, { steps: 6 });
  await expect(beta).toHaveClass(/is-held/);
  await page.keyboard.press("Escape");
  await expect(announced(page)).toHaveText("Put back");
  await page.mouse.move(handle.x + 300, handle.y + 20, { steps: 3 });
  await page.mouse.up();
  await expect(beta).not.toHaveClass(/is-held/);
  await expect.poll(() => beta.boundingBox()).toEqual(at);
  expect(await layout()).toEqual(before);
  await expect(page.getByTestId("undo")).toBeDisabled();
  await expect(page.getByTestId("edit-toggle")).toHaveAttribute("aria-pressed", "true");
});

test("tabs are added, named, filled and gone between", async ({ page }) => {
  const { url } = await editing(page, "Tabs");
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("menuitem", { name: "Tab", exact: true }).click();
  const tab = (name: string) => page.getByRole("tab", { name, exact: true });
  await expect(tab("Tab 2")).toHaveAttribute("aria-selected", "true");
  await expect(page.getByTestId("tile")).toHaveCount(0);
  await expect(page.getByText("Nothing on this tab yet")).toBeVisible();
  await page.getByRole("button", { name: "Actions of the tab" }).click();
  await page.getByRole("menuitem", { name: "Rename tab" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Details");
  await page.getByRole("dialog").getByRole("button", { name: "Rename tab" }).click();

  await tab("Tab 1").click();
  await expect(page.getByTestId("tile")).toHaveCount(3);
  await page.getByRole("button", { name: "Actions of Beta" }).click();
  await page.getByRole("menuitem", { name: "Move to tab…" }).click();
  await page.getByRole("dialog").getByLabel("Tab").selectOption({ label: "Details" });
  await page.getByRole("dialog").getByRole("button", { name: "Move tile" }).click();
  await expect(tile(page, "Beta")).toHaveCount(0);
  await page.getByRole("button", { name: "Show it" }).click();
  await expect(tab("Details")).toHaveAttribute("aria-selected", "true");
  await expect(tile(page, "Beta")).toHaveAttribute("data-state", "ready");
  await saved(page);

  // The tab is in the address: a link leads to it, Back goes back, and its number is its key.
  const details = page.url();
  await open(page, details);
  await expect(tab("Details")).toHaveAttribute("aria-selected", "true");
  await expect(tile(page, "Beta")).toBeVisible();
  await page.keyboard.press("1");
  await expect(tab("Tab 1")).toHaveAttribute("aria-selected", "true");
  await expect(page).toHaveURL(url);
  await expect(tile(page, "Alpha")).toBeVisible();
  await tab("Tab 1").focus();
  await page.keyboard.press("ArrowRight");
  await expect(tab("Details")).toHaveAttribute("aria-selected", "true");
  await page.goBack();
  await expect(tab("Tab 1")).toHaveAttribute("aria-selected", "true");
});

test("what is done without a connection is kept, and arrives", async ({ page, context, browser }) => {
  const { url, path, layout } = await editing(page, "Offline");
  await layout();
  await context.setOffline(true);
  const status = page.getByTestId("save-status");
  await expect(status).toHaveText("Offline");
  await tile(page, "Gamma").focus();
  await page.keyboard.press("Delete");
  await expect(status).toHaveText("Offline, 1 change kept");
  await page.getByRole("button", { name: "Move Alpha" }).focus();
  for (const key of ["Enter", "ArrowRight", "Enter"]) await page.keyboard.press(key);
  await expect(status).toHaveText("Offline, 2 changes kept");
  const name = page.getByLabel("Name of the dashboard");
  await name.fill("Kept");
  await name.press("Enter");
  await expect(status).toHaveText("Offline, 3 changes kept");
  const meanwhile = await api(server, secret, "GET", path);
  expect([meanwhile.body.name, meanwhile.body.layout.widgets.length]).toEqual(["Offline", 3]);

  // Somebody else has it open, and sees the changes as they come.
  const other = await browser.newPage();
  await open(other, url);
  await expect(other.getByTestId("tile")).toHaveCount(3);
  await context.setOffline(false);
  await expect(other.getByTestId("tile")).toHaveCount(2, { timeout: 10_000 });
  await expect(other.getByRole("heading", { level: 1, name: "Kept" })).toBeVisible();
  await saved(page);
  expect((await layout()).join()).toBe("Alpha 1,Beta 3");
  await other.close();
});

test("a closed browser keeps what it could not send", async ({ page, context }) => {
  const { url, layout } = await editing(page, "Closed");
  await layout();
  await context.setOffline(true);
  await tile(page, "Alpha").focus();
  await page.keyboard.press("Delete");
  await expect(page.getByTestId("save-status")).toHaveText("Offline, 1 change kept");
  await page.close({ runBeforeUnload: false });
  await context.setOffline(false);
  const again = await context.newPage();
  await open(again, url);
  await expect(again.getByTestId("tile")).toHaveCount(2);
  await saved(again);
  await again.reload();
  await hydrated(again);
  await expect(again.getByTestId("tile")).toHaveCount(2);
});

test("a phone shows one column and can still edit", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  const { layout } = await editing(page, "Phone");
  const before = await layout();
  const boxes = await page.getByTestId("tile").evaluateAll((all) => all.map((t) => t.getBoundingClientRect().toJSON()));
  expect(new Set(boxes.map((b) => `${b.x} ${b.width}`)).size).toBe(1);
  expect(boxes[0].width).toBeGreaterThan(340);
  expect(boxes.map((b) => b.y)).toEqual(boxes.map((b) => b.y).toSorted((a, b) => a - b));
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(await wide()).toBeLessThanOrEqual(0);

  // Tiles are changed, added and removed; their places belong to a wider screen.
  await page.getByRole("button", { name: "Actions of Beta" }).click();
  await expect(page.getByRole("menuitem", { name: "Position…" })).toHaveCount(0);
  await page.getByRole("menuitem", { name: "Edit chart" }).click();
  const panel = page.getByTestId("chart-panel");
  await panel.getByLabel("Title").fill("Changed");
  await expect(panel.getByTestId("preview-report")).toBeVisible();
  expect(await wide()).toBeLessThanOrEqual(0);
  await panel.getByRole("button", { name: "Close panel" }).click();
  await expect(tile(page, "Changed")).toBeVisible();
  await page.getByRole("button", { name: "Add", exact: true }).click();
  await page.getByRole("menuitem", { name: "Text", exact: true }).click();
  await panel.getByLabel("Text", { exact: true }).fill("On the way");
  await panel.getByRole("button", { name: "Close panel" }).click();
  await expect(page.getByText("On the way")).toBeVisible();
  await tile(page, "Gamma").focus();
  await page.keyboard.press("Delete");
  await expect(page.getByTestId("tile")).toHaveCount(3);
  const after = await layout();
  expect(after.slice(0, 2)).toEqual([before[0], before[1].replace("Beta", "Changed")]);
});
