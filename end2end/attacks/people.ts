// Attacks on signing in, on rights and on references to what belongs to others.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { startServer } from "../server.ts";
import { orrery } from "../steps.ts";
import { ask, PASSWORD, signIn, type Who, whole, type World } from "./world.ts";

type Run = (world: World) => Promise<void>;

/** Open to everybody: whether the server is well. */
const OPEN = ["GET /api/v1/health", "GET /api/v1/alerts/heartbeat"];

/** Part of a token, base64url. */
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Answered as what is not there. */
async function hidden(world: World, who: Who, method: string, path: string, body?: unknown): Promise<void> {
  const said = await ask(world, who, method, path, body);
  expect(said.status, `${method} ${path}: ${said.text}`).toBe(404);
  expect(whole(said)).not.toContain("Theirs");
}

const median = (times: number[]) => times.sort((a, b) => a - b)[Math.floor(times.length / 2)];

export const PEOPLE_CASES: Record<string, Run> = {
  H01: async (world) => {
    const described = await ask(world, "administrator", "GET", "/api/v1/openapi.json");
    let asked = 0;
    for (const [path, methods] of Object.entries(described.body.paths) as [string, Record<string, { security?: object[] }>][]) {
      for (const [method, operation] of Object.entries(methods)) {
        const name = `${method.toUpperCase()} ${path}`;
        const is_open = (operation.security ?? []).some((way) => Object.keys(way).length === 0);
        if (OPEN.includes(name) || is_open) continue;
        const said = await ask(world, "anonymous", method.toUpperCase(), path.replace(/\{[^}]+\}/g, "x"), method === "get" || method === "delete" ? undefined : {});
        expect(said.status, `${name}: ${said.text}`).toBe(401);
        asked += 1;
      }
    }
    expect(asked).toBeGreaterThan(80);
    for (const path of ["/api/v1/openapi.json", "/api/docs"]) expect((await ask(world, "anonymous", "GET", path)).status).toBe(401);
  },
  H03: async (world) => {
    const one: number[] = [];
    for (let i = 0; i < 100 && !one.includes(429); i++) one.push((await signIn(world.server, "viewer", `wrong ${i}`, "198.51.100.7")).status);
    expect(one, "one name is tried again and again").toContain(429);
    const many: number[] = [];
    for (let i = 0; i < 100 && !many.includes(429); i++) many.push((await signIn(world.server, `nobody ${i}`, "wrong password", "203.0.113.50")).status);
    expect(many, "one address tries names").toContain(429);
    const late = await fetch(`${world.server.url}/login`, {
      method: "POST",
      body: new URLSearchParams({ username: "editor", password: "wrong" }),
      headers: { Origin: world.server.url, "X-Forwarded-For": "203.0.113.50" },
    });
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    // Others sign in meanwhile, and all of it is on the record.
    expect((await signIn(world.server, "editor", PASSWORD, "203.0.113.51")).status).toBe(303);
    const log = await ask(world, "administrator", "GET", "/audit?action=sign_in&outcome=refused");
    expect(log.body.total).toBeGreaterThan(20);
  },
  H04: async (world) => {
    const known: number[] = [];
    const unknown: number[] = [];
    for (let i = 0; i < 5; i++) {
      const from = `203.0.113.${100 + i}`;
      const began = Date.now();
      const there = await signIn(world.server, "outsider", "not the password", from);
      known.push(Date.now() - began);
      const again = Date.now();
      const missing = await signIn(world.server, "outsides", "not the password", from);
      unknown.push(Date.now() - again);
      expect(there.text.replaceAll("outsider", "")).toBe(missing.text.replaceAll("outsides", ""));
      expect([there.status, missing.status]).toEqual([401, 401]);
    }
    // A hash takes some twenty milliseconds, a look into a table one.
    const ratio = median(known) / median(unknown);
    expect(ratio, `${known} ms against ${unknown} ms`).toBeGreaterThan(0.3);
    expect(ratio, `${known} ms against ${unknown} ms`).toBeLessThan(3.3);
  },
  H05: async (world) => {
    const fixed = "orrery_session=fixed-by-somebody-else";
    const first = await signIn(world.server, "editor", PASSWORD, "203.0.113.2", "/", fixed);
    const second = await signIn(world.server, "editor", PASSWORD, "203.0.113.2", "/", first.cookie);
    expect(first.cookie).not.toBe(fixed);
    expect(second.cookie).not.toBe(first.cookie);
    const said = await fetch(`${world.server.url}/api/v1/me`, { headers: { Cookie: fixed } });
    expect(said.status).toBe(401);
  },
  H07: async (world) => {
    const plain = (await signIn(world.server, "editor", PASSWORD, "203.0.113.3")).set;
    for (const flag of ["HttpOnly", "SameSite=Lax", "Path=/"]) expect(plain).toContain(flag);
    const server = await startServer({ args: ["serve"], env: { ORRERY_PUBLIC_URL: "https://bi.example.com" } });
    try {
      orrery(server, ["user", "add", "ada", "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);
      expect((await signIn(server, "ada", PASSWORD, "203.0.113.3")).set).toMatch(/; Secure/);
      const page = await fetch(`${server.url}/login`);
      expect(page.headers.get("strict-transport-security")).toContain("max-age=");
    } finally {
      await server.stop();
    }
    expect((await fetch(`${world.server.url}/login`)).headers.get("strict-transport-security")).toBeNull();
  },
  H08: async (world) => {
    const claims = part({ user: "administrator", role: "admin", exp: 4_000_000_000 });
    const forged = ["", "administrator", part({ alg: "none" }) + `.${claims}.`, "CHANGE_ME", "0".repeat(43), `${claims}.${part("x")}`];
    for (const secret of forged) {
      const said = await fetch(`${world.server.url}/api/v1/me`, { headers: { Cookie: `orrery_session=${secret}` } });
      expect(said.status, secret).toBe(401);
    }
    await expect(startServer({ args: ["serve"], env: { ORRERY_SECRET_KEY: "changeme" } })).rejects.toThrow(/ORRERY_SECRET_KEY|secret key|32/i);
  },
  H09: async (world) => {
    const claims = { sub: "administrator", role: "admin", scope: "admin", exp: 4_000_000_000, aud: "orrery", iss: "orrery" };
    for (const head of [{ alg: "none" }, { alg: "HS256" }, { alg: "RS256", jwk: { kty: "oct", k: "" } }, { alg: "HS256", kid: "../../dev/null" }]) {
      for (const signature of ["", part("signature")]) {
        const said = await ask(world, "anonymous", "GET", "/me", undefined, { Authorization: `Bearer ${part(head)}.${part(claims)}.${signature}` });
        expect(said.status).toBe(401);
      }
    }
  },
  H10: async (world) => {
    const { cookie } = await signIn(world.server, "editor", PASSWORD, "203.0.113.4");
    const send = (headers: Record<string, string>) =>
      fetch(`${world.server.url}/api/v1/dashboards`, { method: "POST", headers: { Cookie: cookie, ...headers }, body: JSON.stringify({ name: "Forged", layout: { widgets: [] } }) });
    for (const origin of [{ Origin: "https://evil.test" }, { Origin: "null" }, { Origin: `${world.server.url}.evil.test` }, {}]) {
      for (const kind of ["application/json", "text/plain"]) expect((await send({ ...(origin as object), "Content-Type": kind })).status).toBe(403);
    }
    expect((await send({ Origin: world.server.url, "Content-Type": "text/plain" })).status).toBe(415);
    const login = await fetch(`${world.server.url}/login`, { method: "POST", headers: { Origin: "https://evil.test" }, body: new URLSearchParams({ username: "editor", password: PASSWORD }) });
    expect(login.status).toBe(403);
  },
  H12: async (world) => {
    const began = Date.now();
    const said = await signIn(world.server, "editor", "x".repeat(1024 * 1024), "203.0.113.5");
    expect([400, 401, 413], said.text.slice(0, 200)).toContain(said.status);
    expect(Date.now() - began).toBeLessThan(2_000);
  },
  H13: async (world) => {
    const places = ["https://evil.test", "//evil.test", "/\\evil.test", "/\t/evil.test", "javascript:alert(1)", "/%09/evil.test", "\\\\evil.test"];
    for (const next of places) {
      const { status, to } = await signIn(world.server, "editor", PASSWORD, "203.0.113.6", next);
      expect(status).toBe(303);
      expect(new URL(to as string, world.server.url).origin, next).toBe(world.server.url);
    }
  },
  I02: (world) => hidden(world, "viewer", "GET", `/dashboards/${world.foreign.id}/tiles/${world.foreign.tile}/data`),
  I03: async (world) => {
    for (const who of ["viewer", "editor"] as const) {
      await hidden(world, who, "PUT", `/dashboards/${world.foreign.id}`, { name: "Mine now", layout: { widgets: [] } });
      await hidden(world, who, "PATCH", `/dashboards/${world.foreign.slug}`, { name: "Mine now" });
      await hidden(world, who, "DELETE", `/dashboards/${world.foreign.id}`);
    }
    const log = await ask(world, "administrator", "GET", `/audit?kind=request&outcome=refused&text=${world.foreign.id}`);
    expect(log.body.total, "on the record").toBeGreaterThan(0);
  },
  I05: async (world) => {
    for (const accept of ["text/csv", "application/vnd.apache.arrow.stream"]) {
      const path = `/dashboards/${world.foreign.id}/tiles/${world.foreign.tile}/data`;
      const said = await ask(world, "viewer", "GET", path, undefined, { Accept: accept });
      expect(said.status, said.text).toBe(404);
    }
    await hidden(world, "editor", "GET", "/datasets/secret_orders/rows");
  },
  I06: (world) => hidden(world, "viewer", "GET", `/dashboards/${world.foreign.id}/thumbnail`),
  I09: async (world) => {
    for (const key of ["1", "a", "0000", "AAAAAAAA", "..", "A".repeat(43)]) {
      for (const kind of ["screen", "public"]) {
        const said = await fetch(`${world.server.url}/${kind}/${encodeURIComponent(key)}`, { redirect: "follow" });
        const text = await said.text();
        expect(text, `${kind} ${key}`).not.toContain("By region");
        expect(said.status).toBeLessThan(500);
      }
    }
  },
  I10: async (world) => {
    const own = await ask(world, "editor", "POST", "/dashboards", { name: "Own", layout: { widgets: [] } });
    const before = (await ask(world, "editor", "GET", `/dashboards/${own.body.id}`)).body;
    const grab = { owner_id: "somebody", owner_name: "administrator", workspace: 1, role: "admin", is_admin: true };
    const said = await ask(world, "editor", "PATCH", `/dashboards/${own.body.id}`, grab);
    expect([200, 400, 422], said.text).toContain(said.status);
    expect((await ask(world, "editor", "GET", `/dashboards/${own.body.id}`)).body.owner_id).toBe(before.owner_id);
    const shared = await ask(world, "editor", "PATCH", `/dashboards/${world.shared.id}`, grab);
    expect([200, 400, 403, 422], shared.text).toContain(shared.status);
    const me = (await ask(world, "editor", "GET", "/me")).body;
    expect((await ask(world, "editor", "PATCH", `/users/${me.id}`, { role: "admin" })).status).toBe(403);
    expect((await ask(world, "editor", "GET", "/me")).body.role).toBe("creator");
  },
  I11: async (world) => {
    const user = { name: "mallory", role: "admin", password: "a password of mallory" };
    for (const who of ["viewer", "editor"] as const) expect((await ask(world, who, "POST", "/users", user)).status).toBe(403);
    const people = await ask(world, "administrator", "GET", "/users");
    expect(people.text).not.toContain("mallory");
  },
  I12: async (world) => {
    await hidden(world, "viewer", "GET", `/alerts/${world.alert}`);
    await hidden(world, "viewer", "GET", `/alerts/${world.alert}/events`);
    await hidden(world, "editor", "PATCH", `/alerts/${world.alert}`, { name: "Mine" });
    await hidden(world, "editor", "DELETE", `/alerts/${world.alert}`);
  },
  I14: async (world) => {
    for (const who of ["viewer", "editor"] as const) {
      for (const path of ["/audit", "/audit/export", "/audit/export?format=ndjson"]) expect((await ask(world, who, "GET", path)).status).toBe(403);
    }
    expect((await ask(world, "anonymous", "GET", "/audit")).status).toBe(401);
  },
  I15: async (world) => {
    const ids = ["1e0", " 1", "[1]", "1.0", "null", "undefined", "-1", "%00", "..", "%2e%2e%2f", "a".repeat(5_000), `${world.foreign.id}/`, `${world.foreign.id}%00`];
    for (const id of ids) {
      for (const kind of ["dashboards", "datasets", "alerts", "metrics", "jobs"]) {
        const said = await ask(world, "viewer", "GET", `/${kind}/${id.startsWith("%") ? id : encodeURIComponent(id)}`);
        // Two dots are the list itself.
        if (said.status === 200) expect(said.body?.items, `${kind} ${id}`).toBeDefined();
        else expect([400, 401, 404, 405, 414], `${kind} ${id}: ${said.text}`).toContain(said.status);
        expect(whole(said)).not.toContain("Theirs");
      }
    }
  },
  I17: async (world) => {
    const made = await ask(world, "administrator", "POST", "/wall-links", { label: "Hall", dashboards: [world.shared.id] });
    expect(made.status, made.text).toBe(201);
    const secret = String(made.body.path).split("/").pop() as string;
    const question = { dataset: "sales", measures: [{ agg: "count" }] };
    const ways: Record<string, string>[] = [{ Authorization: `Bearer ${secret}` }, { Cookie: `orrery_screen=${secret}` }, { Cookie: `orrery_session=${secret}` }];
    for (const way of ways) {
      const said = await ask(world, "anonymous", "POST", "/query?screen", question, { ...way, Origin: world.server.url });
      expect([401, 403], said.text).toContain(said.status);
    }
  },
  // Opened as a file, the metadata holds no secret that opens anything.
  Q03: async (world) => {
    const files = ["orrery.sqlite", "orrery.sqlite-wal"].map((name) => join(world.server.dataDir, name));
    const kept = files.map((file) => readFileSync(file).toString("latin1")).join("");
    for (const secret of [PASSWORD, ...Object.values(world.tokens)]) expect(kept.includes(secret)).toBe(false);
  },
};
