// A socket as a program of an attacker speaks it: any head, any frame, and reading only when it likes.

import { randomBytes } from "node:crypto";
import { createConnection, type Socket } from "node:net";
import { expect } from "@playwright/test";
import { ask, CANARIES, memory, PASSWORD, signIn, type World } from "./world.ts";

type Run = (world: World) => Promise<void>;

export class Wire {
  /** Texts that were heard. */
  readonly heard: string[] = [];
  status = 0;
  close = 0;
  ended = false;
  private bytes = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {
    socket.on("data", (data) => this.read(data));
    socket.on("error", () => socket.destroy());
    socket.on("close", () => (this.ended = true));
  }

  /** Shakes hands; answers once the server has answered. */
  static async open(world: World, headers: Record<string, string>): Promise<Wire> {
    const { hostname, port, host } = new URL(world.server.url);
    const socket = createConnection({ host: hostname, port: Number(port) });
    const wire = new Wire(socket);
    const all = { Host: host, Upgrade: "websocket", Connection: "Upgrade", "Sec-WebSocket-Key": randomBytes(16).toString("base64"), "Sec-WebSocket-Version": "13", ...headers };
    socket.write(`GET /api/v1/live HTTP/1.1\r\n${Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`);
    await expect.poll(() => wire.status > 0 || wire.ended).toBe(true);
    return wire;
  }

  static as(world: World, who: keyof World["tokens"]): Promise<Wire> {
    return Wire.open(world, { Authorization: `Bearer ${world.tokens[who]}` });
  }

  private read(data: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, data]);
    if (this.status === 0) {
      const end = this.bytes.indexOf("\r\n\r\n");
      if (end < 0) return;
      this.status = Number(this.bytes.toString("latin1", 9, 12));
      this.bytes = this.bytes.subarray(end + 4);
    }
    for (;;) {
      if (this.bytes.length < 2) return;
      let [length, from] = [this.bytes[1] & 127, 2];
      if (length === 126) {
        if (this.bytes.length < 4) return;
        [length, from] = [this.bytes.readUInt16BE(2), 4];
      } else if (length === 127) {
        if (this.bytes.length < 10) return;
        [length, from] = [Number(this.bytes.readBigUInt64BE(2)), 10];
      }
      if (this.bytes.length < from + length) return;
      const [opcode, payload] = [this.bytes[0] & 15, this.bytes.subarray(from, from + length)];
      if (opcode === 1) this.heard.push(payload.toString());
      if (opcode === 8 && length >= 2) this.close = payload.readUInt16BE(0);
      if (opcode === 9) this.frame(10, payload);
      this.bytes = this.bytes.subarray(from + length);
    }
  }

  /** Sends a frame; `claimed` is the length that its head names. */
  frame(opcode: number, payload: Buffer, claimed = payload.length, last = true): void {
    const head = Buffer.alloc(14);
    head[0] = (last ? 128 : 0) | opcode;
    head[1] = 128 | 127;
    head.writeBigUInt64BE(BigInt(claimed), 2);
    // A mask of zeros is a mask.
    this.socket.write(Buffer.concat([head, payload]));
  }

  send(message: unknown): void {
    this.frame(1, Buffer.from(JSON.stringify(message)));
  }

  /** Waits for a text with those words. */
  async hears(words: string, timeout = 10_000): Promise<string> {
    await expect.poll(() => this.heard.some((text) => text.includes(words)), { timeout, message: `${words} in ${this.heard.at(-1)}` }).toBe(true);
    return this.heard.findLast((text) => text.includes(words)) as string;
  }

  stopReading(): void {
    this.socket.pause();
  }

  readOn(): void {
    this.socket.resume();
  }

  leave(): void {
    this.socket.destroy();
  }
}

