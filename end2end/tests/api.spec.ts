// The API as programs use it.

import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, orrery, token } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "20000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

async function upload(name: string, file: string, bytes: Uint8Array | string, query = "", who = secret) {
  const form = new FormData();
  form.set("file", new Blob([bytes]), file);
  form.set("name", name);
  const answer = await fetch(`${server.url}/api/v1/datasets${query}`, {
    method: "POST",
    headers: { Authorization: `Bearer ${who}` },
    body: form,
  });
  return { status: answer.status, body: await answer.json() };
}

test("a dashboard of one line chart is made and is there with one tile", async () => {
  const made = await api(server, secret, "POST", "/dashboards", {
    name: "Sales Dashboard",
    description: "Monthly sales analysis",
    layout: {
      widgets: [
        {
          type: "chart",
          chart_type: "line",
          position: { x: 0, y: 0, w: 6, h: 4 },
          data_source: { table: "sales", columns: ["date", "amount"], filters: [] },
        },
      ],
    },
  });
  expect(made.status).toBe(201);
  expect(made.headers.get("location")).toBe(`/api/v1/dashboards/${made.body.id}`);
  const found = await api(server, secret, "GET", "/dashboards/sales-dashboard");
  expect(found.status).toBe(200);
  expect(found.body.layout.widgets).toHaveLength(1);
  const tile = found.body.layout.widgets[0].id;
  const data = await api(server, secret, "GET", `/dashboards/sales-dashboard/tiles/${tile}/data`);
  expect(data.status).toBe(200);
  expect(data.body.table.data[0].length).toBeGreaterThan(10);
});

test("a question is answered as JSON, CSV and Arrow, and an error names the field", async () => {
  const query = {
    dataset: "flights",
    dimensions: [{ column: "origin" }],
    measures: [{ agg: "count" }, { agg: "avg", column: "dep_delay", as: "delay" }],
    order: [{ by: "origin", dir: "asc" }],
  };
  const answer = await api(server, secret, "POST", "/query", query);
  expect(answer.status).toBe(200);
  expect(answer.body.columns.map((c: { name: string }) => c.name)).toEqual(["origin", "count", "delay"]);
  expect(answer.body.rows.map((r: unknown[]) => r.slice(0, 2))).toEqual([["EWR", 120835], ["JFK", 111279], ["LGA", 104662]]);
  const again = await api(server, secret, "POST", "/query", query);
  expect(again.body.stats.cached).toBe(true);
  for (const [accept, start] of [["text/csv", "origin,count,delay"], ["application/vnd.apache.arrow.stream", ""]]) {
    const other = await fetch(`${server.url}/api/v1/query`, {
      method: "POST",
      headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json", Accept: accept },
      body: JSON.stringify(query),
    });
    expect(other.headers.get("content-type")).toContain(accept);
    expect((await other.text()).startsWith(start)).toBe(true);
  }
  const typo = await api(server, secret, "POST", "/query", { ...query, dimensions: [{ column: "orgin" }] });
  expect(typo.status).toBe(400);
  expect(typo.body.error).toMatchObject({ code: "unknown_column", field: "dimensions[0].column" });
  expect(typo.body.error.hint).toContain("origin");
});

test("files load, bad ones are refused with a sentence, and nothing is half loaded", async () => {
  const orders = readFileSync("../fixtures/orders.csv");
  const loaded = await upload("orders", "orders.csv", orders);
  expect(loaded.status, JSON.stringify(loaded.body)).toBe(201);
  expect(loaded.body.row_count).toBe(300);
  expect((await upload("orders", "orders.csv", orders)).status).toBe(409);
  const bad = ["empty.csv", "header_only.csv", "binary.csv", "ragged.csv", "truncated.parquet"];
  for (const file of bad) {
    const refused = await upload("broken", file, readFileSync(`../fixtures/bad/${file}`));
    expect(refused.status, `${file}: ${JSON.stringify(refused.body)}`).toBe(422);
    expect(refused.body.error.code).toBe("unusable_file");
    expect(refused.body.error.message.length).toBeGreaterThan(10);
  }
  expect((await api(server, secret, "GET", "/datasets/broken")).status).toBe(404);
  const outside = await upload("../../etc/passwd", "x.csv", "a,b\n1,2\n");
  expect(outside.status).toBe(400);
});

test("appended rows are counted at once", async () => {
  await upload("events", "events.csv", "at,kind,amount\n2024-01-01,a,1\n2024-01-02,b,2\n");
  const appended = await api(server, secret, "POST", "/datasets/events/rows", [{ at: "2024-01-03", kind: "c", amount: 39 }]);
  expect(appended.body).toMatchObject({ appended: 1, version: 2 });
  const sum = await api(server, secret, "POST", "/query", { dataset: "events", measures: [{ agg: "sum", column: "amount" }] });
  expect(Number(sum.body.rows[0][0])).toBe(42);
  const wrong = await api(server, secret, "POST", "/datasets/events/rows", [{ at: "2024-01-04", kind: "d", amount: "many" }]);
  expect(wrong.status).toBeGreaterThanOrEqual(400);
  expect(wrong.status).toBeLessThan(500);
});

test("what is not shared does not exist", async () => {
  orrery(server, ["user", "add", "eve", "--role", "creator", "--password-stdin"], "eves password\n");
  const eve = token(server, "eve");
  const own = await api(server, secret, "POST", "/dashboards", { name: "Private", layout: { widgets: [] } });
  expect((await api(server, eve, "GET", `/dashboards/${own.body.id}`)).status).toBe(404);
  expect((await api(server, eve, "DELETE", `/dashboards/${own.body.id}`)).status).toBe(404);
  const flights = await api(server, eve, "POST", "/query", { dataset: "flights", measures: [{ agg: "count" }] });
  expect(flights.status).toBe(404);
  await api(server, secret, "PUT", `/dashboards/${own.body.id}/grants/eve`, { access: "view" });
  expect((await api(server, eve, "GET", `/dashboards/${own.body.id}`)).status).toBe(200);
  expect((await api(server, eve, "PATCH", `/dashboards/${own.body.id}`, { name: "Mine" })).status).toBe(403);
  const reader = token(server, "demo", "read");
  expect((await api(server, reader, "POST", "/dashboards", { name: "No", layout: { widgets: [] } })).status).toBe(403);
  expect((await fetch(`${server.url}/api/v1/datasets`)).status).toBe(401);
});
