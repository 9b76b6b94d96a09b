// Attacks by questions, filters and bodies: each is data, so it is bound or refused, and never SQL.

import { createConnection } from "node:net";
import { expect } from "@playwright/test";
import { ask, CANARIES, type Said, sql, whole, type World } from "./world.ts";

type Run = (world: World) => Promise<void>;

const BY_REGION = { dataset: "sales", dimensions: [{ column: "region" }], measures: [{ agg: "count" }] };

const silent = (said: Said) => {
  for (const canary of CANARIES) expect(whole(said)).not.toContain(canary);
};

/** A question that is none: 400 or 422 with a code, and nothing of the data. */
async function noQuestion(world: World, query: unknown, status = [400, 422]): Promise<void> {
  const said = await ask(world, "editor", "POST", "/query", query);
  expect(status, said.text).toContain(said.status);
  expect(said.body.error.code).toMatch(/^[a-z_]+$/);
  silent(said);
}

const filtered = (column: string, op: string, value: unknown) => ({ ...BY_REGION, filter: { column, op, value } });

/** Sends bytes as they are, and answers the first ones that come back. */
export function raw(world: World, text: string, wait = 5_000): Promise<string> {
  const { hostname, port } = new URL(world.server.url);
  return new Promise((resolve) => {
    const socket = createConnection({ host: hostname, port: Number(port) }, () => socket.write(text));
    let heard = "";
    socket.on("data", (bytes) => {
      heard += bytes.toString("latin1");
      if (heard.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve(heard));
    socket.setTimeout(wait, () => socket.destroy());
  });
}

export const QUESTIONS: Record<string, Run> = {
  // Whoever asks first, and with whatever choice, the reader sees their own rows.
  C39: async (world) => {
    const path = `/dashboards/${world.shared.id}/tiles/${world.shared.tile}/data`;
    const all = await ask(world, "administrator", "GET", path);
    expect(all.text).toContain("North");
    for (const filters of ["", `?f=${encodeURIComponent(JSON.stringify([{ column: "region", op: "is_not_null" }]))}`]) {
      await ask(world, "administrator", "GET", path + filters);
      const seen = await ask(world, "viewer", "GET", path + filters);
      expect(seen.status, seen.text).toBe(200);
      expect(seen.text).toContain("Europe");
      for (const hidden of ["North", "South", "East", "West"]) expect(seen.text).not.toContain(hidden);
      silent(seen);
    }
  },
  C40: async (world) => {
    for (const who of ["viewer", "editor"] as const) {
      const said = await ask(world, who, "GET", "/datasets/sales/columns/region/values");
      if (said.status === 200) expect(said.body.map((found: { value: string }) => found.value)).toEqual(["Europe"]);
      else expect([403, 404], said.text).toContain(said.status);
      silent(said);
    }
  },
  C41: async (world) => {
    const path = `/dashboards/${world.shared.id}/tiles/${world.shared.tile}/data`;
    const said = await ask(world, "viewer", "GET", path, undefined, { Accept: "text/csv" });
    expect(whole(said)).not.toContain("North");
    silent(said);
    const rows = await ask(world, "editor", "GET", "/datasets/sales/rows?limit=1000", undefined, { Accept: "text/csv" });
    expect(whole(rows)).not.toContain("North");
    silent(rows);
  },
  C42: async (world) => {
    const claims = { "X-User-Region": "North", "X-Forwarded-User": "administrator", "X-Remote-User": "administrator" };
    const said = await ask(world, "editor", "POST", "/query?user_region=North&on_behalf=administrator", BY_REGION, claims);
    expect([200, 400], said.text).toContain(said.status);
    expect(whole(said)).not.toContain("North");
    silent(said);
  },
  F15: async (world) => {
    const said = await sql(world, "editor", "SELECT 1 UNION ALL ".repeat(550_000) + "SELECT 1");
    expect([400, 413, 422], said.text.slice(0, 300)).toContain(said.status);
    expect(said.ms).toBeLessThan(10_000);
  },
  F17: async (world) => {
    const endless = "SELECT count(*) FROM range(3000000) a, range(3000000) b WHERE (a.range * b.range) % 7 = 3";
    const gone = new AbortController();
    const asked = fetch(`${world.server.url}/api/v1/sql`, {
      method: "POST",
      headers: { Authorization: `Bearer ${world.tokens.editor}`, "Content-Type": "application/json" },
      body: JSON.stringify({ sql: endless }),
      signal: gone.signal,
    }).catch(() => "gone");
    await new Promise((next) => setTimeout(next, 500));
    gone.abort();
    expect(await asked).toBe("gone");
    // It was stopped, and not only forgotten: the record says so before its time would be over.
    const cancelled = async () => {
      const log = await ask(world, "administrator", "GET", "/audit?action=run_sql&outcome=cancelled");
      return JSON.stringify(log.body.items);
    };
    await expect.poll(cancelled, { timeout: 3_000 }).toContain("range(3000000)");
  },
  G02: async (world) => {
    const said = await ask(world, "editor", "POST", "/query", filtered("region", "eq", "a\u0000'\"\\;--"));
    expect([200, 400, 422], said.text).toContain(said.status);
    if (said.status === 200) expect(said.body.rows).toEqual([]);
  },
  G03: (world) => noQuestion(world, filtered("region) UNION SELECT emp FROM hr_salaries --", "eq", "x")),
  G04: (world) => noQuestion(world, filtered("region", "= 1 OR 1 = 1 --", "x")),
  G05: (world) => noQuestion(world, { ...BY_REGION, order: [{ by: "region", dir: "ASC, (SELECT salary FROM hr_salaries)" }] }),
  G06: async (world) => {
    for (const limit of ["1; DROP TABLE sales", -1, 1e18, 0.5]) await noQuestion(world, { ...BY_REGION, limit });
  },
  G07: (world) =>
    noQuestion(world, { ...BY_REGION, dimensions: [{ column: "order_date", grain: "month', order_date), (SELECT salary FROM hr_salaries" }] }),
  G08: async (world) => {
    for (const value of ["%", "_", "E%e", "Eur_pe"]) {
      const said = await ask(world, "editor", "POST", "/query", filtered("region", "contains", value));
      expect(said.status, said.text).toBe(200);
      expect(said.body.rows, value).toEqual([]);
    }
  },
  G09: async (world) => {
    await noQuestion(world, filtered("region", "eq", { $ne: null }));
    await noQuestion(world, filtered("region", "in", { $gt: "" }));
    await noQuestion(world, filtered("quantity", "eq", [[1]]));
  },
  G11: (world) => template(world, ["{env('SECRET_KEY')}", "{config}", "{''.__class__.__mro__}", "{{ env('SECRET_KEY') }}"]),
  G12: (world) => template(world, ["{region | raw}", "{{ region | raw }}"]),
  G13: async (world) => {
    const expression = "sum(amount) + (SELECT max(salary) FROM hr_salaries)";
    const said = await ask(world, "administrator", "POST", "/datasets/sales/expressions/check", { expression });
    expect([200, 400, 422], said.text).toContain(said.status);
    if (said.status === 200) expect(said.body.error ?? said.body.fault, said.text).toBeTruthy();
    expect(whole(said)).not.toContain("987654");
    await noQuestion(world, { dataset: "sales", measures: [{ agg: "sum", column: expression }] });
  },
  G16: async (world) => {
    for (const statement of ["DROP TABLE sales", "SELECT 1; DROP TABLE sales", "CREATE TABLE x AS SELECT 1"]) {
      const said = await ask(world, "editor", "POST", "/sql/datasets", { name: "smuggled", label: "Smuggled", sql: statement });
      expect([400, 422], said.text).toContain(said.status);
    }
    expect((await ask(world, "administrator", "GET", "/datasets/smuggled")).status).toBe(404);
    expect((await ask(world, "administrator", "GET", "/datasets/sales")).status).toBe(200);
  },
  O04: (world) => template(world, ["{{ config.SECRET }} ${7*7} <%= 7*7 %>", "{config.SECRET}", "${7*7}", "<%= 7*7 %>"]),
  P01: async (world) => {
    for (const [open, path] of [["[", "/query"], ['{"and":[', "/query"], ["[", "/sql"], ['{"a":', "/dashboards"]]) {
      const said = await ask(world, "editor", "POST", path, open.repeat(100_000));
      expect(said.status, said.text.slice(0, 200)).toBe(400);
    }
    expect((await ask(world, "anonymous", "GET", "/health")).status).toBe(200);
  },
  P02: async (world) => {
    const { host } = new URL(world.server.url);
    for (const path of ["/api/v1/query", "/login"]) {
      const kind = path === "/login" ? "application/x-www-form-urlencoded" : "application/json";
      const own = `Origin: ${world.server.url}\r\nAuthorization: Bearer ${world.tokens.viewer}`;
      const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\n${own}\r\nContent-Type: ${kind}\r\nContent-Length: 209715200\r\n\r\n`;
      expect(await raw(world, head), path).toMatch(/^HTTP\/1\.1 413 /);
    }
  },
  P04: async (world) => {
    const { hostname, port } = new URL(world.server.url);
    const slow = Array.from({ length: 300 }, () => {
      const socket = createConnection({ host: hostname, port: Number(port) }, () => socket.write("GET /api/v1/me HTTP/1.1\r\nX-A: "));
      socket.on("error", () => socket.destroy());
      return socket;
    });
    let ended = 0;
    for (const socket of slow) socket.on("close", () => (ended += 1));
    for (let i = 0; i < 10; i++) {
      const said = await ask(world, "viewer", "GET", "/me");
      expect(said.status).toBe(200);
      expect(said.ms).toBeLessThan(2_000);
      for (const socket of slow) if (!socket.destroyed) socket.write("b");
    }
    // Nobody who whispers stays: the head of a request has its time.
    await expect.poll(() => ended, { timeout: 30_000 }).toBe(slow.length);
  },
  P05: async (world) => {
    const { host } = new URL(world.server.url);
    const ways = ["/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/assets/..%5c..%5cetc%5cpasswd", "/assets/..%2f..%2fetc%2fpasswd", "/assets//etc/passwd", "/assets/x/../../../../../../etc/passwd", "/favicon.svg/../../etc/passwd", "/assets/%00/etc/passwd"];
    for (const way of ways) {
      const said = await raw(world, `GET ${way} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(said, way).toMatch(/^HTTP\/1\.1 (400|401|403|404|303|307|308) /);
      expect(said, way).not.toContain("root:");
    }
  },
  P08: async (world) => {
    for (const origin of ["null", "https://evil.test", `${world.server.url}.evil.test`]) {
      for (const method of ["GET", "OPTIONS"]) {
        const said = await ask(world, "viewer", method, "/me", undefined, { Origin: origin, "Access-Control-Request-Method": "POST" });
        expect(said.headers.get("access-control-allow-origin"), `${method} ${origin}`).toBeNull();
        expect(said.headers.get("access-control-allow-credentials")).toBeNull();
      }
    }
  },
};

/** The message of an alert knows its fields and nothing else. */
async function template(world: World, texts: string[]): Promise<void> {
  for (const message of texts) {
    const alert = { name: "Template", subject: { type: "metric", id: "their_orders" }, condition: { type: "above", value: -1 }, message };
    const said = await ask(world, "outsider", "POST", "/alerts", alert);
    expect([201, 400, 422], said.text).toContain(said.status);
    expect(whole(said)).not.toMatch(/SECRET_KEY=|class 'object'|ORRERY_[A-Z_]+=/);
    if (said.status === 201) {
      // Two braces are one that is seen: the text stays a text.
      expect(said.body.message).toBe(message);
      await ask(world, "outsider", "DELETE", `/alerts/${said.body.id}`);
    }
  }
}
