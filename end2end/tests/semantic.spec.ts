// The semantic layer as programs use it: joins, metric references, models as JSON and YAML.

import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, orrery, token } from "../steps.ts";

let server: Server;
let secret: string;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "2000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

async function ask(query: unknown, who = secret) {
  return api(server, who, "POST", "/query", query);
}

test("a join that repeats rows adds each of them once", async () => {
  // Ten flights of one aircraft in one hour at most: joined to the weather of the whole day.
  const day = { column: "time_hour", op: "between", value: ["2013-01-01", "2013-01-01"] };
  const alone = await ask({
    dataset: "flights",
    measures: [{ agg: "sum", column: "distance" }, { agg: "count" }],
    filter: day,
  });
  expect(alone.status).toBe(200);
  const repeated = await ask({
    dataset: "flights",
    joins: [{ dataset: "weather", on: [["origin", "origin"]], as: "w" }],
    measures: [{ agg: "sum", column: "distance" }, { agg: "count" }],
    filter: { and: [{ ...day, column: "flights.time_hour" }, { column: "w.month", op: "eq", value: 1 }] },
  });
  expect(repeated.status).toBe(200);
  expect(repeated.body.rows).toEqual(alone.body.rows);
});

test("the model of a dataset goes out and comes in as YAML and as JSON", async () => {
  const address = `${server.url}/api/v1/datasets/flights/model`;
  const headers = { Authorization: `Bearer ${secret}` };
  const yaml = await fetch(address, { headers: { ...headers, Accept: "application/yaml" } });
  expect(yaml.headers.get("content-type")).toContain("application/yaml");
  const tag = yaml.headers.get("etag") ?? "";
  expect(tag).toBe('"1"');
  const text = await yaml.text();
  expect(text).toContain("relationships:");
  const put = (body: string, kind: string, match: string) =>
    fetch(address, { method: "PUT", headers: { ...headers, "Content-Type": kind, "If-Match": match }, body });
  const same = await put(text, "application/yaml", tag);
  expect([same.status, same.headers.get("etag")]).toEqual([200, '"1"']);
  const model = await (await fetch(address, { headers })).json();
  model.synonyms.flight = ["flight number"];
  const changed = await put(JSON.stringify(model), "application/json", tag);
  expect([changed.status, changed.headers.get("etag")]).toEqual([200, '"2"']);
  expect((await changed.json()).synonyms.flight).toEqual(["flight number"]);
  expect((await put(text, "application/yaml", tag)).status).toBe(412);
  expect((await put(text, "text/plain", '"2"')).status).toBe(415);
  const broken = await put("calculated:\n  - name: x\n    expression: dep_dely\n", "application/yaml", '"2"');
  const { error } = await broken.json();
  expect([broken.status, error.field, error.hint]).toEqual([
    400,
    "calculated[0].expression",
    "Did you mean `dep_delay`?",
  ]);
  const versions = await api(server, secret, "GET", "/datasets/flights/model/versions");
  expect(versions.body.map((v: { version: number }) => v.version)).toEqual([2, 1]);
});

test("a calculated column is grouped, filtered and summed like any other", async () => {
  const answer = await ask({
    dataset: "flights",
    dimensions: [{ column: "is_late" }],
    measures: [{ agg: "avg", column: "made_up", as: "made_up" }],
    filter: { column: "route", op: "eq", value: "JFK to LAX" },
    order: [{ by: "is_late" }],
  });
  expect(answer.status).toBe(200);
  expect(answer.body.rows.map((r: unknown[]) => r[0])).toEqual(expect.arrayContaining([false, true]));
  const check = await api(server, secret, "POST", "/datasets/flights/expressions/check", {
    expression: "made_up > 'x'",
  });
  expect(check.status).toBe(200);
  expect(check.body.fault.message).toBeTruthy();
});

test("joins are suggested, and one of them answers", async () => {
  const found = await api(server, secret, "GET", "/datasets/flights/join-suggestions");
  expect(found.status).toBe(200);
  const weather = found.body.find((s: { dataset: string }) => s.dataset === "weather");
  expect([weather.is_stored, weather.is_unique]).toEqual([true, true]);
  const { dataset, on, kind } = weather;
  const answer = await ask({
    dataset: "flights",
    joins: [{ dataset, on, kind }],
    dimensions: [{ column: "visib", bin: { width: 5 } }],
    measures: [{ agg: "count" }],
    order: [{ by: "visib" }],
  });
  const total = answer.body.rows.reduce((sum: number, row: [unknown, number]) => sum + row[1], 0);
  expect(total).toBe(336776);
  const airports = await api(server, secret, "GET", "/datasets/airports/join-suggestions");
  const flights = airports.body.filter((s: { dataset: string }) => s.dataset === "flights");
  expect(flights.length).toBeGreaterThan(0);
});

