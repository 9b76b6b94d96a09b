// Three people on one dashboard, each in a browser of their own: what they do at once comes
// together, nobody loses work, and nobody does what they may not.

import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, hydrated, open, orrery, saved, serious, signIn, token } from "../steps.ts";

let server: Server;
let secret: string;

const PEOPLE = { ada: "creator", bob: "creator", vera: "viewer" } as const;
type Name = keyof typeof PEOPLE;
const password = (name: Name) => `the password of ${name}`;

test.beforeAll(async () => {
  server = await startServer({ args: ["serve"] });
  for (const [name, role] of Object.entries(PEOPLE)) {
    orrery(server, ["user", "add", name, "--role", role, "--password-stdin"], `${password(name as Name)}\n`);
  }
  secret = token(server, "ada");
});
test.afterAll(() => server.stop());

interface Board {
  path: string;
  url: string;
}

const share = async (board: Board, name: Name, access: string) =>
  expect((await api(server, secret, "PUT", `${board.path}/grants/${name}`, { access })).status).toBeLessThan(300);

/** A dashboard of text tiles, Ada's, that Bob may edit and Vera may look at. */
async function board(name: string, tall = 4): Promise<Board> {
  const tile = (title: string, x: number, y: number) => ({
    id: title.toLowerCase(),
    type: "text",
    title,
    text: `Words of ${title}`,
    position: { x, y, w: 4, h: tall },
  });
  const widgets = [tile("Alpha", 0, 0), tile("Beta", 4, 0), tile("Gamma", 8, 0), tile("Delta", 0, tall), tile("Omega", 0, 2 * tall)];
  const made = await api(server, secret, "POST", "/dashboards", { name, layout: { widgets } });
  expect(made.status).toBe(201);
  const board = { path: `/dashboards/${made.body.id}`, url: `${server.url}/dashboards/${made.body.slug}` };
  await share(board, "bob", "edit");
  await share(board, "vera", "view");
  return board;
}

/** Opens the dashboard in a browser that belongs to this person alone. */
async function enter(browser: Browser, name: Name, board: Board): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, server, name, password(name));
  await open(page, board.url);
  return page;
}

async function edit(page: Page): Promise<Page> {
  await page.getByTestId("edit-toggle").click();
  await expect(page.getByTestId("edit-toggle")).toHaveAttribute("aria-pressed", "true");
  return page;
}

const leave = (...pages: Page[]) => Promise.all(pages.map((page) => page.context().close()));
const tile = (page: Page, id: string) => page.locator(`[data-testid=tile][data-tile-id=${id}]`);
const title = (page: Page, id: string) => tile(page, id).getByTestId("tile-title");
const presence = (page: Page) => page.getByTestId("presence");
const sees = (page: Page, name: Name) => presence(page).getByRole("button", { name: `Follow ${name}` });

/** Every tile and its place on the grid, by the page's own numbers. */
const places = (page: Page) =>
  page.getByTestId("tile").evaluateAll((tiles) =>
    tiles
      .map((t) => [t.getAttribute("data-tile-id"), ...["--x", "--y", "--w", "--h"].map((n) => Number((t as HTMLElement).style.getPropertyValue(n)))])
      .toSorted((a, b) => String(a[0]).localeCompare(String(b[0]))),
  );

async function drag(page: Page, id: string, dx: number, dy: number): Promise<void> {
  const grip = tile(page, id).getByTestId("tile-handle");
  await grip.scrollIntoViewIfNeeded();
  const handle = await grip.boundingBox();
  if (!handle) throw new Error("the tile has no handle");
  await page.mouse.move(handle.x + 5, handle.y + 5);
  await page.mouse.down();
  await page.mouse.move(handle.x + 5 + dx, handle.y + 5 + dy, { steps: 8 });
  await page.mouse.up();
}

