// What a socket may send, and what becomes of one that sends too much.

import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "1000"] });
});
test.afterAll(() => server.stop());

test.beforeEach(async ({ page }) => {
  await page.goto(`${server.url}/account`);
  await page.goto(`${server.url}/healthz`);
});

/** Sends messages, and waits for the close, or for as many answers as are wanted. */
function exchange(page: Page, messages: string[], wanted: string): Promise<{ close?: number; heard: string[] }> {
  return page.evaluate(
    ([messages, wanted]) =>
      new Promise<{ close?: number; heard: string[] }>((done) => {
        const heard: string[] = [];
        const socket = new WebSocket(`${location.origin.replace("http", "ws")}/api/v1/live`);
        socket.onopen = () => messages.forEach((message) => socket.send(message));
        socket.onmessage = (event) => {
          heard.push(event.data);
          if (wanted && event.data.includes(wanted)) {
            done({ heard });
            socket.close();
          }
        };
        socket.onclose = (event) => done({ close: event.code, heard });
      }),
    [messages, wanted] as const,
  );
}

test("a message of 10 MB closes the socket and says why; the server goes on", async ({ page }) => {
  const { close } = await exchange(page, ["x".repeat(10 * 1024 * 1024)], "");
  expect([1009, 1006]).toContain(close);
  const { heard } = await exchange(page, [JSON.stringify({ sub: "dataset:sales" })], '"data"');
  expect(heard.length).toBe(1);
});

test("what is no message, and what may not be seen, is answered with an error", async ({ page }) => {
  for (const [message, words] of [
    ["{", "cannot be read"],
    [JSON.stringify({ sub: "metric:nothing" }), "not_found"],
    [JSON.stringify({ sub: "rights:somebody" }), "not_found"],
    [JSON.stringify({ sub: "~people" }), "not_found"],
    [JSON.stringify({ topic: "doc:nothing", op: {} }), "error"],
  ] as const) {
    const { heard } = await exchange(page, [message], words);
    expect(heard.at(-1)).toContain(words);
  }
});

test("a hundred thousand topics are refused one by one, and cost the others nothing", async ({ page }) => {
  const flood = Array.from({ length: 100_000 }, (_, i) => JSON.stringify({ sub: `metric:none_${i}` }));
  const began = exchange(page, flood, "none_99");
  // Somebody else is answered meanwhile.
  const other = await page.context().newPage();
  await other.goto(`${server.url}/healthz`);
  const { heard } = await exchange(other, [JSON.stringify({ sub: "dataset:sales" })], '"data"');
  expect(heard.length).toBe(1);
  expect((await began).heard.every((text) => text.includes("not_found"))).toBe(true);
});

test("one socket follows at most 500 topics, and is told so", async ({ page }) => {
  const names: string[] = [];
  for (let i = 0; i < 501; i++) {
    const made = await page.request.post(`${server.url}/api/v1/metrics`, {
      headers: { Origin: server.url },
      data: { id: `m${i}`, name: `m${i}`, query: { dataset: "sales", measures: [{ agg: "count" }] }, refresh_interval: 86400 },
    });
    expect(made.status()).toBe(201);
    names.push(`metric:m${i}`);
  }
  const { heard } = await exchange(page, names.map((sub) => JSON.stringify({ sub })), "too_many_requests");
  expect(heard.at(-1)).toContain("at most 500");
});