test("a metric is a measure, unless it is more than one aggregate", async () => {
  const by_region = await ask({
    dataset: "sales",
    dimensions: [{ column: "region" }],
    measures: [{ metric: "revenue" }, { agg: "sum", column: "amount" }],
  });
  expect(by_region.status).toBe(200);
  for (const row of by_region.body.rows) expect(row[1]).toBe(row[2]);
  const made = await api(server, secret, "POST", "/metrics", {
    id: "by_region",
    name: "By region",
    query: { dataset: "sales", dimensions: [{ column: "region" }], measures: [{ agg: "count" }] },
  });
  expect(made.status).toBe(201);
  const refused = await ask({ dataset: "sales", measures: [{ metric: "by_region" }] });
  expect([refused.status, refused.body.error.code]).toEqual([400, "metric_not_composable"]);
});

test("who may not see a dataset cannot join it; who works with SQL sees it", async () => {
  orrery(server, ["user", "add", "erin", "--role", "explorer", "--password-stdin"], "a long password\n");
  const erin = token(server, "erin", "read");
  await api(server, secret, "PUT", "/datasets/flights/grants/erin", { access: "view" });
  const join = (dataset: string) => ({
    dataset: "flights",
    joins: [{ dataset, on: [["carrier", "carrier"]] }],
    measures: [{ agg: "count" }],
  });
  const hidden = await ask(join("airlines"), erin);
  const missing = await ask(join("airlinez"), erin);
  expect([hidden.status, hidden.body.error.field]).toEqual([404, "joins[0].dataset"]);
  expect(hidden.body.error.message.replace("airlines", "airlinez")).toBe(missing.body.error.message);
  const model = await api(server, erin, "GET", "/datasets/flights/model");
  expect([model.status, model.body.relationships]).toEqual([200, undefined]);
  const own = await ask({ dataset: "flights", measures: [{ agg: "count" }] }, erin);
  expect([own.status, own.body.stats.sql, own.body.stats.timezone]).toEqual([200, undefined, "UTC"]);
  const mine = await ask({ dataset: "flights", measures: [{ agg: "count" }] });
  expect(mine.body.stats.sql).toContain("SELECT");
});

test("who sees a dashboard sees its tiles, whatever they join", async () => {
  const made = await api(server, secret, "POST", "/dashboards", {
    name: "Joined",
    is_public: true,
    layout: {
      widgets: [
        {
          id: "t",
          type: "chart",
          chart_type: "bar",
          position: { x: 0, y: 0, w: 6, h: 4 },
          data_source: {
            query: {
              dataset: "flights",
              joins: [{ dataset: "airlines", on: [["carrier", "carrier"]] }],
              dimensions: [{ column: "airlines.name" }],
              measures: [{ agg: "count" }],
            },
          },
        },
      ],
    },
  });
  expect(made.status).toBe(201);
  orrery(server, ["user", "add", "vic", "--role", "viewer", "--password-stdin"], "a long password\n");
  const vic = token(server, "vic", "read");
  const data = await api(server, vic, "GET", `/dashboards/${made.body.id}/tiles/t/data`);
  expect([data.status, data.body.table.data[0].length]).toEqual([200, 16]);
  expect((await ask({ dataset: "flights", measures: [{ agg: "count" }] }, vic)).status).toBe(403);
});

test("nesting without end and lists without end are refused with a sentence", async () => {
  let filter: unknown = { column: "region", op: "eq", value: "North" };
  for (let i = 0; i < 500; i++) filter = { and: [filter] };
  const deep = await ask({ dataset: "sales", measures: [{ agg: "count" }], filter });
  expect(deep.status).toBe(400);
  const value = Array.from({ length: 10_001 }, (_, i) => i);
  const long = await ask({
    dataset: "sales",
    measures: [{ agg: "count" }],
    filter: { column: "quantity", op: "in", value },
  });
  expect([long.status, long.body.error.field]).toEqual([400, "filter.value"]);
  expect((await ask({ dataset: "sales", measures: [{ agg: "count" }] })).status).toBe(200);
});
