// A cold browser opens the dashboard: bytes, requests and time until all tiles are drawn.
import { chromium } from "playwright-core";

const executablePath = process.env.ORRERY_BROWSER ?? "/usr/bin/chromium";

/** Loads the page once in a new browser profile: `{paint, drawn, kilobytes, requests}`, times in ms. */
async function once(url, slug) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 2400 } });
    // The demo signs in on the first visit; what counts is the dashboard.
    await context.request.get(url);
    const page = await context.newPage();
    const wire = await context.newCDPSession(page);
    await wire.send("Network.enable");
    let bytes = 0;
    let requests = 0;
    wire.on("Network.loadingFinished", (event) => {
      bytes += event.encodedDataLength;
      requests += 1;
    });
    for (const frame of ["Network.webSocketFrameReceived", "Network.webSocketFrameSent"]) {
      wire.on(frame, ({ response }) => (bytes += response.payloadData.length));
    }
    await page.goto(`${url}/dashboards/${slug}`, { waitUntil: "commit" });
    const ready = '[data-testid="dashboard-grid"][data-ready="true"]';
    const drawn = await page.evaluate(
      (selector) =>
        new Promise((done) => {
          const look = () => (document.querySelector(selector) ? done(performance.now()) : setTimeout(look, 4));
          look();
        }),
      ready,
    );
    const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
    await page.waitForLoadState("networkidle");
    return { paint, drawn, kilobytes: bytes / 1000, requests };
  } finally {
    await browser.close();
  }
}

/** The median of some loads. */
export async function load(url, slug, runs = 5) {
  const all = [];
  for (let i = 0; i < runs; i += 1) all.push(await once(url, slug));
  const median = (key) => all.map((run) => run[key]).sort((a, b) => a - b)[Math.floor(runs / 2)];
  return { paint: median("paint"), drawn: median("drawn"), kilobytes: median("kilobytes"), requests: median("requests") };
}
