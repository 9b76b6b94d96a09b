// The tree of a drawing as SVG text. ECharts' own writer puts attributes out as they are; here
// nothing that came with the data or an option can end an attribute, open an element, run or load.

const ELEMENTS = new Set([
  "circle", "clipPath", "defs", "ellipse", "feDropShadow", "filter", "g", "line", "linearGradient", "path", "pattern",
  "polygon", "polyline", "radialGradient", "rect", "stop", "svg", "text", "tspan",
]);
// For a pointer, or for a page that takes the drawing over.
const LEFT_OUT = /^(on|ecmeta_|class$|pointer-events$|xlink:href$|href$|xmlns:xlink$|baseProfile$|cursor$)/i;
const NAME = /^[A-Za-z][A-Za-z0-9:-]*$/;
// No XML may hold these, not even escaped.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
const MARKUP = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

// Half of a pair of surrogates is left where a label was cut within one.
export const whole = (text) => text.toWellFormed?.() ?? text;

const escaped = (text) => whole(String(text)).replace(FORBIDDEN, "").replace(/[&<>"']/g, (c) => MARKUP[c]);

// Names begin with a count of the charts drawn before this one.
const named = (value) => (typeof value === "string" ? value.replace(/^(url\(#)?zr\d+-/, "$1chart-") : value);

function attribute([name, value]) {
  if (value === false || value === undefined || value === null || !NAME.test(name) || LEFT_OUT.test(name)) return "";
  const text = String(named(value));
  // The one address there may be is within the drawing.
  if (/url\s*\(/i.test(text) && !/^url\(#chart-[\w-]+\)$/.test(text)) return "";
  return ` ${name}="${value === true ? "" : escaped(text)}"`;
}

/** Writes a node of the drawing, {tag, attrs, children, text}, and what is below it. */
export function written({ tag, attrs, children, text }) {
  if (!ELEMENTS.has(tag)) return "";
  const inside = (text ? escaped(text) : "") + (children ?? []).filter(Boolean).map(written).join("");
  const open = `<${tag}${Object.entries(attrs ?? {}).map(attribute).join("")}`;
  return inside ? `${open}>${inside}</${tag}>` : `${open}/>`;
}
