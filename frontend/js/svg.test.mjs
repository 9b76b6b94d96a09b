import assert from "node:assert/strict";
import { test } from "node:test";
import { written } from "./svg.js";

test("nothing ends an attribute or opens an element", () => {
  const text = written({ tag: "text", attrs: { style: 'font-family:"Inter Variable"', fill: 'red"><script>' }, text: "<b> & 'x'" });
  assert.equal(
    text,
    '<text style="font-family:&quot;Inter Variable&quot;" fill="red&quot;&gt;&lt;script&gt;">&lt;b&gt; &amp; &#39;x&#39;</text>',
  );
});

test("what runs or loads is left out", () => {
  const attrs = { onload: "x()", "xlink:href": "http://x", href: "#a", fill: "url(http://x)", "bad name": 1, stroke: "url(#zr7-g1)" };
  assert.equal(written({ tag: "path", attrs }), '<path stroke="url(#chart-g1)"/>');
  assert.equal(written({ tag: "g", children: [{ tag: "script", text: "x" }, { tag: "image" }, null] }), "<g/>");
});

test("what no XML may hold is left out", () => {
  assert.equal(written({ tag: "text", attrs: {}, text: "a\u0000b\ufffec\ud800" }), `<text>abc${"\ud800".toWellFormed()}</text>`);
});
