// Updates of a document as a browser sends them (yrs, encoding v1), written by hand: a tab that is
// added, and that is taken away again.

const variable = (n) => {
  const bytes = [];
  while (n >= 0x80) {
    bytes.push((n % 0x80) | 0x80);
    n = Math.floor(n / 0x80);
  }
  return [...bytes, n];
};
const text = (s) => {
  const bytes = [...new TextEncoder().encode(s)];
  return [...variable(bytes.length), ...bytes];
};
const float = (n) => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, n);
  return [...new Uint8Array(view.buffer)];
};
const base64 = (bytes) => Buffer.from(bytes).toString("base64");

/** `tabs/{id}` becomes a tab; `client` has written nothing before. */
export function addTab(client, id, title, order) {
  const value = [118, 2, ...text("title"), 119, ...text(title), ...text("order"), 123, ...float(order)];
  const block = [0x28, 1, ...text("tabs"), ...text(id), 1, ...value];
  return base64([1, 1, ...variable(client), 0, ...block, 0]);
}

/** What `client` wrote with `addTab` is gone again. */
export const removeTab = (client) => base64([0, 1, ...variable(client), 1, 0, 1]);
