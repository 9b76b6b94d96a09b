import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

// The system's Chromium when there is one, else the one that Playwright fetched.
const chromium = "/usr/bin/chromium";

export default defineConfig({
  testDir: "tests",
  // Two at a time pass as well and take two thirds of the time, but a loaded machine makes them wait
  // for each other beyond their limits: `ARGS="--workers=2"` for those who are in a hurry.
  workers: 1,
  // A test that passes at the second try has found something, and the report calls it flaky. On a loaded
  // machine it is no reason to throw everything else away.
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.CI ? [["list"]] : [["list"], ["html", { open: "never" }]],
  use: {
    locale: "en-US",
    timezoneId: "UTC",
    // Without pictures of every step: hundreds of key presses would spend their time on them.
    trace: { mode: "retain-on-failure", screenshots: false, snapshots: false },
    launchOptions: {
      executablePath: existsSync(chromium) ? chromium : undefined,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  projects: [{ name: "desktop", use: { browserName: "chromium", viewport: { width: 1440, height: 900 } } }],
});