test("tiles that two people drag at once end in one layout for all, none over another", async ({ browser }) => {
  const it = await board("Drags");
  const [ada, bob, vera] = await Promise.all([enter(browser, "ada", it), enter(browser, "bob", it), enter(browser, "vera", it)]);
  await Promise.all([edit(ada), edit(bob)]);
  await Promise.all([drag(ada, "alpha", 380, 250), drag(bob, "gamma", -380, 250)]);
  await Promise.all([drag(ada, "omega", 300, -420), drag(bob, "beta", 300, 60)]);
  await Promise.all([saved(ada), saved(bob)]);
  await expect.poll(async () => JSON.stringify(await places(bob))).toBe(JSON.stringify(await places(ada)));
  await expect.poll(async () => JSON.stringify(await places(vera))).toBe(JSON.stringify(await places(ada)));
  const all = (await places(vera)) as [string, number, number, number, number][];
  const over = all.flatMap(([a, x, y, w, h]) =>
    all.filter(([b, x2, y2, w2, h2]) => a < b && x < x2 + w2 && x2 < x + w && y < y2 + h2 && y2 < y + h).map(([b]) => `${a} ${b}`),
  );
  expect(over).toEqual([]);
  const stored = (await api(server, secret, "GET", it.path)).body.layout.widgets as { id: string; position: Record<string, number> }[];
  expect(stored.length).toBe(5);
  // Who comes later sees the same.
  await vera.reload();
  await hydrated(vera);
  expect(await places(vera)).toEqual(all);
  await leave(ada, bob, vera);
});

test("what two people type into one title at once is all there", async ({ browser }) => {
  const it = await board("Typing");
  const [ada, bob, vera] = await Promise.all([enter(browser, "ada", it), enter(browser, "bob", it), enter(browser, "vera", it)]);
  await Promise.all([edit(ada), edit(bob)]);
  await title(ada, "alpha").click();
  await ada.keyboard.press("Home");
  await title(bob, "alpha").click();
  await bob.keyboard.press("End");
  await Promise.all([
    title(ada, "alpha").pressSequentially("All of the ", { delay: 40 }),
    title(bob, "alpha").pressSequentially(", by day and hour", { delay: 40 }),
  ]);
  const words = "All of the Alpha, by day and hour";
  await Promise.all([saved(ada), saved(bob)]);
  await expect(title(ada, "alpha")).toHaveValue(words);
  await expect(title(bob, "alpha")).toHaveValue(words);
  await expect(tile(vera, "alpha").getByRole("heading", { name: words })).toBeVisible();
  await leave(ada, bob, vera);
});

test("undo takes back one's own steps alone, also after a reload", async ({ browser }) => {
  const it = await board("Undo");
  const [ada, bob] = await Promise.all([enter(browser, "ada", it), enter(browser, "bob", it)]);
  await Promise.all([edit(ada), edit(bob)]);
  await title(ada, "alpha").fill("By Ada");
  await saved(ada);
  await title(bob, "beta").fill("By Bob");
  await saved(bob);
  await expect(title(ada, "beta")).toHaveValue("By Bob");
  await ada.reload();
  await hydrated(ada);
  await edit(ada);
  await ada.getByTestId("undo").click();
  await expect(title(ada, "alpha")).toHaveValue("Alpha");
  await expect(title(ada, "beta")).toHaveValue("By Bob");
  await expect(ada.getByTestId("undo")).toBeDisabled();
  await expect(title(bob, "alpha")).toHaveValue("Alpha");
  await ada.getByTestId("redo").click();
  await expect(title(bob, "alpha")).toHaveValue("By Ada");
  await leave(ada, bob);
});

