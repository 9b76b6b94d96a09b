// Several servers on the same data share their news through Redis.

import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { type Redis, startRedis } from "../redis.ts";
import { type Server, startServer, until } from "../server.ts";
import { api, load, orrery, signIn, token } from "../steps.ts";

let redis: Redis;
let one: Server;
let other: Server;
let secret: string;

test.beforeAll(async () => {
  redis = await startRedis();
  const env = { ORRERY_REDIS_URL: redis.url };
  one = await startServer({ args: ["serve"], env });
  orrery(one, ["user", "add", "ada", "--role", "admin", "--password-stdin"], "analytical engine\n");
  secret = token(one, "ada");
  other = await startServer({ args: ["serve"], env, dataDir: one.dataDir });
  await load(one, secret, "orders", "region,amount\nNorth,10\nSouth,20\n");
  const metric = { id: "orders_now", name: "Orders now", query: { dataset: "orders", measures: [{ agg: "count" }] }, refresh_interval: 86400 };
  expect((await api(one, secret, "POST", "/metrics", metric)).status).toBe(201);
  for (const server of [one, other]) await healthy(server, "ok");
});
test.afterAll(async () => {
  await other.stop();
  await one.stop();
  await redis.kill();
});

async function healthy(server: Server, status: string): Promise<void> {
  const now = async () => (await (await fetch(`${server.url}/api/v1/health`)).json()).status;
  await expect.poll(now, { timeout: 20_000 }).toBe(status);
}

interface Message {
  topic: string;
  seq?: number;
  // biome-ignore lint/suspicious/noExplicitAny: what a server sends
  data?: any;
}

/** A browser's socket that follows one topic. */
class Reader {
  private constructor(private readonly page: Page) {}

