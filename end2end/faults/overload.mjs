// Fifty times more questions than the server can answer: what it cannot answer it refuses at once and
// says when to come back, its memory stays bounded, and a moment later it is as quick as before.

import { Agent, request } from "node:http";
import { Server, check, pause } from "./server.mjs";

const ROWS = 300_000;
const TIMES = 50;
/** Megabytes: what questions may take by default, and as much as half of it for everything else. */
const LIMIT = 1_500;
/** Requests that this program keeps open at most: beyond that it would be the one that is overloaded. */
const OPEN = 800;

let asked = 0;

/** Each question is another one: of equal ones that are asked at once, the server answers one. */
const question = () =>
  JSON.stringify({
    dataset: "many",
    dimensions: [{ column: "group" }],
    measures: [{ agg: "count_distinct", column: "word" }, { agg: "count_distinct", column: "n" }, { agg: "median", column: "n" }],
    filter: { column: "n", op: "ne", value: ++asked },
  });

function ask(server, agent, token) {
  const [began, body] = [performance.now(), question()];
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
    const options = { agent, method: "POST", host: "127.0.0.1", port: server.port, path: "/api/v1/query?fresh=true", headers };
    const end = (status, again) => resolve({ status, again, ms: performance.now() - began });
    const sent = request(options, (answer) => {
      answer.resume();
      answer.once("end", () => end(answer.statusCode, answer.headers["retry-after"]));
      answer.once("error", () => end(0));
    });
    sent.once("error", () => end(0));
    sent.end(body);
  });
}

const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
const times = (answers) => answers.map((a) => a.ms).sort((a, b) => a - b);

export async function overload({ overload: seconds }) {
  const server = (await Server.of("overload")).furnish();
  await server.start();
  const line = (_, i) => `${i},g${i % 50},w${(i * 7919) % 10_007}`;
  check((await server.upload("many", `n,group,word\n${Array.from({ length: ROWS }, line).join("\n")}\n`)).status === 201, "the rows");
  const tokens = [server.token];
  for (let i = 0; i < 3; i++) tokens.push((await server.must(201, "POST", "me/tokens", { label: `t${i}`, scope: "write" })).secret);
  const agent = new Agent({ keepAlive: true, maxSockets: OPEN });
  // What it answers when nobody asks too much.
  const alone = [];
  const end = performance.now() + 2_000;
  const asking = async (token) => {
    while (performance.now() < end) alone.push(await ask(server, agent, token));
  };
  await Promise.all([...tokens, ...tokens].map(asking));
  check(alone.every((a) => a.status === 200), "a quiet server refuses");
  const rate = alone.length / 2;
  const usual = quantile(times(alone), 0.5);

  const before = server.memory();
  let [peak, open, sent, late] = [before, 0, 0, 0];
  const answers = [];
  const began = performance.now();
  for (let tick = 0; performance.now() < began + seconds * 1_000; tick++) {
    const due = Math.floor(((performance.now() - began) / 1_000) * rate * TIMES);
    for (; sent < due; sent++) {
      if (open >= OPEN) {
        late++;
        continue;
      }
      open++;
      void ask(server, agent, tokens[sent % tokens.length]).then((answer) => (open--, answers.push(answer)));
    }
    if (tick % 10 === 0) peak = Math.max(peak, server.memory());
    await pause(5);
  }
  const stopped = performance.now();
  // Back to normal: one question after another takes as long as it did beside the others before.
  let recovered;
  for (let quick = 0; quick < 3; ) {
    const answer = await ask(server, agent, tokens[0]);
    quick = answer.status === 200 && answer.ms < Math.max(2 * usual, 100) ? quick + 1 : 0;
    recovered = performance.now() - stopped;
    check(recovered < 10_000, `10 s after the overload a question takes ${answer.ms.toFixed(0)} ms (${answer.status})`);
  }
  while (open > 0 && performance.now() < stopped + 60_000) await pause(20);
  peak = Math.max(peak, server.memory());
  agent.destroy();
  const count = (...statuses) => answers.filter((a) => statuses.includes(a.status)).length;
  const refused = answers.filter((a) => a.status === 429 || a.status === 503);
  const strange = answers.filter((a) => ![200, 429, 503].includes(a.status));
  check(refused.length > answers.length / 2, `only ${refused.length} of ${answers.length} were refused: that was no overload`);
  check(strange.length <= answers.length / 1_000, `${strange.length} of ${answers.length} got ${strange[0]?.status || "no answer"}`);
  check(refused.every((a) => Number(a.again) > 0), "a refusal does not say when to come back");
  // This program and an unoptimised server share the cores, which the first burst shows.
  const [quick, slow] = [0.5, 0.95].map((share) => quantile(times(refused), share));
  check(quick < 500 && slow < 10_000, `refusals take ${quick.toFixed(0)} ms, ${slow.toFixed(0)} ms at the 95th percentile`);
  check(peak < LIMIT, `memory went from ${before.toFixed(0)} to ${peak.toFixed(0)} MB`);
  const good = answers.filter((a) => a.status === 200);
  await server.stop();
  return (
    `${rate.toFixed(0)} questions/s are answered; at ${((sent - late) / seconds).toFixed(0)}/s for ${seconds} s ` +
    `${count(200)} were answered (p95 ${quantile(times(good), 0.95).toFixed(0)} ms) and ${refused.length} refused ` +
    `(429: ${count(429)}, p50 ${quick.toFixed(0)} ms, p95 ${slow.toFixed(0)} ms); memory ${before.toFixed(0)} MB, ` +
    `at most ${peak.toFixed(0)} MB; normal after ${(recovered / 1_000).toFixed(1)} s` +
    (late ? `; ${late} were not sent, this program could not keep more open` : "")
  );
}
