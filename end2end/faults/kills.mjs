// `kill -9` at seeded moments of a session, also while the server starts. After each, the server is
// started again, must have everything that it acknowledged, and must pass its own check.

import { Server, check, pause, random } from "./server.mjs";
import { newLedger, prepare, sink, verify, verifyDeliveries, work } from "./session.mjs";

export async function kills({ seed, kills }) {
  const dice = random(seed);
  const hook = await sink();
  const server = await Server.of("kills", { env: { ORRERY_WEBHOOK_HOSTS: "127.0.0.1" } });
  server.furnish();
  await server.start();
  const alert = await prepare(server, hook);
  const ledger = newLedger();
  for (let i = 1; i <= kills; i++) {
    const duringStart = i % 5 === 0;
    try {
      const moment = duringStart ? dice.between(5, 600) : dice.between(30, 1_500);
      if (duringStart) {
        await server.kill();
        server.launch();
        await pause(moment);
        await server.kill();
      } else {
        const session = work(server, ledger);
        await pause(moment);
        await server.kill();
        await session;
      }
      // The check reads what is there without a server, and each third time beside one.
      if (i % 3 !== 0) passes(server);
      await server.start();
      if (i % 3 === 0) passes(server);
      await verify(server, ledger);
    } catch (cause) {
      throw new Error(`after kill ${i} of seed ${seed}: ${cause.message}`, { cause });
    }
  }
  const told = await verifyDeliveries(server, hook, alert);
  await server.stop();
  hook.close();
  const { operations, appends, uploads, grants, metrics } = ledger.counts;
  return (
    `${kills} kills: ${operations} operations, ${appends} appends, ${uploads} uploads, ${grants} grants and ` +
    `${metrics} metrics acknowledged, all there; ${told.events} events told in ${told.arrivals} messages`
  );
}

function passes(server) {
  const done = server.cli(["check"]);
  check(done.code === 0, `orrery check: ${done.all}`);
}
