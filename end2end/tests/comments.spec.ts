// Comments: two people talk about a dashboard, at once and where they mean it; a place of a chart stays
// where it is when rows come.

import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, expect, type Locator, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, hydrated, load, open, orrery, serious, signIn, token } from "../steps.ts";

let server: Server;
let secret: string;

const PASSWORD = "analytical engine";

test.beforeAll(async () => {
  server = await startServer({ args: ["serve"] });
  for (const [name, role] of [["ada", "admin"], ["ben", "explorer"], ["eve", "explorer"], ["vic", "viewer"]] as const) {
    orrery(server, ["user", "add", name, "--role", role, "--password-stdin"], `${PASSWORD}\n`);
  }
  secret = token(server, "ada");
  await load(server, secret, "orders", "day,region,amount\n2024-01-15,North,10\n2024-02-10,South,20\n2024-03-05,West,5\n");
});
test.afterAll(() => server.stop());

interface Board {
  id: string;
  slug: string;
  url: string;
}

/** A dashboard with a chart by month and one by region; ben may comment, vic may look. */
async function board(name: string): Promise<Board> {
  const source = (dimension: object) => ({ query: { dataset: "orders", dimensions: [dimension], measures: [{ column: "amount", agg: "sum" }] } });
  const widgets = [
    { id: "months", type: "chart", chart_type: "bar", title: "By month", position: { x: 0, y: 0, w: 8, h: 6 }, data_source: source({ column: "day", grain: "month" }) },
    { id: "regions", type: "chart", chart_type: "pie", title: "By region", position: { x: 8, y: 0, w: 4, h: 6 }, data_source: source({ column: "region" }) },
  ];
  const made = await api(server, secret, "POST", "/dashboards", { name, layout: { widgets } });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const { id, slug } = made.body;
  for (const [user, access] of [["ben", "comment"], ["vic", "view"]]) {
    expect((await api(server, secret, "PUT", `/dashboards/${id}/grants/${user}`, { access })).status).toBe(204);
  }
  return { id, slug, url: `${server.url}/dashboards/${slug}` };
}

/** A browser of its own for somebody, on a page. */
async function visit(browser: Browser, name: string, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, server, name, PASSWORD);
  await open(page, url);
  await drawn(page);
  return page;
}

const tile = (page: Page, title: string): Locator => page.getByRole("group", { name: title, exact: true });
const panel = (page: Page): Locator => page.getByRole("complementary", { name: "Comments" });
const threads = (page: Page): Locator => panel(page).getByTestId("thread");
const canvas = (page: Page): Locator => tile(page, "By month").locator(".chart-canvas");
const badge = (page: Page, title: string): Locator => tile(page, title).getByTestId("comments-badge");

async function menuOf(page: Page, title: string): Promise<void> {
  await tile(page, title).hover();
  await tile(page, title).getByRole("button", { name: `Actions of ${title}` }).click();
}

/** Says something about a tile, from its menu. */
async function say(page: Page, title: string, words: string): Promise<void> {
  await menuOf(page, title);
  await page.getByRole("menuitem", { name: "Comment", exact: true }).click();
  const box = panel(page).getByRole("textbox", { name: "New comment" });
  await expect(box).toBeFocused();
  await box.fill(words);
  await panel(page).getByRole("button", { name: "Comment", exact: true }).click();
  await expect(threads(page).filter({ hasText: words })).toBeVisible();
}

/** A mark of the first chart, at a part of its width. */
async function mark(page: Page, across: number, options: Parameters<Locator["click"]>[0] = {}): Promise<void> {
  const box = await canvas(page).boundingBox();
  if (!box) throw new Error("no chart");
  await canvas(page).click({ ...options, position: { x: box.width * across, y: box.height * 0.7 } });
}

/** Where the only thread on the first chart stands, in pixels from its left. */
async function pinned(page: Page): Promise<number> {
  const text = await canvas(page).getAttribute("data-threads");
  return Number(text?.split(" ")[0]?.split(":")[1] ?? Number.NaN);
}