test("a viewer cannot edit, whatever their socket sends", async ({ browser }) => {
  const it = await board("Crafted");
  const bob = await enter(browser, "bob", it);
  // A real operation, as it goes over the wire.
  const sent: string[] = [];
  bob.on("websocket", (socket) => socket.on("framesent", (frame) => sent.push(String(frame.payload))));
  await bob.reload();
  await hydrated(bob);
  await edit(bob);
  await title(bob, "alpha").fill("By Bob");
  await saved(bob);
  const real = sent.map((text) => JSON.parse(text)).find((message) => message.op?.update);
  expect(real).toBeTruthy();

  const vera = await enter(browser, "vera", it);
  await expect(vera.getByTestId("edit-toggle")).toHaveCount(0);
  await vera.keyboard.press("e");
  await expect(title(vera, "alpha")).toHaveCount(0);
  const before = (await api(server, secret, "GET", it.path)).body;
  const answers = await vera.evaluate(
    ([topic, op]) =>
      new Promise<string[]>((done) => {
        const heard: string[] = [];
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/live`);
        const crafted = [
          { ...op, id: "crafted-1" },
          { ...op, id: "crafted-2", update: "AAA=" },
          { ...op, id: "crafted-3", update: "not base64" },
          { ...op, id: "crafted-4", edit: { label: "x", changes: [{ path: "meta/name", new: "Mine" }] } },
        ];
        socket.onopen = () => {
          for (const op of crafted) socket.send(JSON.stringify({ topic, op }));
        };
        socket.onmessage = (event) => {
          heard.push(event.data);
          if (heard.length === crafted.length) done(heard);
        };
      }),
    [real.topic, real.op] as const,
  );
  for (const answer of answers) expect(JSON.parse(answer)).toMatchObject({ error: { code: "forbidden" } });
  const after = (await api(server, secret, "GET", it.path)).body;
  expect([after.version, after.name]).toEqual([before.version, before.name]);
  await leave(bob, vera);
});

test("a right that is taken away closes the editor, and what was typed is kept", async ({ browser }) => {
  const it = await board("Taken");
  const [ada, bob] = await Promise.all([enter(browser, "ada", it), enter(browser, "bob", it)]);
  await edit(bob);
  const name = bob.getByLabel("Name of the dashboard");
  await name.click();
  await name.fill("A better name");
  await share(it, "bob", "view");
  const notice = bob.getByTestId("editing-closed");
  await expect(notice).toContainText("Your right to edit this dashboard was taken away");
  await expect(notice).toContainText("could not be saved");
  await expect(bob.getByTestId("edit-toggle")).toHaveCount(0);
  await expect(title(bob, "alpha")).toHaveCount(0);
  // He still sees what others do.
  await edit(ada);
  await title(ada, "beta").fill("Later");
  await expect(tile(bob, "beta").getByRole("heading", { name: "Later" })).toBeVisible();
  expect((await api(server, secret, "GET", it.path)).body.name).toBe("Taken");
  // It outlives the page, and can be made when the right is back.
  await bob.reload();
  await hydrated(bob);
  await expect(notice).toContainText("could not be saved");
  await share(it, "bob", "edit");
  await notice.getByRole("button", { name: "Make them again" }).click();
  await expect(bob.getByRole("heading", { level: 1, name: "A better name" })).toBeVisible();
  await expect.poll(async () => (await api(server, secret, "GET", it.path)).body.name).toBe("A better name");
  await expect(notice).toHaveCount(0);
  // Without any right the page says so at once.
  expect((await api(server, secret, "DELETE", `${it.path}/grants/bob`)).status).toBeLessThan(300);
  await expect(bob.locator(".board-gone")).toBeVisible();
  await leave(ada, bob);
});

test("a tile that is removed while somebody edits it can be brought back with the edit", async ({ browser }) => {
  const it = await board("Removed");
  const [ada, bob] = await Promise.all([enter(browser, "ada", it), enter(browser, "bob", it)]);
  await Promise.all([edit(ada), edit(bob)]);
  await title(bob, "gamma").click();
  await title(bob, "gamma").fill("Gamma, much improved");
  await saved(bob);
  await tile(ada, "gamma").focus();
  await ada.keyboard.press("Delete");
  await expect(tile(bob, "gamma")).toHaveCount(0);
  const lost = bob.getByTestId("tile-lost");
  await expect(lost).toContainText("ada removed “Gamma, much improved” while you were editing it.");
  // Who removed it is told nothing, and what nobody was at goes without a word.
  await expect(ada.getByTestId("tile-lost")).toHaveCount(0);
  await tile(ada, "delta").focus();
  await ada.keyboard.press("Delete");
  await expect(tile(bob, "delta")).toHaveCount(0);
  await expect(lost).toHaveCount(1);
  await lost.getByRole("button", { name: "Bring it back" }).click();
  await expect(lost).toHaveCount(0);
  await expect(title(ada, "gamma")).toHaveValue("Gamma, much improved");
  await leave(ada, bob);
});

test("people see who is here, at which tile, and go along with each other", async ({ browser }) => {
  const it = await board("Presence", 8);
  const ada = await enter(browser, "ada", it);
  await expect(presence(ada).getByRole("img", { name: "ada (you)" })).toBeVisible();
  const [bob, vera] = await Promise.all([enter(browser, "bob", it), enter(browser, "vera", it)]);
  for (const name of ["bob", "vera"] as const) await expect(sees(ada, name)).toBeVisible();
  for (const name of ["ada", "bob"] as const) await expect(sees(vera, name)).toBeVisible();
  // A second tab makes no second Bob, and no ghost of one when it is closed.
  const tab = await bob.context().newPage();
  await open(tab, it.url);
  await expect(sees(tab, "ada")).toBeVisible();
  await expect(sees(ada, "bob")).toHaveCount(1);
  await presence(ada).getByRole("button", { name: "Who is here" }).click();
  await expect(ada.getByText("3 people are here")).toBeVisible();
  await ada.keyboard.press("Escape");
  await tab.close();
  await expect(sees(ada, "bob")).toHaveCount(1);

  // The outline of what Bob has chosen, and the field he is at.
  await edit(bob);
  await tile(bob, "beta").click({ position: { x: 60, y: 200 } });
  await expect(tile(ada, "beta").getByTestId("guests")).toHaveText("bob");
  await expect(tile(vera, "beta").getByTestId("guests")).toHaveText("bob");
  await expect(tile(bob, "beta").getByTestId("guests")).toHaveCount(0);
  expect(serious((await new AxeBuilder({ page: ada }).analyze()).violations)).toEqual([]);
  const panel = async (page: Page) => {
    await tile(page, "beta").hover();
    await tile(page, "beta").getByTestId("tile-menu").click();
    await page.getByRole("menuitem", { name: /^Edit/ }).click();
    return page.getByTestId("chart-panel");
  };
  await (await panel(bob)).getByLabel("Title").focus();
  await expect(tile(ada, "beta").getByTestId("guests")).toHaveText("bob is editing");
  await edit(ada);
  await expect((await panel(ada)).locator("[data-guest=bob]")).toContainText("Title");
  await ada.getByRole("button", { name: "Close panel" }).click();
  await bob.getByRole("button", { name: "Close panel" }).click();

  // His pointer is over the same place of the grid in a window of another width.
  await ada.setViewportSize({ width: 1500, height: 700 });
  const beta = await tile(bob, "beta").boundingBox();
  if (!beta) throw new Error("the tile is not shown");
  await bob.mouse.move(beta.x + beta.width / 2, beta.y + 100);
  await bob.mouse.move(beta.x + beta.width / 2, beta.y + 120);
  const pointer = ada.getByTestId("pointer");
  await expect(pointer).toContainText("bob");
  await expect
    .poll(async () => {
      const [at, box] = [await pointer.boundingBox(), await tile(ada, "beta").boundingBox()];
      return at && box ? Math.abs((at.x - box.x) / box.width - 0.5) : 1;
    })
    .toBeLessThan(0.05);

  // Ada goes along with Bob until she does something herself.
  await sees(ada, "bob").click();
  await expect(ada.getByTestId("following")).toContainText("Following bob");
  await bob.mouse.wheel(0, 600);
  const top = (page: Page) => tile(page, "alpha").evaluate((element) => Math.round(element.getBoundingClientRect().top));
  await expect.poll(() => bob.evaluate(() => scrollY)).toBeGreaterThan(300);
  await expect.poll(async () => Math.abs((await top(ada)) - (await top(bob)))).toBeLessThan(5);
  await ada.mouse.move(400, 400);
  await ada.mouse.wheel(0, -300);
  await expect(ada.getByTestId("following")).toHaveCount(0);
  await sees(ada, "bob").click();
  await ada.getByTestId("following").getByRole("button", { name: "Stop" }).click();
  await expect(ada.getByTestId("following")).toHaveCount(0);

  // Who goes is gone.
  await leave(bob);
  await expect(sees(ada, "bob")).toHaveCount(0);
  await leave(ada, vera);
});

test("a page that floods the others with where it is, is refused and says why", async ({ browser }) => {
  const it = await board("Flood");
  const [ada, bob] = await Promise.all([enter(browser, "ada", it), enter(browser, "bob", it)]);
  await expect(sees(ada, "bob")).toBeVisible();
  const id = it.path.split("/").at(-1);
  const heard = await bob.evaluate(
    (topic) =>
      new Promise<string[]>((done) => {
        const heard: string[] = [];
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/live`);
        socket.onopen = () => {
          socket.send(JSON.stringify({ sub: topic }));
          socket.send(JSON.stringify({ topic, op: { user_name: "mallory" } }));
          for (let i = 0; i < 2000; i++) socket.send(JSON.stringify({ topic, op: { editing: i % 2 === 0 } }));
        };
        socket.onmessage = (event) => {
          heard.push(event.data);
          if (event.data.includes("too_many_requests")) done(heard);
        };
      }),
    `presence:${id}`,
  );
  // Names come from the server, and no more than a second's worth was passed on.
  expect(heard.some((text) => text.includes("not a place on a dashboard"))).toBe(true);
  expect(heard.filter((text) => text.includes('"here"')).length).toBeLessThan(60);
  expect(heard.join()).not.toContain('"user_name":"mallory"');
  await expect(sees(ada, "bob")).toBeVisible();
  await leave(ada, bob);
});
