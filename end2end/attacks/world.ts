// The house that is attacked: the tables, people and rules that `fixtures/security/cases.json` describes.

import { readFileSync } from "node:fs";
import { expect } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { load, orrery, token } from "../steps.ts";

/** An attack, as the list has it. */
export interface Case {
  id: string;
  cat: string;
  title: string;
  as: string;
  channel: string;
  input: string;
  sql?: string;
  expect: string;
  oracle: { outcome: string; not_contains?: string[] };
}

const read = (name: string) => JSON.parse(readFileSync(`../fixtures/security/${name}`, "utf8"));

export const CASES: Case[] = read("cases.json").cases;
export const CATEGORIES: Record<string, string> = read("cases.json").categories;
/** What may appear in no answer to anybody but the administrator. */
export const CANARIES: string[] = read("cases.json").canaries;
/** Attacks that are not run against this server, and why. */
export const NOT_APPLICABLE: Record<string, string> = read("not_applicable.json");

export const PASSWORD = "a password of tests";
const PEOPLE = { administrator: "admin", editor: "creator", viewer: "viewer", outsider: "creator" } as const;
export type Who = keyof typeof PEOPLE | "anonymous";

export interface World {
  server: Server;
  tokens: Record<keyof typeof PEOPLE, string>;
  /** The dashboard of the administrator, which the editor and the viewer may see. */
  shared: { id: string; slug: string; tile: string };
  /** That of the outsider, which nobody else may see. */
  foreign: { id: string; slug: string; tile: string };
  /** An alert of the outsider. */
  alert: string;
}

export interface Said {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint: answers are looked into as they come
  body: any;
  ms: number;
}

/** What an answer says anywhere. */
export const whole = (said: Said): string => `${said.text}\n${JSON.stringify([...said.headers])}`;

/** Asks the API as somebody. A string is sent as it is. */
export async function ask(world: World, who: Who, method: string, path: string, body?: unknown, extra: Record<string, string> = {}): Promise<Said> {
  const headers: Record<string, string> = { ...extra };
  if (who !== "anonymous") headers.Authorization ??= `Bearer ${world.tokens[who]}`;
  if (body !== undefined) headers["Content-Type"] ??= "application/json";
  const began = Date.now();
  const answer = await fetch(`${world.server.url}${path.startsWith("/api/") ? path : `/api/v1${path}`}`, {
    method,
    headers,
    body: body === undefined ? undefined : typeof body === "string" ? body : JSON.stringify(body),
    redirect: "manual",
  });
  const text = await answer.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Not every answer is JSON.
  }
  return { status: answer.status, headers: answer.headers, text, body: json, ms: Date.now() - began };
}

export const sql = (world: World, who: Who, text: string) => ask(world, who, "POST", "/sql", { sql: text });

/** Sends the form of the sign-in from an address of its own; answers the session's cookie, if there is one. */
export async function signIn(server: Server, name: string, password: string, from: string, next = "/", cookie = "") {
  const answer = await fetch(`${server.url}/login`, {
    method: "POST",
    body: new URLSearchParams({ username: name, password, next }),
    headers: { Origin: server.url, "X-Forwarded-For": from, ...(cookie ? { Cookie: cookie } : {}) },
    redirect: "manual",
  });
  const set = answer.headers.get("set-cookie") ?? "";
  return { status: answer.status, text: await answer.text(), set, cookie: set.split(";")[0], to: answer.headers.get("location") };
}

const REGIONS = ["North", "South", "East", "West", "Europe"];
const day = (n: number) => new Date(Date.UTC(2025, 0, 1 + (n % 365))).toISOString().slice(0, 10);

/** The rows of `sales`; those of Europe alone, without the costs, where somebody sees no more. */
function sales(all: boolean): string {
  const lines = [`order_date,region,product,customer_id,quantity,amount${all ? ",cost" : ""}`];
  for (let i = 0; i < 1000; i++) {
    const region = REGIONS[i % 5];
    if (!all && region !== "Europe") continue;
    const row = [day(i), region, `Product ${i % 7}`, 1000 + (i % 50), 1 + (i % 9), `${10 + (i % 90)}.00`];
    lines.push(row.concat(all ? [`${5 + (i % 40)}.00`] : []).join(","));
  }
  if (all) lines.push("2025-06-06,CANARY-REGION-7f3a,CANARY-PRODUCT-91c,777777777,1,4242424.25,123456.75");
  return `${lines.join("\n")}\n`;
}

