// Attacks by files that come in and go out, by places that are named, and on what the server keeps.

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createConnection } from "node:net";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { startServer } from "../server.ts";
import { load } from "../steps.ts";
import { ask, memory, PASSWORD, type Said, signIn, sql, type Who, whole, type World } from "./world.ts";
import { cells, workbook, zip } from "./zip.ts";

type Run = (world: World) => Promise<void>;

/** Sends a file as a form does; the names are written as they are. */
async function upload(world: World, who: Who, file: string, bytes: Buffer | string, name = "attack"): Promise<Said> {
  const edge = "----attack";
  const part = (head: string, body: Buffer | string) => Buffer.concat([Buffer.from(`--${edge}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`), Buffer.from(body), Buffer.from("\r\n")]);
  const body = Buffer.concat([part('name="name"', name), part(`name="file"; filename="${file.replaceAll('"', "%22")}"`, bytes), Buffer.from(`--${edge}--\r\n`)]);
  const began = Date.now();
  const headers = { Authorization: `Bearer ${world.tokens[who as "editor"]}`, "Content-Type": `multipart/form-data; boundary=${edge}` };
  const answer = await fetch(`${world.server.url}/api/v1/datasets`, { method: "POST", headers, body });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text), ms: Date.now() - began };
}

/** Files that wait for their load, whoever sent them. */
const staged = (world: World): string[] => readdirSync(join(world.server.dataDir, "uploads"));

async function unusable(world: World, file: string, bytes: Buffer | string): Promise<void> {
  const said = await upload(world, "editor", file, bytes);
  expect(whole(said)).not.toContain("root:x:0");
  if (said.status === 202) {
    // A large file is loaded by a job, which says what is wrong with it.
    const job = async () => (await ask(world, "editor", "GET", `/jobs/${said.body.id}`)).body;
    await expect.poll(async () => (await job()).status, { timeout: 20_000 }).toBe("failed");
    expect((await job()).error.code, file).toMatch(/^[a-z_]+$/);
  } else {
    expect([400, 413, 422], `${file}: ${said.text}`).toContain(said.status);
  }
  expect((await ask(world, "editor", "GET", "/datasets/attack")).status, "nothing is half loaded").toBe(404);
  expect((await ask(world, "anonymous", "GET", "/health")).status).toBe(200);
}

/** Loads a file that is odd and harmless, looks at it, and removes it. */
async function harmless(world: World, file: string, bytes: Buffer | string, name = "attack"): Promise<Said> {
  const said = await upload(world, "editor", file, bytes, name);
  expect([201, 400, 422], said.text).toContain(said.status);
  if (said.status === 201) expect((await ask(world, "editor", "DELETE", `/datasets/${said.body.dataset?.id ?? said.body.id}`)).status).toBeLessThan(300);
  return said;
}

