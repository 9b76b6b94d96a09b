#!/usr/bin/env node
// Faults: what happens to a real server when things go wrong around it.
//
//     node --experimental-websocket end2end/faults/run.mjs [--seed 1 | --random] [--kills 10]
//         [--overload 5] [--only kills,disk]
//
// Every scene prints one line, and its seed where it fails. `KEEP=1` leaves the folders.

import { backups } from "./backups.mjs";
import { damaged, full, readOnly } from "./disk.mjs";
import { kills } from "./kills.mjs";
import { overload } from "./overload.mjs";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const seed = process.argv.includes("--random") ? Math.floor(Math.random() * 2 ** 31) : Number(option("seed", 1));
const settings = { seed, kills: Number(option("kills", 10)), overload: Number(option("overload", 5)) };
const scenes = { kills, full, readonly: readOnly, damaged, backups, overload };
const chosen = option("only", Object.keys(scenes).join(",")).split(",");

for (const name of chosen) {
  const began = Date.now();
  try {
    const told = await scenes[name](settings);
    console.log(`${name} (${((Date.now() - began) / 1000).toFixed(1)} s): ${told}`);
  } catch (cause) {
    console.error(`${name} failed: ${cause.message}`);
    const again = `--seed ${seed} --kills ${settings.kills} --overload ${settings.overload} --only ${name}`;
    console.error(`again: node --experimental-websocket end2end/faults/run.mjs ${again}`);
    process.exit(1);
  }
}
process.exit(0);