  static async of(context: BrowserContext, server: Server, topic: string, after?: number): Promise<Reader> {
    const page = await context.newPage();
    await page.goto(`${server.url}/healthz`);
    await page.evaluate(
      ([sub, after]) => {
        const heard: unknown[] = [];
        Object.assign(window, { heard });
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/live`);
        socket.onopen = () => socket.send(JSON.stringify({ sub, after }));
        socket.onmessage = (event) => heard.push(JSON.parse(event.data));
      },
      [topic, after] as const,
    );
    return new Reader(page);
  }

  async close(): Promise<void> {
    await this.page.close();
  }

  async heard(): Promise<Message[]> {
    return this.page.evaluate(() => (window as unknown as { heard: Message[] }).heard);
  }

  /** Waits for a message. */
  async message(wanted: (message: Message) => boolean): Promise<Message> {
    let heard: Message[] = [];
    const found = () => heard.find(wanted);
    const look = async () => {
      heard = await this.heard();
      return found() !== undefined;
    };
    await until(look, 10_000, () => `not among ${JSON.stringify(heard.map((m) => [m.seq, m.data?.value]))}`);
    return found() as Message;
  }

  /** Waits for a value of the metric. */
  async value(wanted: number): Promise<Message> {
    return this.message((message) => message.data?.value === wanted);
  }
}

// The cookie is good for both servers.
test.beforeEach(async ({ context }) => {
  const page = await context.newPage();
  await signIn(page, one, "ada", "analytical engine");
  await page.close();
});

async function push(server: Server, value: number): Promise<void> {
  expect((await api(server, secret, "POST", "/metrics/orders_now/values", { value })).status).toBeLessThan(300);
}

test("both show the same, with the same numbers", async ({ context }) => {
  const readers = [await Reader.of(context, one, "metric:orders_now"), await Reader.of(context, other, "metric:orders_now")];
  await Promise.all(readers.map((reader) => reader.value(2)));
  await push(one, 100);
  const [here, there] = await Promise.all(readers.map((reader) => reader.value(100)));
  expect(here?.seq).toBe(there?.seq);
  await push(other, 101);
  await Promise.all(readers.map((reader) => reader.value(101)));
  // Rows that one server takes are in the answers of the other at once, and move the metric there.
  const count = { dataset: "orders", measures: [{ agg: "count" }] };
  expect((await api(other, secret, "POST", "/query", count)).body.rows).toEqual([[2]]);
  const rows = [{ region: "West", amount: 5 }];
  expect((await api(one, secret, "POST", "/datasets/orders/rows", rows)).status).toBeLessThan(300);
  await Promise.all(readers.map((reader) => reader.value(3)));
  await expect.poll(async () => (await api(other, secret, "POST", "/query", count)).body.rows).toEqual([[3]]);
});

test("a dashboard edited on one is the same on the other", async ({ context }) => {
  const made = await api(one, secret, "POST", "/dashboards", { name: "Before", layout: { widgets: [] } });
  expect(made.status).toBe(201);
  const path = `/dashboards/${made.body.id}`;
  expect((await api(other, secret, "GET", path)).body.name).toBe("Before");
  const doc = await Reader.of(context, other, `doc:${made.body.id}`);
  await doc.message((message) => message.data?.state);
  expect((await api(one, secret, "PATCH", path, { name: "After" })).status).toBe(200);
  await doc.message((message) => message.data?.update);
  expect((await api(other, secret, "GET", path)).body.name).toBe("After");
  expect((await api(other, secret, "PATCH", path, { name: "Last" })).status).toBe(200);
  expect((await api(one, secret, "GET", path)).body.name).toBe("Last");
});

test("who is on a dashboard by way of one server is seen on the other", async ({ context }) => {
  const made = await api(one, secret, "POST", "/dashboards", { name: "Seen", layout: { widgets: [] } });
  const topic = `presence:${made.body.id}`;
  const here = await Reader.of(context, one, topic);
  const own = (await here.message((message) => message.data?.all)).data.all.own;
  const there = await Reader.of(context, other, topic);
  const all = (await there.message((message) => message.data?.all)).data.all;
  await here.message((message) => message.data?.here?.id === all.own);
  const known = (message: Message) => [...(message.data?.all?.pages ?? []), message.data?.here].some((page) => page?.id === own);
  await until(async () => (await there.heard()).some(known), 20_000, () => "the other server says nothing of the first");
  await there.close();
  await here.message((message) => message.data?.left === all.own);
});

test("a token revoked on one is refused by the other at once", async () => {
  const made = await api(one, secret, "POST", "/me/tokens", { label: "short", scope: "read" });
  expect(made.status).toBe(201);
  const { secret: brief, id } = made.body;
  expect((await api(other, brief, "GET", "/me")).status).toBe(200);
  expect((await api(one, secret, "DELETE", `/me/tokens/${id}`)).status).toBeLessThan(300);
  await expect.poll(async () => (await api(other, brief, "GET", "/me")).status).toBe(401);
});

test("when one is killed its readers go on at the other where they were", async ({ context }) => {
  const reader = await Reader.of(context, one, "metric:orders_now");
  await push(one, 200);
  const last = (await reader.value(200)).seq as number;
  await one.kill();
  await push(other, 201);
  await push(other, 202);
  const back = await Reader.of(context, other, "metric:orders_now", last);
  await back.value(202);
  expect((await back.heard()).map((m) => m.seq)).toEqual([last + 1, last + 2]);
  await one.restart();
  await healthy(one, "ok");
});

test("without Redis both work on alone and say so, with it again they share", async ({ context }) => {
  const here = await Reader.of(context, one, "metric:orders_now");
  const there = await Reader.of(context, other, "metric:orders_now");
  await push(one, 300);
  await Promise.all([here.value(300), there.value(300)]);
  await redis.kill();
  for (const server of [one, other]) await healthy(server, "degraded");
  await push(one, 301);
  await here.value(301);
  // The other is not told, but whoever asks it gets what holds.
  expect((await api(other, secret, "GET", "/metrics/orders_now")).body.value).toBe(301);
  expect(one.log()).toContain("Redis cannot be reached");
  await redis.start();
  for (const server of [one, other]) await healthy(server, "ok");
  // Everybody is told to ask again, and gets what they missed.
  await there.message((message) => Boolean(message.seq) && message.data === undefined);
  await push(one, 302);
  await Promise.all([here.value(302), there.value(302)]);
});
