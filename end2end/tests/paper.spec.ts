// Charts on paper are the charts of the screen: for every kind, the texts and the number of marks that
// the browser draws on canvas are those of the SVG that the server draws (crates/export).

import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";

const GALLERY = "../target/paper-gallery/gallery.json";

interface Gallery {
  width: number;
  height: number;
  charts: { name: string; kind: string; option: object; svg: string }[];
}

let server: Server;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "100"] });
});
test.afterAll(() => server.stop());

const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&amp;": "&" };

/** Texts and marks of a drawing as SVG. */
function onPaper(svg: string) {
  const count = (pattern: RegExp) => (svg.match(pattern) ?? []).length;
  const written = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)];
  const texts = written.map((found) => found[1].replace(/&[a-z#0-9]+;/g, (entity) => ENTITIES[entity] ?? entity));
  // The ground is no mark, nor is what only cuts others off.
  const marks = count(/<(path|rect|circle|ellipse|line|polygon|polyline)\b/g) - count(/<clipPath\b/g) - 1;
  return { texts: texts.filter((text) => text.trim()).sort(), marks };
}

test("every kind of chart has the same texts and marks on paper and on the screen", async ({ page }) => {
  expect(existsSync(GALLERY), "make e2e draws it first: cargo nextest run -p export --test gallery").toBe(true);
  const gallery: Gallery = JSON.parse(readFileSync(GALLERY, "utf8"));
  const site = process.env.ORRERY_SITE_DIR ?? "../target/site";
  const script = `/assets/${JSON.parse(readFileSync(`${site}/manifest.json`, "utf8"))["echarts.js"]}`;
  await page.goto(`${server.url}/login`);
  await page.evaluate(async () => {
    await document.fonts.load("12px 'Inter Variable'");
    // ECharts takes the height of a line from the width of this character, for which a machine
    // without a Chinese font has none.
    const { measureText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.measureText = function (text) {
      if (text !== "国") return measureText.call(this, text);
      return { width: Number.parseFloat(/([\d.]+)px/.exec(this.font)?.[1] ?? "12") } as TextMetrics;
    };
  });
  expect(new Set(gallery.charts.map((chart) => chart.kind)).size).toBeGreaterThan(22);
  for (const { name, option, svg } of gallery.charts) {
    const screen = await page.evaluate(
      async ({ script, option, width, height }) => {
        const { mount, onFinished, dispose } = await import(script);
        const place = document.createElement("div");
        place.style.width = `${width}px`;
        place.style.height = `${height}px`;
        document.body.replaceChildren(place);
        const handle = mount(place, JSON.stringify({ ...option, tooltip: undefined }));
        await onFinished(handle);
        const shown = handle.chart.getZr().storage.getDisplayList(true).filter((item) => !item.invisible);
        const texts = shown.filter((item) => item.type === "tspan").map((item) => String(item.style.text));
        const marks = shown.filter((item) => item.type !== "tspan" && item.type !== "text").length;
        dispose(handle);
        return { texts: texts.filter((text: string) => text.trim()).sort(), marks };
      },
      { script, option, width: gallery.width, height: gallery.height },
    );
    const paper = onPaper(svg);
    expect(paper.marks, `marks of ${name}`).toBe(screen.marks);
    // Where a name is cut differs by a letter, as the fonts differ by a hair.
    const cut = paper.texts.filter((text) => text.endsWith("...") && !screen.texts.includes(text));
    const same = paper.texts.filter((text) => !cut.includes(text));
    expect(screen.texts.length, `number of texts of ${name}`).toBe(paper.texts.length);
    expect(screen.texts.filter((text) => !same.includes(text)).length, `texts of ${name}: ${screen.texts}`).toBeLessThanOrEqual(cut.length);
  }
});
