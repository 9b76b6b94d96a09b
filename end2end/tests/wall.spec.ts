// Walls: dashboards on a screen that nobody sits at, by sign-in and by link.

import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, hydrated, load, open, orrery, serious, signIn, token } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["serve"] });
  orrery(server, ["user", "add", "ada", "--role", "admin", "--password-stdin"], "analytical engine\n");
  secret = token(server, "ada");
  await load(server, secret, "orders", "day,region,amount\n2024-03-01,North,10\n2024-03-02,South,20\n2024-03-03,West,5\n");
  const metric = { id: "open_orders", name: "Open orders", query: { dataset: "orders", measures: [{ agg: "count" }] }, refresh_interval: 86400 };
  expect((await api(server, secret, "POST", "/metrics", metric)).status).toBe(201);
});
test.afterAll(() => server.stop());

/** A dashboard with the metric and a chart; with tabs, one on each. */
async function dashboard(name: string, tabs = false): Promise<{ slug: string; id: string }> {
  const source = { query: { dataset: "orders", dimensions: [{ column: "region" }], measures: [{ column: "amount", agg: "sum" }] } };
  const widgets = [
    { type: "metric", chart_type: "number", title: "Orders now", position: { x: 0, y: 0, w: 4, h: 3 }, data_source: { metric: "open_orders" }, tab: tabs ? "one" : undefined },
    { type: "chart", chart_type: "bar", title: "By region", position: { x: 0, y: 3, w: 12, h: 6 }, data_source: source, tab: tabs ? "two" : undefined },
  ];
  const layout = tabs ? { kind: "tabs", tabs: [{ id: "one", title: "Now" }, { id: "two", title: "Regions" }], widgets } : { widgets };
  const made = await api(server, secret, "POST", "/dashboards", { name, layout });
  expect(made.status, JSON.stringify(made.body)).toBe(201);
  return made.body;
}

async function push(value: number): Promise<void> {
  expect((await api(server, secret, "POST", "/metrics/open_orders/values", { value })).status).toBeLessThan(300);
}

const figure = (page: Page) => page.getByTestId("tile-value");

/** Whether everything of the wall is on the screen. */
async function fits(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const root = document.scrollingElement as Element;
    const whole = [...document.querySelectorAll("[data-testid=tile]")].every((tile) => {
      const box = tile.getBoundingClientRect();
      return box.width > 80 && box.height > 60 && box.bottom <= innerHeight + 1 && box.right <= innerWidth + 1;
    });
    return whole && root.scrollHeight <= innerHeight && root.scrollWidth <= innerWidth;
  });
}

test("a wall stands alone, fills any screen, and its numbers move", async ({ page }) => {
  const { slug } = await dashboard("Lobby");
  await signIn(page, server, "ada", "analytical engine");
  await push(41);
  await open(page, `${server.url}/wall/${slug}?every=0`);
  await expect(page.getByTestId("wall-name")).toHaveText("Lobby");
  await expect(page.getByRole("navigation")).toHaveCount(0);
  await expect(figure(page)).toHaveText("41");
  await expect(page.getByTestId("wall-clock")).toHaveText(/^\d\d:\d\d$/);
  await expect(page.getByTestId("wall-news")).toContainText("Data from");
  for (const [width, height] of [[390, 844], [1280, 720], [3840, 2160]]) {
    await page.setViewportSize({ width: width as number, height: height as number });
    await expect.poll(() => fits(page), { message: `${width} x ${height}` }).toBe(true);
  }
  await page.setViewportSize({ width: 1280, height: 720 });
  await push(42);
  await expect(figure(page)).toHaveText("42");
  await page.mouse.move(200, 200);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
});

test("it turns by itself and by keys, and stays while it is paused", async ({ page }) => {
  const first = await dashboard("Turns", true);
  const second = await dashboard("Second");
  await signIn(page, server, "ada", "analytical engine");
  await open(page, `${server.url}/wall?boards=${first.slug},${second.slug}&every=3`);
  await page.keyboard.press("Space");
  const name = page.getByTestId("wall-name");
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible();
  const turn = page.getByTestId("wall-turn");
  await expect(turn).toHaveText(/of 3$/);
  while (!((await turn.textContent()) ?? "").startsWith("1 ")) await page.keyboard.press("ArrowRight");
  await expect(name).toHaveText("Turns · Now");
  await page.keyboard.press("ArrowRight");
  await expect(name).toHaveText("Turns · Regions");
  await expect(page.getByTestId("tile").getByText("By region")).toBeVisible();
  await page.keyboard.press("ArrowRight");
  await expect(name).toHaveText("Second");
  await page.keyboard.press("ArrowLeft");
  await expect(name).toHaveText("Turns · Regions");
  await page.keyboard.press("Space");
  await expect(name).toHaveText("Second", { timeout: 10_000 });
});

