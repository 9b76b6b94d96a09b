// Somebody drags over the months of one chart, and the seven others follow.
import { chromium } from "playwright-core";

const executablePath = process.env.ORRERY_BROWSER ?? "/usr/bin/chromium";
const revenue = { column: "amount", agg: "sum", as: "revenue" };
const month = { column: "date", grain: "month" };

const tiles = [
  ["line", "Revenue by month", { dimensions: [month], measures: [revenue] }],
  ["pie", "Revenue by region", { dimensions: [{ column: "region" }], measures: [revenue] }],
  ["bar", "Revenue by product", { dimensions: [{ column: "product" }], measures: [revenue] }],
  ["heatmap", "Region and product", { dimensions: [{ column: "region" }, { column: "product" }], measures: [revenue] }],
  ["number", "Orders", { measures: [{ agg: "count" }] }],
  [
    "bar",
    "Average order by weekday",
    { dimensions: [{ column: "date", grain: "day_of_week" }], measures: [{ column: "amount", agg: "avg" }] },
  ],
  ["row", "Orders by quantity", { dimensions: [{ column: "quantity" }], measures: [{ agg: "count" }] }],
  [
    "table",
    "Products",
    { dimensions: [{ column: "product" }], measures: [revenue, { column: "cost", agg: "sum" }, { agg: "count" }] },
  ],
];

/** The body for `POST /api/v1/dashboards`: all eight tiles fit the window of this bench. */
export const dashboard = {
  name: "Brush",
  slug: "brush",
  layout: {
    kind: "grid",
    widgets: tiles.map(([chart, title, query], i) => ({
      type: chart === "table" ? "table" : "chart",
      chart_type: chart,
      title,
      position: { x: (i % 4) * 3, y: Math.floor(i / 4) * 5, w: 3, h: 5 },
      data_source: { query: { dataset: "sales", ...query } },
    })),
  },
};

/**
 * Drags `times` times over the first chart: `{released, redraws}`, the milliseconds from each release
 * to all tiles drawn, and for each drag how often in a second all of them were drawn anew; and
 * `unfollowed`, the drags after whose release nothing was drawn.
 */
export async function brush(url, times) {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.request.get(url);
    const page = await context.newPage();
    const ready = '[data-testid="dashboard-grid"][data-ready="true"]';
    await page.goto(`${url}/dashboards/${dashboard.slug}`);
    await page.locator(ready).waitFor();
    await page.evaluate((selector) => {
      const grid = document.querySelector('[data-testid="dashboard-grid"]');
      const seen = { at: [], up: 0 };
      globalThis.seen = seen;
      new MutationObserver(() => {
        if (document.querySelector(selector)) seen.at.push(performance.now());
      }).observe(grid, { attributes: true, attributeFilter: ["data-ready"] });
      addEventListener("pointerup", () => (seen.up = performance.now()), true);
    }, ready);
    const canvas = page.locator(".chart-canvas").first();
    const box = await canvas.boundingBox();
    const y = box.y + box.height / 2;
    const released = [];
    const redraws = [];
    for (let i = 0; i < times; i += 1) {
      const from = box.x + box.width * (0.2 + 0.3 * ((i * 7) % 10) / 10);
      const to = box.x + box.width * (0.6 + 0.3 * ((i * 3) % 10) / 10);
      await page.evaluate(() => (globalThis.seen.at = []));
      await page.mouse.move(from, y);
      await page.mouse.down();
      const began = performance.now();
      for (let step = 1; step <= 60; step += 1) {
        await page.mouse.move(from + ((to - from) * step) / 60, y);
        await new Promise((done) => setTimeout(done, 8));
      }
      const seconds = (performance.now() - began) / 1000;
      // Let go at another month than the last that was drawn.
      await page.mouse.move(to + box.width * 0.06, y);
      await page.mouse.up();
      await page.locator(ready).waitFor();
      released.push(
        await page.evaluate(
          (selector) =>
            new Promise((done) => {
              const { seen } = globalThis;
              // Two frames: what a release asks for has begun by then.
              requestAnimationFrame(() =>
                requestAnimationFrame(function look() {
                  if (!document.querySelector(selector)) return void requestAnimationFrame(look);
                  const last = seen.at.at(-1) ?? seen.up;
                  done(last > seen.up ? last - seen.up : null);
                }),
              );
            }),
          ready,
        ),
      );
      const drawn = await page.evaluate(() => globalThis.seen.at.filter((at) => at < globalThis.seen.up).length);
      redraws.push(drawn / seconds);
    }
    // A drag that nothing followed says nothing of how long that takes.
    const followed = (i) => released[i] !== null;
    return {
      released: released.filter((_, i) => followed(i)),
      redraws: redraws.filter((_, i) => followed(i)),
      unfollowed: released.filter((_, i) => !followed(i)).length,
    };
  } finally {
    await browser.close();
  }
}