test("a comment arrives live, a mention rings the bell and leads to the thread", async ({ browser }) => {
  const { url } = await board("Live");
  const ada = await visit(browser, "ada", url);
  const ben = await visit(browser, "ben", url);
  await menuOf(ada, "By region");
  await ada.getByRole("menuitem", { name: "Comment", exact: true }).click();
  const box = panel(ada).getByRole("textbox", { name: "New comment" });
  await expect(box).toBeFocused();
  // Who may not see the dashboard is not offered.
  await box.pressSequentially("Why so much, @e");
  await expect(panel(ada).getByRole("option")).toHaveText([/ben/]);
  await ada.keyboard.press("Enter");
  await expect(box).toHaveValue("Why so much, @ben ");
  await box.pressSequentially("and @eve? <b>now</b> [x](javascript:alert(1))");
  await ada.keyboard.press("Control+Enter");
  await expect(threads(ada)).toHaveCount(1);
  const words = threads(ada).locator(".comments-words");
  await expect(words).toContainText("<b>now</b>");
  await expect(words.getByRole("strong")).toHaveText(["@ben"]);
  await expect(words.getByRole("link")).toHaveCount(0);

  await expect(badge(ben, "By region")).toHaveText(/1\s*thread, 1 unread/);
  await expect(ben.getByTestId("comments-unread")).toContainText("1");
  const bell = ben.getByTestId("bell");
  await expect(bell.getByTestId("unread")).toHaveText("1");
  await bell.getByRole("button", { name: "Inbox 1 unread" }).click();
  await ben.getByRole("link", { name: /ada named you on Live/ }).click();
  await expect(ben).toHaveURL(/\?thread=\w+$/);
  await expect(threads(ben)).toHaveCount(1);
  await expect(ben.getByTestId("comments-unread")).toHaveCount(0);
  await expect(badge(ben, "By region")).toHaveText(/1\s*thread$/);

  await threads(ben).getByRole("textbox", { name: "Reply" }).fill("Holidays.");
  await threads(ben).getByRole("button", { name: "Reply", exact: true }).click();
  await expect(threads(ada).getByTestId("comment")).toHaveCount(2);
  await expect(threads(ada)).toContainText("Holidays.");
  expect(serious((await new AxeBuilder({ page: ada }).analyze()).violations)).toEqual([]);
  // Closing the panel leaves the thread's address.
  await panel(ben).getByRole("button", { name: "Close panel" }).click();
  await expect(ben).toHaveURL((address) => !address.searchParams.has("thread"));

  // Eve was not told, and may not look.
  const eve = await visitList(browser, "eve");
  await expect(eve.getByTestId("bell").getByTestId("unread")).toHaveCount(0);
  for (const page of [ada, ben, eve]) await page.context().close();
});