export const SOCKETS: Record<string, Run> = {
  // A right that is taken away, and a rule that is made, hold for pages that are open.
  C43: async (world) => {
    const wire = await Wire.as(world, "viewer");
    const topic = `tile:${world.shared.id}/${world.shared.tile}`;
    wire.send({ sub: topic });
    await wire.hears("Europe");
    const gone = await ask(world, "administrator", "DELETE", `/dashboards/${world.shared.id}/grants/viewer`);
    expect(gone.status).toBe(204);
    try {
      const before = wire.heard.length;
      await append(world, ["Europe"]);
      const late = () => wire.heard.slice(before).filter((text) => text.includes('"rows"') || text.includes("Europe"));
      await expect.poll(() => wire.ended || wire.heard.slice(before).some((text) => text.includes("not_found")), { timeout: 5_000 }).toBe(true);
      expect(late()).toEqual([]);
    } finally {
      wire.leave();
      const again = await ask(world, "administrator", "PUT", `/dashboards/${world.shared.id}/grants/viewer`, { access: "view" });
      expect(again.status).toBe(204);
    }
  },
  J02: async (world) => {
    const { cookie } = await signIn(world.server, "viewer", PASSWORD, "203.0.113.20");
    for (const origin of [{ Origin: "https://evil.test" }, { Origin: "null" }, {}]) {
      const wire = await Wire.open(world, { Cookie: cookie, ...(origin as object) });
      expect(wire.status).toBe(403);
      wire.leave();
    }
    const own = await Wire.open(world, { Cookie: cookie, Origin: world.server.url });
    expect(own.status).toBe(101);
    own.leave();
    const nobody = await Wire.open(world, { Origin: world.server.url });
    expect(nobody.status).toBe(401);
  },
  J03: async (world) => {
    const wire = await Wire.as(world, "viewer");
    const foreign = world.foreign.id;
    for (const sub of [`doc:${foreign}`, `tile:${foreign}/${world.foreign.tile}`, "dataset:secret_orders", "dataset:hr_salaries", "metric:their_orders", `alert:${world.alert}`, "jobs:all", `presence:${foreign}`]) {
      wire.send({ sub });
      const said = await wire.hears(sub);
      expect(said).toMatch(/"code":"(not_found|unknown_dataset)"/);
      expect(said).not.toContain('"data"');
    }
    wire.leave();
  },
  J04: async (world) => {
    const wire = await Wire.as(world, "viewer");
    wire.send({ sub: `tile:${world.shared.id}/${world.shared.tile}` });
    await wire.hears("Europe");
    const before = wire.heard.length;
    await append(world, ["North", "Europe"]);
    await expect.poll(() => wire.heard.slice(before).some((text) => text.includes("Europe"))).toBe(true);
    for (const text of wire.heard) {
      for (const hidden of [...CANARIES, "North", "South"]) expect(text).not.toContain(hidden);
    }
    wire.leave();
  },
  J05: async (world) => {
    const { cookie } = await signIn(world.server, "viewer", PASSWORD, "203.0.113.21");
    const own = { Cookie: cookie, Origin: world.server.url };
    const wire = await Wire.open(world, own);
    expect(wire.status).toBe(101);
    const out = await fetch(`${world.server.url}/logout`, { method: "POST", headers: own, redirect: "manual" });
    expect(out.status).toBe(303);
    await expect.poll(() => wire.ended || wire.close > 0, { timeout: 30_000 }).toBe(true);
  },
  J06: async (world) => {
    const before = memory(world);
    const huge = await Wire.as(world, "viewer");
    huge.frame(1, Buffer.alloc(1024), 64 << 20);
    await expect.poll(() => huge.close || (huge.ended ? 1006 : 0)).toBeGreaterThan(0);
    expect([1009, 1006]).toContain(huge.close || 1006);
    // A message that never ends, in parts.
    const parts = await Wire.as(world, "viewer");
    parts.frame(1, Buffer.alloc(64 << 10, 97), undefined, false);
    for (let i = 0; i < 64 && !parts.ended; i++) {
      parts.frame(0, Buffer.alloc(64 << 10, 97), undefined, false);
      await new Promise((next) => setTimeout(next, 5));
    }
    await expect.poll(() => parts.ended || parts.close > 0).toBe(true);
    expect(memory(world) - before).toBeLessThan(100 << 20);
    huge.leave();
    parts.leave();
  },
  J08: async (world) => {
    const wire = await Wire.as(world, "outsider");
    wire.send({ sub: "metric:their_orders" });
    await wire.hears('"data"');
    const before = memory(world);
    wire.stopReading();
    for (let i = 0; i < 40; i++) {
      const values = Array.from({ length: 100 }, (_, n) => ({ value: i * 100 + n }));
      const said = await ask(world, "outsider", "POST", "/metrics/their_orders/values", values);
      expect(said.status, said.text).toBeLessThan(300);
    }
    expect(memory(world) - before).toBeLessThan(150 << 20);
    wire.readOn();
    // The newest value arrives, or the socket was given up.
    await expect.poll(() => wire.ended || wire.heard.some((text) => text.includes("3999")), { timeout: 15_000 }).toBe(true);
    wire.leave();
  },
  J10: async (world) => {
    const wires: Wire[] = [];
    for (let i = 0; i < 25; i++) wires.push(await Wire.as(world, "viewer"));
    expect(wires.filter((wire) => wire.status === 101).length).toBeLessThanOrEqual(20);
    expect(wires.at(-1)?.status).toBe(429);
    const other = await Wire.as(world, "editor");
    expect(other.status).toBe(101);
    for (const wire of [...wires, other]) wire.leave();
  },
  J11: async (world) => {
    const reader = await Wire.as(world, "administrator");
    const topic = `doc:${world.shared.id}`;
    reader.send({ sub: topic });
    await reader.hears('"data"');
    const heard = reader.heard.length;
    const wire = await Wire.as(world, "viewer");
    const change = { path: "meta/name", before: "Shared", after: "Taken over" };
    for (const op of [{ id: "attack", update: "AAA=", edit: { label: "Rename", changes: [change] } }, { id: "attack", edit: change }, {}]) {
      wire.send({ topic, op });
      const said = await wire.hears(topic);
      expect(said).toContain('"error"');
      expect(said).not.toContain('"ack":"');
    }
    expect((await ask(world, "viewer", "GET", `/dashboards/${world.shared.id}`)).body.name).toBe("Shared");
    expect(reader.heard.slice(heard).filter((text) => text.includes("Taken over"))).toEqual([]);
    wire.leave();
    reader.leave();
  },
};

/** Adds rows to `sales`, and to what others see of it. */
async function append(world: World, regions: string[]): Promise<void> {
  const row = (region: string) => ({ order_date: "2025-03-01", region, product: "Product 1", customer_id: 1001, quantity: 1, amount: 5 });
  const added = await ask(world, "administrator", "POST", "/datasets/sales/rows", regions.map((region) => ({ ...row(region), cost: 1 })));
  expect(added.status, added.text).toBe(200);
  const seen = regions.filter((region) => region === "Europe").map(row);
  expect((await ask(world, "administrator", "POST", "/datasets/sales_seen/rows", seen)).status).toBe(200);
}