test("a wall comes back by itself when the server does, with the new number", async ({ page }) => {
  const { slug } = await dashboard("Night shift");
  await signIn(page, server, "ada", "analytical engine");
  await push(7);
  await open(page, `${server.url}/wall/${slug}?every=0`);
  await expect(figure(page)).toHaveText("7");
  await server.kill();
  await expect(page.getByTestId("wall-news")).toContainText("No news since", { timeout: 15_000 });
  await server.restart();
  await push(8);
  await expect(figure(page)).toHaveText("8", { timeout: 5_000 });
  await expect(page.getByTestId("wall-news")).toContainText("Data from");
});

/** Opens a link as a device does: a browser that knows nobody. */
async function device(browser: Browser, link: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await open(page, link);
  return page;
}

test("a link shows its dashboard without a sign-in, opens nothing else, and ends when it is revoked", async ({ page, browser }) => {
  const { slug, id } = await dashboard("Shop floor");
  const other = await dashboard("Board room");
  await push(5);
  await signIn(page, server, "ada", "analytical engine");
  await open(page, `${server.url}/dashboards/${slug}`);
  await page.getByTestId("board-menu").getByRole("button").or(page.getByTestId("board-menu")).first().click();
  await page.getByRole("menuitem", { name: "Show on a wall" }).click();
  const dialog = page.getByTestId("wall-dialog");
  await dialog.getByLabel("Where the screen is").fill("Lobby");
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = await dialog.getByTestId("wall-link").locator("code").innerText();
  expect(link).toContain("/screen/");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);

  const screen = await device(browser, link);
  await expect(screen).toHaveURL(/\/screen\?every=20/);
  await expect(screen.getByTestId("wall-name")).toHaveText("Shop floor");
  await expect(figure(screen)).toHaveText("5");
  await push(6);
  await expect(figure(screen)).toHaveText("6");

  // Nothing else answers, neither pages nor the API.
  const stranger = await screen.context().newPage();
  for (const path of ["/data", `/dashboards/${slug}`, `/wall/${slug}`, "/"]) {
    await stranger.goto(`${server.url}${path}`);
    await expect(stranger).toHaveURL(/\/login/);
  }
  for (const path of [`/dashboards/${id}`, `/dashboards/${id}/tiles/x/data`, "/datasets", "/metrics/open_orders", "/me", "/users", "/wall-links?dashboard=x"]) {
    const answer = await screen.request.get(`${server.url}/api/v1${path}`);
    expect([401, 404], path).toContain(answer.status());
  }
  const followed = await screen.evaluate(
    (topics) =>
      new Promise<string[]>((done) => {
        const refused: string[] = [];
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/live?screen`);
        socket.onopen = () => topics.forEach((sub) => socket.send(JSON.stringify({ sub })));
        socket.onmessage = (event) => {
          const message = JSON.parse(event.data);
          if (message.error) refused.push(message.error.code);
          if (refused.length === topics.length) done(refused);
        };
      }),
    [`doc:${other.id}`, `tile:${other.id}/x`, "metric:open_orders", "dataset:orders", "job:x"],
  );
  expect(new Set(followed)).toEqual(new Set(["not_found", "unknown_dataset"]));

  await page.reload();
  await hydrated(page);
  await page.getByTestId("board-menu").getByRole("button").or(page.getByTestId("board-menu")).first().click();
  await page.getByRole("menuitem", { name: "Show on a wall" }).click();
  await expect(page.getByTestId("wall-links")).toContainText("Seen just now");
  await page.getByRole("button", { name: "Revoke the link of Lobby" }).click();
  await expect(screen.getByTestId("wall-dark")).toContainText("This screen was switched off");
  await expect(screen.getByTestId("wall-dark")).toContainText("revoked");
  await expect(screen.getByTestId("tile")).toHaveCount(0);
  await open(screen, link);
  await expect(screen.getByTestId("wall-dark")).toContainText("This screen was switched off");
  await screen.context().close();
});