/** Cells that a spreadsheet would run. */
const FORMULAS = ['=HYPERLINK("http://evil.test","x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"];

async function defused(world: World): Promise<void> {
  const quoted = FORMULAS.map((text) => `"${text.replaceAll('"', '""')}",-2`);
  await load(world.server, world.tokens.outsider, "formulas", `text,number\n${quoted.join("\n")}\n`);
  try {
    const said = await ask(world, "outsider", "POST", "/query", { dataset: "formulas", columns: ["text", "number"] }, { Accept: "text/csv" });
    expect(said.status, said.text).toBe(200);
    const lines = said.text.trim().split(/\r?\n/).slice(1);
    expect(lines.length).toBe(FORMULAS.length);
    for (const line of lines) {
      expect(line, "a formula").not.toMatch(/^"?[=+\-@\t\r]/);
      expect(line, "a number stays one").toMatch(/,-2$/);
    }
    const log = await ask(world, "administrator", "GET", "/audit?action=export");
    expect(log.text, "exports are on the record").toContain("/api/v1/query");
  } finally {
    await ask(world, "outsider", "DELETE", "/datasets/formulas");
  }
}

/** Every source that is tried is refused, and the answer says nothing of what is there. */
async function closed(world: World, hosts: string[], port = 5432): Promise<string[]> {
  const messages: string[] = [];
  for (const host of hosts) {
    const settings = { host, port, database: "postgres", user: "postgres", password: "x", tls: "disable" };
    const said = await ask(world, "administrator", "POST", "/source-tests", { name: "attack", kind: "postgres", settings });
    expect([200, 400, 422, 503], `${host}: ${said.text}`).toContain(said.status);
    expect(said.status === 200 && said.body.ok, `${host}: ${said.text}`).toBe(false);
    messages.push(String(said.body.message ?? said.body.error?.message).replaceAll(host, "HOST"));
  }
  const editor = await ask(world, "editor", "POST", "/source-tests", { name: "attack", kind: "postgres", settings: {} });
  expect(editor.status).toBe(403);
  return messages;
}

/** A listener that hears who comes. */
async function trap(): Promise<{ port: number; visits: () => number; stop: () => void }> {
  let count = 0;
  const server = createServer((_, answer) => {
    count += 1;
    answer.end("here");
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  return { port: (server.address() as AddressInfo).port, visits: () => count, stop: () => server.close() };
}

const INSIDE = ["127.0.0.1", "localhost", "10.0.0.1", "169.254.169.254", "::1", "[::1]", "fd00::1", "0.0.0.0", "0x7f000001", "127.1", "2130706433", "::ffff:127.0.0.1"];

export const FILES: Record<string, Run> = {
  L01: async (world) => {
    for (const name of ["../../static/app.js", "/etc/cron.d/x", "..\\..\\x.csv", "x.csv\u0000.sh", `${"a".repeat(5_000)}.csv`]) await harmless(world, name, "a,b\n1,2\n");
    expect(existsSync(join(world.server.dataDir, "../static/app.js"))).toBe(false);
    for (const file of staged(world)) expect(file).toMatch(/^[\w.-]+$/);
  },
  L03: async (world) => {
    const said = await harmless(world, 'x"; DROP TABLE sales; --.csv', 'a"; DROP TABLE sales; --,b\n1,2\n');
    expect(said.status).not.toBe(500);
    const named = await upload(world, "editor", "x.csv", "a,b\n1,2\n", 'x"; DROP TABLE sales; --');
    expect(named.status).toBe(400);
    expect((await sql(world, "administrator", "SELECT count(*) FROM sales")).status).toBe(200);
  },
  L04: async (world) => {
    const before = memory(world);
    await unusable(world, "bomb.xlsx", workbook(`<worksheet>${" ".repeat(510 << 20)}</worksheet>`));
    expect(memory(world) - before).toBeLessThan(200 << 20);
  },
  L05: async (world) => {
    const entity = '<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>';
    const said = await harmless(world, "entities.xlsx", workbook(cells([["a"], ["&x;"]], entity)));
    expect(whole(said)).not.toContain("root:x:0");
    const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 9 }, (_, i) => `<!ENTITY ${"bcdefghij"[i]} "${`&${"abcdefghi"[i]};`.repeat(10)}">`).join("")}]>`;
    await harmless(world, "laughs.xlsx", workbook(cells([["a"], ["&j;"]], bomb)));
  },
  L06: async (world) => {
    const heard = await trap();
    const link = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/externalLinkPath" Target="http://127.0.0.1:${heard.port}/x" TargetMode="External"/></Relationships>`;
    await harmless(world, "links.xlsx", workbook(cells([["a"], ["1"]]), [{ name: "xl/externalLinks/_rels/externalLink1.xml.rels", content: link }, { name: "xl/connections.xml", content: `<connections><connection id="1" name="x" type="4"><webPr url="http://127.0.0.1:${heard.port}/y"/></connection></connections>` }]));
    expect(heard.visits()).toBe(0);
    heard.stop();
  },
  L08: async (world) => {
    await harmless(world, "nul.csv", Buffer.from("a,b\n1,x\u0000y\n"));
    await harmless(world, "utf8.csv", Buffer.concat([Buffer.from("a,b\n1,"), Buffer.from([0xff, 0xfe, 0xc3, 0x28]), Buffer.from("\n")]));
    await unusable(world, "line.csv", `a,b\n1,"${"x".repeat(20 << 20)}`);
  },
  L11: async (world) => {
    const parquet = readFileSync("../fixtures/airlines.parquet");
    await unusable(world, "half.parquet", parquet.subarray(0, parquet.length / 2));
    const offsets = Buffer.from(parquet);
    offsets.fill(0xff, offsets.length - 200, offsets.length - 8);
    await unusable(world, "offsets.parquet", offsets);
    const own = readdirSync(join(world.server.dataDir, "segments"), { recursive: true, encoding: "utf8" }).find((name) => name.endsWith(".duckdb")) as string;
    await unusable(world, "database.csv", readFileSync(join(world.server.dataDir, "segments", own)));
  },
  L12: async (world) => {
    // The refusal comes while the file is still being sent, so that its answer may be lost on the way.
    const said = await upload(world, "editor", "large.csv", `a,b\n${"1,2\n".repeat(6_600_000)}`).catch(() => null);
    if (said) expect(said.status, said.text).toBe(413);
    expect((await ask(world, "editor", "GET", "/datasets/attack")).status).toBe(404);
    await expect.poll(() => staged(world)).toEqual([]);
  },
  L13: async (world) => {
    const { hostname, port, host } = new URL(world.server.url);
    const socket = createConnection({ host: hostname, port: Number(port) });
    socket.on("error", () => socket.destroy());
    socket.write(`POST /api/v1/datasets HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${world.tokens.editor}\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 8000000\r\n\r\n--x\r\nContent-Disposition: form-data; name="file"; filename="half.csv"\r\n\r\na,b\n${"1,2\n".repeat(1_000_000)}`);
    await expect.poll(() => staged(world).length).toBeGreaterThan(0);
    socket.destroy();
    await expect.poll(() => staged(world), { timeout: 10_000 }).toEqual([]);
  },
  L14: async (world) => {
    expect((await upload(world, "viewer", "x.csv", "a,b\n1,2\n")).status).toBe(403);
    expect((await ask(world, "viewer", "POST", "/datasets/sales/rows", [{ region: "Europe" }])).status).toBe(403);
  },
  L15: async (world) => {
    const link = { name: "data.csv", content: "/etc/passwd", mode: 0o120777 };
    for (const name of ["archive.zip", "archive.csv", "archive.xlsx"]) {
      await unusable(world, name, zip([{ name: "../../escaped.csv", content: "a,b\n1,2\n" }, link]));
    }
    expect(existsSync(join(world.server.dataDir, "../escaped.csv"))).toBe(false);
  },
  M01: defused,
  M03: defused,
  M06: async (world) => {
    const heard = await trap();
    const image = { type: "image", title: "Image", position: { x: 0, y: 0, w: 6, h: 4 }, text: `http://127.0.0.1:${heard.port}/` };
    const made = await ask(world, "editor", "POST", "/dashboards", { name: "Image", layout: { widgets: [image] } });
    expect([201, 400, 422], made.text).toContain(made.status);
    if (made.status === 201) {
      await ask(world, "editor", "GET", `/dashboards/${made.body.id}/thumbnail`);
      await ask(world, "editor", "GET", `/dashboards/${made.body.id}/thumbnail?dark=true`);
    }
    expect(heard.visits(), "the server fetches nothing that a tile names").toBe(0);
    heard.stop();
  },
  N01: async (world) => void (await closed(world, ["127.0.0.1", "localhost"])),
  N02: async (world) => void (await closed(world, INSIDE)),
  N05: async (world) => void (await closed(world, ["file:///etc/passwd", "gopher://127.0.0.1", "ftp://127.0.0.1", "jar:x", "unix:/var/run/postgresql", "/var/run/postgresql", "postgres://127.0.0.1"])),
  N06: async (world) => {
    for (const extra of [{ sslrootcert: "/etc/passwd" }, { options: "-c log_statement=all" }, { allowLoadLocalInfile: true }, { host: "h2:mem;INIT=RUNSCRIPT" }]) {
      const settings = { host: "db.example.com", port: 5432, database: "x", user: "x", ...extra };
      const said = await ask(world, "administrator", "POST", "/source-tests", { name: "attack", kind: "postgres", settings });
      expect([200, 400, 422, 503], said.text).toContain(said.status);
      expect(said.status === 200 && said.body.ok, said.text).toBe(false);
      expect(whole(said)).not.toContain("root:x:0");
    }
    const odd = { host: "db.example.com", port: 5432, database: "x?sslrootcert=/etc/passwd", user: "x", ca_certificate: "/etc/passwd" };
    expect((await ask(world, "administrator", "POST", "/source-tests", { name: "attack", kind: "postgres", settings: odd })).text).not.toContain("root:x:0");
  },
  N07: async (world) => {
    for (const path of [join(world.server.dataDir, "orrery.sqlite"), "/etc/passwd", "/etc", world.server.dataDir, "/proc/self"]) {
      for (const kind of ["duckdb_file", "folder"]) {
        const said = await ask(world, "administrator", "POST", "/source-tests", { name: "attack", kind, settings: kind === "folder" ? { path, pattern: "*" } : { path } });
        expect([200, 400, 422, 503], said.text).toContain(said.status);
        expect(said.status === 200 && said.body.ok, `${kind} ${path}`).toBe(false);
        expect(whole(said)).not.toContain("root:x:0");
      }
    }
  },
  N08: async (world) => {
    const open = await trap();
    const [there] = await closed(world, ["127.0.0.1"], open.port);
    const [missing] = await closed(world, ["127.0.0.1"], 1);
    expect(there, "an open port is told apart from a closed one").toBe(missing);
    expect(open.visits()).toBe(0);
    open.stop();
  },
  N09: async (world) => void (await closed(world, ["①②⑦.0.0.1", "127。0。0。1", "xn--0-8ja.0.0.1", "localhost.", "LOCALHOST", "ⓛocalhost"])),
  I13: async (world) => {
    const settings = { host: "db.example.com", port: 5432, database: "shop", user: "reader", password: "CANARY-SOURCE-PASSWORD", tls: "disable" };
    const made = await ask(world, "administrator", "POST", "/sources", { name: "Shop", kind: "postgres", settings });
    expect([201, 503], made.text).toContain(made.status);
    expect(whole(made)).not.toContain("CANARY-SOURCE-PASSWORD");
    const list = await ask(world, "administrator", "GET", "/sources");
    expect(whole(list)).not.toContain("CANARY-SOURCE-PASSWORD");
    for (const who of ["viewer", "editor"] as const) {
      for (const path of ["/sources", `/sources/${made.body.id ?? "x"}`]) {
        const said = await ask(world, who, "GET", path);
        expect([403, 404], said.text).toContain(said.status);
        expect(whole(said)).not.toContain("db.example.com");
      }
    }
    const kept = ["orrery.sqlite", "orrery.sqlite-wal"].map((name) => readFileSync(join(world.server.dataDir, name)).toString("latin1")).join("");
    expect(kept.includes("CANARY-SOURCE-PASSWORD"), "encrypted at rest").toBe(false);
  },
  O01: async (world) => {
    for (const name of ["Sales\r\nBcc: all@victim.test", "Sales\nX: y", "Sales\r"]) {
      const alert = { name, subject: { type: "metric", id: "their_orders" }, condition: { type: "above", value: 1 } };
      const said = await ask(world, "outsider", "POST", "/alerts", alert);
      expect([201, 400, 422], said.text).toContain(said.status);
      if (said.status === 201) {
        expect(said.body.name, "kept without line breaks").not.toMatch(/[\r\n]/);
        await ask(world, "outsider", "DELETE", `/alerts/${said.body.id}`);
      }
      const mail = await ask(world, "administrator", "POST", "/mail-tests", { address: "a@b.test\r\nBcc: c@victim.test" });
      expect(mail.status === 200 && mail.body.ok, mail.text).toBe(false);
      expect(mail.status, mail.text).toBeLessThan(504);
    }
  },
  O05: async (world) => {
    const heard = await trap();
    for (const url of [`http://127.0.0.1:${heard.port}/`, "http://169.254.169.254/", "http://[::1]/", "http://localhost/", "file:///etc/passwd", "gopher://127.0.0.1/"]) {
      const made = await ask(world, "administrator", "POST", "/channels", { name: `Hook ${url.length}`, kind: "webhook", url });
      expect([201, 400, 422], made.text).toContain(made.status);
      if (made.status !== 201) continue;
      const tried = await ask(world, "administrator", "POST", `/channels/${made.body.id}/test`);
      expect(tried.status === 200 && tried.body.ok, `${url}: ${tried.text}`).toBe(false);
      await ask(world, "administrator", "DELETE", `/channels/${made.body.id}`);
    }
    expect(heard.visits()).toBe(0);
    heard.stop();
    expect((await ask(world, "editor", "POST", "/channels", { name: "x", kind: "webhook", url: "https://example.com/" })).status).toBe(403);
  },
  O09: async (world) => {
    const subject = { type: "metric", id: "their_orders" };
    for (const check of [{ type: "cron", expression: "* * * * * *" }, { type: "every", seconds: 0 }, "* * * * * *"]) {
      const said = await ask(world, "outsider", "POST", "/alerts", { name: "Bomb", subject, condition: { type: "above", value: 1 }, check });
      expect([400, 422], said.text).toContain(said.status);
    }
  },
  O10: async (world) => {
    for (const value of ["0 OR (SELECT salary FROM hr_salaries)", { $gt: 0 }, [1], true]) {
      const said = await ask(world, "outsider", "POST", "/alerts", { name: "SQL", subject: { type: "metric", id: "their_orders" }, condition: { type: "above", value } });
      expect([400, 422], said.text).toContain(said.status);
    }
  },
  Q01: async (world) => {
    for (const name of readdirSync(world.server.dataDir).filter((name) => /key|secret/.test(name))) {
      expect(statSync(join(world.server.dataDir, name)).mode & 0o077, name).toBe(0);
    }
    await expect(startServer({ args: ["serve"], env: { ORRERY_SECRET_KEY: "secret" } })).rejects.toThrow();
  },
  Q02: async () => {
    const server = await startServer({ args: ["serve"] });
    try {
      for (const [name, password] of [["admin", "admin"], ["administrator", "administrator"], ["root", ""], ["demo", "demo"], ["orrery", "orrery"]]) {
        expect((await signIn(server, name, password, "203.0.113.30")).status).toBe(401);
      }
      expect(server.log()).toMatch(/\/setup\?token=\S{40,}/);
    } finally {
      await server.stop();
    }
  },
  Q04: async (world) => {
    await signIn(world.server, "editor", PASSWORD, "203.0.113.31");
    const log = world.server.log();
    for (const secret of [PASSWORD, ...Object.values(world.tokens), "CANARY-SOURCE-PASSWORD", "orrery_session="]) expect(log.includes(secret)).toBe(false);
  },
  Q06: async (world) => {
    for (const name of readdirSync(world.server.dataDir)) {
      const found = statSync(join(world.server.dataDir, name));
      const secret = /sqlite|key|sock/.test(name);
      if (secret) expect(found.mode & 0o077, `${name} is open to others`).toBe(0);
    }
  },
  Q07: async (world) => {
    for (const path of ["/debug", "/debug/pprof", "/metrics", "/metrics-prometheus", "/api/docs", "/api/v1/openapi.json", "/actuator/env", "/.env", "/server-status"]) {
      const said = await fetch(`${world.server.url}${path}`, { redirect: "manual" });
      expect([303, 307, 401, 404], path).toContain(said.status);
    }
  },
};