async function visitList(browser: Browser, name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${server.url}/login?next=/dashboards`);
  await page.locator("input[name=username]").fill(name);
  await page.locator("input[name=password]").fill(PASSWORD);
  await page.getByTestId("login-form").getByRole("button").click();
  await hydrated(page);
  return page;
}

test("a comment on a month stands there, and stays when rows come", async ({ browser }) => {
  const { url } = await board("Months");
  const ada = await visit(browser, "ada", url);
  const ben = await visit(browser, "ben", url);
  await mark(ada, 0.5, { button: "right" });
  await ada.getByTestId("mark-menu").getByRole("menuitem", { name: "Comment here" }).click();
  await expect(panel(ada).getByTestId("comment-about")).toHaveText(/By month, Day is Feb 2024/);
  await panel(ada).getByRole("textbox", { name: "New comment" }).fill("A good month");
  await panel(ada).getByRole("button", { name: "Comment", exact: true }).click();
  // Where the chart is drawn too: in words, and at the month's place.
  await expect(canvas(ben)).toHaveAttribute("aria-label", /Threads: 1 comment at Feb 2024\./);
  await expect.poll(() => pinned(ben)).toBeGreaterThan(0);
  const width = (await canvas(ben).boundingBox())?.width ?? 0;
  const before = await pinned(ben);
  expect(Math.abs(before / width - 0.5)).toBeLessThan(0.12);

  // Three months more: February is the second of six, and not in the middle any more.
  const rows = ["2024-04-02", "2024-05-02", "2024-06-02"].map((day) => ({ day, region: "North", amount: 7 }));
  expect((await api(server, secret, "POST", "/datasets/orders/rows", rows)).status).toBe(200);
  await expect.poll(() => pinned(ben)).toBeLessThan(before - width / 8);
  await expect(canvas(ben)).toHaveAttribute("aria-label", /Threads: 1 comment at Feb 2024\./);
  await drawn(ben);
  // A click on the mark opens the thread.
  const height = (await canvas(ben).boundingBox())?.height ?? 0;
  await canvas(ben).click({ position: { x: await pinned(ben), y: height * 0.3 } });
  await expect(threads(ben)).toHaveText(/A good month/);
  await expect(threads(ben).getByRole("textbox", { name: "Reply" })).toBeVisible();

  // Resolved, it is not on the chart any more.
  await threads(ben).getByTestId("thread-resolve").click();
  await expect(threads(ada)).toContainText("Resolved by ben");
  await expect(canvas(ada)).not.toHaveAttribute("aria-label", /Threads:/);
  for (const page of [ada, ben]) await page.context().close();
});

test("a range that was dragged over", async ({ browser }) => {
  const { url } = await board("Range");
  const ada = await visit(browser, "ada", url);
  const box = await canvas(ada).boundingBox();
  if (!box) throw new Error("no chart");
  await ada.mouse.move(box.x + box.width * 0.3, box.y + box.height * 0.5);
  await ada.mouse.down();
  for (let step = 1; step <= 8; step += 1) await ada.mouse.move(box.x + box.width * (0.3 + step * 0.05), box.y + box.height * 0.5);
  await ada.mouse.up();
  await expect(ada.getByTestId("chosen")).toHaveCount(1);
  await menuOf(ada, "By month");
  await ada.getByRole("menuitem", { name: "Comment on this range" }).click();
  await panel(ada).getByRole("textbox", { name: "New comment" }).fill("These belong together");
  await panel(ada).getByRole("button", { name: "Comment", exact: true }).click();
  await expect(canvas(ada)).toHaveAttribute("aria-label", /Threads: 1 comment from \w+ 2024 to \w+ 2024\./);
  await ada.context().close();
});

test("resolve, reopen, edit, react, delete, and what is unread", async ({ browser }) => {
  const { url } = await board("Deeds");
  const ada = await visit(browser, "ada", url);
  const ben = await visit(browser, "ben", url);
  await say(ben, "By region", "Frist");
  await ada.getByTestId("comments-button").click();
  await expect(threads(ada).getByTestId("thread-unread")).toHaveText("1 new");
  await threads(ada).getByTestId("thread-open").click();
  await expect(threads(ada).getByTestId("thread-unread")).toHaveCount(0);
  await threads(ada).getByTestId("react").getByRole("button").click();
  await ada.getByRole("menuitem", { name: "Eyes" }).click();
  const reaction = threads(ben).getByTestId("reaction");
  await expect(reaction).toHaveText(/Eyes\s*1/);
  await reaction.click();
  await expect(threads(ada).getByTestId("reaction")).toHaveText(/Eyes\s*2/);
  await threads(ada).getByTestId("reaction").click();
  await expect(reaction).toHaveText(/Eyes\s*1/);

  // One's own words are one's own.
  await threads(ben).getByRole("button", { name: "Actions of the comment of ben" }).click();
  await ben.getByRole("menuitem", { name: "Edit", exact: true }).click();
  await threads(ben).getByRole("textbox", { name: "Your comment" }).fill("First");
  await threads(ben).getByRole("button", { name: "Save" }).click();
  await expect(threads(ada)).toContainText("First");
  await expect(threads(ada)).toContainText("edited");
  await threads(ada).getByRole("button", { name: "Actions of the comment of ben" }).click();
  await expect(ada.getByRole("menuitem", { name: "Edit", exact: true })).toHaveCount(0);
  await ada.keyboard.press("Escape");

  await threads(ada).getByRole("textbox", { name: "Reply" }).fill("Second");
  await threads(ada).getByRole("button", { name: "Reply", exact: true }).click();
  await expect(threads(ben).getByTestId("comment")).toHaveCount(2);
  await threads(ada).getByTestId("thread-resolve").click();
  await expect(threads(ben)).toContainText("Resolved by ada");
  await expect(badge(ben, "By region")).toHaveCount(0);
  await threads(ben).getByTestId("thread-resolve").click();
  await expect(threads(ada)).not.toContainText("Resolved by");
  await expect(badge(ada, "By region")).toBeVisible();

  // With an answer its place stays, the last one goes whole.
  await threads(ben).getByRole("button", { name: "Actions of the comment of ben" }).click();
  await ben.getByRole("menuitem", { name: "Delete" }).click();
  await ben.getByRole("button", { name: "Delete comment" }).click();
  await expect(threads(ada)).toContainText("This comment was deleted.");
  await expect(threads(ada)).toContainText("Second");
  await threads(ada).getByRole("button", { name: "Actions of the comment of ada" }).click();
  await ada.getByRole("menuitem", { name: "Delete" }).click();
  await ada.getByRole("button", { name: "Delete comment" }).click();
  await expect(threads(ben)).toHaveCount(0);
  for (const page of [ada, ben]) await page.context().close();
});

test("who may only look reads, and a phone has room for it", async ({ browser }) => {
  const { url, id, slug } = await board("Looking");
  const made = await api(server, secret, "POST", `/dashboards/${id}/comments`, { body: "For **all**", tile: "regions" });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  const vic = await visit(browser, "vic", url);
  await badge(vic, "By region").click();
  await expect(threads(vic)).toContainText("For all");
  await expect(panel(vic).getByRole("textbox")).toHaveCount(0);
  await expect(panel(vic).getByTestId("thread-resolve")).toHaveCount(0);
  const as = token(server, "vic");
  expect((await api(server, as, "POST", `/dashboards/${id}/comments`, { body: "Me too" })).status).toBe(403);
  const stranger = token(server, "eve");
  expect((await api(server, stranger, "GET", `/dashboards/${id}/comments`)).status).toBe(404);
  await vic.setViewportSize({ width: 390, height: 844 });
  await open(vic, `${server.url}/dashboards/${slug}?thread=${made.body.id}`);
  await expect(threads(vic)).toContainText("For all");
  expect(await vic.evaluate(() => (document.scrollingElement?.scrollWidth ?? 0) <= innerWidth)).toBe(true);
  expect(serious((await new AxeBuilder({ page: vic }).analyze()).violations)).toEqual([]);
  // Whose right is taken away hears nothing more.
  expect((await api(server, secret, "DELETE", `/dashboards/${id}/grants/vic`)).status).toBe(204);
  expect((await api(server, as, "GET", `/dashboards/${id}/comments`)).status).toBe(404);
  await vic.context().close();
});