async function dashboard(world: World, who: Who, name: string, widgets: unknown[]): Promise<{ id: string; slug: string; tile: string }> {
  const made = await ask(world, who, "POST", "/dashboards", { name, layout: { widgets } });
  expect(made.status, made.text).toBe(201);
  return { id: made.body.id, slug: made.body.slug, tile: made.body.layout.widgets[0].id };
}

export async function build(): Promise<World> {
  const env = {
    // Short, so that what has no end ends soon.
    ORRERY_QUERY_TIMEOUT: "4",
    ORRERY_MEMORY_LIMIT: "512MB",
    ORRERY_MAX_UPLOAD: "24MB",
    ORRERY_MAX_SOCKETS_PER_USER: "20",
    // Every attack can come from an address of its own.
    ORRERY_TRUSTED_PROXIES: "127.0.0.1",
  };
  const server = await startServer({ args: ["serve"], env });
  const tokens = {} as World["tokens"];
  for (const [name, role] of Object.entries(PEOPLE)) {
    orrery(server, ["user", "add", name, "--role", role, "--password-stdin"], `${PASSWORD}\n`);
    tokens[name as keyof typeof PEOPLE] = token(server, name, role === "admin" ? "admin" : "write");
  }
  const world = { server, tokens } as World;
  const admin = tokens.administrator;
  await load(server, admin, "sales", sales(true));
  await load(server, admin, "sales_seen", sales(false));
  await load(server, admin, "hr_salaries", "emp,salary\nCANARY-NAME-5d2,987654\n");
  await load(server, admin, "regions", `region,note\n${[...REGIONS, "CANARY-REGION-7f3a"].map((r) => `${r},note ${r}`).join("\n")}\n`);
  const done = async (method: string, path: string, body: unknown) => {
    const said = await ask(world, "administrator", method, path, body);
    expect(said.status, `${method} ${path}: ${said.text}`).toBeLessThan(300);
  };
  // Who has the rule: one and the other see the same.
  const audience = { everyone: false, users: ["viewer", "editor"], groups: [], except_users: [], except_groups: [] };
  await done("PUT", "/datasets/sales/policies", {
    rows: [{ name: "europe", audience, filter: { column: "region", op: "eq", value: "Europe" } }],
    columns: [
      { name: "no cost", audience, columns: ["cost"], rule: "hide" },
      { name: "hash", audience, columns: ["customer_id"], rule: "hash" },
    ],
  });
  for (const user of ["viewer", "editor"]) await done("PUT", `/datasets/sales/grants/${user}`, { access: "explore" });
  const query = { dataset: "sales", dimensions: [{ column: "region" }], measures: [{ agg: "count" }] };
  const tile = { type: "chart", chart_type: "bar", title: "By region", position: { x: 0, y: 0, w: 6, h: 4 }, data_source: { query } };
  world.shared = await dashboard(world, "administrator", "Shared", [tile]);
  await done("PUT", `/dashboards/${world.shared.id}/grants/viewer`, { access: "view" });
  await done("PUT", `/dashboards/${world.shared.id}/grants/editor`, { access: "edit" });
  await load(server, tokens.outsider, "secret_orders", "day,amount\n2025-01-01,1\n2025-01-02,2\n");
  const own = { dataset: "secret_orders", dimensions: [{ column: "day", grain: "day" }], measures: [{ agg: "count" }] };
  world.foreign = await dashboard(world, "outsider", "Theirs", [{ ...tile, title: "Theirs", data_source: { query: own } }]);
  const metric = { id: "their_orders", name: "Their orders", query: { dataset: "secret_orders", measures: [{ agg: "count" }] }, refresh_interval: 86400 };
  expect((await ask(world, "outsider", "POST", "/metrics", metric)).status).toBe(201);
  const alert = { name: "Theirs", subject: { type: "metric", id: "their_orders" }, condition: { type: "below", value: -1 } };
  const made = await ask(world, "outsider", "POST", "/alerts", alert);
  expect(made.status, made.text).toBe(201);
  world.alert = made.body.id;
  return world;
}

/** What the process holds in memory, in bytes. */
export function memory(world: World): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${world.server.proc.pid}/status`, "utf8"))?.[1];
  return Number(kilobytes) * 1024;
}
