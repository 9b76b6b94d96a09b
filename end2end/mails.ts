// A mail server that keeps what it takes.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { homedir } from "node:os";
import { createInterface } from "node:readline";
import { until } from "./server.ts";

export interface Mails {
  port: string;
  /** Waits for the newest mail to an address that has `words` in it; returns its text. */
  to(address: string, words: string): Promise<string>;
  stop(): void;
}

export async function startMails(): Promise<Mails> {
  const cache = process.env.ORRERY_CACHE ?? `${homedir()}/.cache/orrery`;
  const sink = spawn(`${cache}/venv/bin/python`, ["../scripts/mail_sink.py"], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: sink.stdout! });
  const [port] = await once(lines, "line");
  const taken: { to: string[]; text: string }[] = [];
  lines.on("line", (line) => {
    const { to, data } = JSON.parse(line) as { to: string[]; data: string };
    // Quoted-printable, as far as links need it.
    taken.push({ to, text: data.replace(/=\r?\n/g, "").replaceAll("=3D", "=") });
  });
  return {
    port,
    to: async (address, words) => {
      const find = () => taken.findLast((mail) => mail.to[0] === address && mail.text.includes(words));
      await until(async () => find() !== undefined, 15_000, () => `no mail to ${address} about “${words}”`);
      return find()!.text;
    },
    stop: () => void sink.kill(),
  };
}

/** The link in a mail that leads to this path. */
export function linkIn(text: string, path: string): string {
  const found = new RegExp(`https?://[^\\s"]+${path}\\?token=[\\w-]+`).exec(text)?.[0];
  if (!found) throw new Error(`no link to ${path} in ${text}`);
  return found;
}
