// The model of a dataset, made by a person: columns worked out from others, measures, hierarchies,
// relationships, other words; and that everything else then uses it. Its history, and YAML both ways.

import { readFileSync } from "node:fs";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;

/** Loads a small table. */
async function load(name: string, csv: string): Promise<void> {
  const form = new FormData();
  form.set("file", new Blob([csv]), `${name}.csv`);
  form.set("name", name);
  const headers = { Authorization: `Bearer ${secret}` };
  const loaded = await fetch(`${server.url}/api/v1/datasets`, { method: "POST", headers, body: form });
  expect(loaded.status, await loaded.text()).toBe(201);
}

const SHOPS = `shop_id,country,region,city,sales,cost
1,Norway,East,Oslo,100,60
2,Norway,East,Moss,50,40
3,Norway,West,Bergen,80,30
4,Italy,North,Milan,200,150
5,Italy,South,Naples,120,20
`;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "2000"] });
  secret = token(server);
  await load("shops", SHOPS);
  await load("visits", "visit,shop_id,visitors\n1,1,10\n2,1,20\n3,2,5\n4,3,7\n5,4,9\n6,5,11\n");
});
test.afterAll(() => server.stop());

/** Opens a part of a dataset's model. */
async function model(page: Page, dataset: string, part = "calculated"): Promise<Locator> {
  await open(page, `${server.url}/data/${dataset}?tab=model${part === "calculated" ? "" : `&part=${part}`}`);
  const found = page.getByTestId("model").locator(`[data-part=${part}]`);
  await expect(found).toBeVisible();
  return found;
}

const stored = async (dataset: string) => (await api(server, secret, "GET", `/datasets/${dataset}/model`)).body;

/** Waits until the present question of Explore has its answer. */
async function answered(page: Page): Promise<void> {
  await expect(page.getByTestId("explore-shown")).not.toHaveAttribute("aria-busy", "true");
  await expect(page.getByTestId("explore-meta")).toContainText("row");
}

/** Opens Explore with a dataset; its first question has been answered. */
async function explore(page: Page, label: string): Promise<void> {
  await open(page, `${server.url}/explore`);
  await page.getByRole("combobox", { name: "Dataset", exact: true }).click();
  await page.getByRole("option", { name: new RegExp(`^${label}`) }).first().click();
  await answered(page);
}

const question = (page: Page) => JSON.parse(new URL(page.url()).searchParams.get("q") ?? "null");

const field = (page: Page, name: string) =>
  page.getByTestId("available-columns").getByRole("button", { name: new RegExp(`^${name} ?, `) });

test("a calculated column is written with what is offered, and is used like any other", async ({ page }) => {
  const part = await model(page, "shops");
  await expect(part).toContainText("No calculated columns yet");
  await part.getByTestId("add-calculated").click();
  const form = page.getByTestId("calculated-form");
  await form.getByLabel("Label").fill("Profit");
  await expect(form.getByLabel("Name", { exact: true })).toHaveValue("profit");

  // What fits is offered as one types; arrows choose, Enter takes, Escape closes the list alone.
  const text = form.getByRole("textbox", { name: "Expression" });
  const offers = page.getByTestId("offers").getByRole("option");
  await text.pressSequentially("sal");
  await expect(offers.first()).toContainText("sales");
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue("sales");
  await expect(offers).toHaveCount(0);
  await text.pressSequentially(" - co");
  await expect(offers.first()).toContainText("country");
  await page.keyboard.press("ArrowDown");
  await expect(offers.nth(1)).toContainText("cost");
  await expect(offers.nth(1)).toHaveClass(/is-active/);
  await page.keyboard.press("Escape");
  await expect(offers).toHaveCount(0);
  await expect(form).toBeVisible();
  await page.keyboard.press("Control+Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue("sales - cost");

  // The type, and the first values beside what they are made of.
  await expect(form.getByTestId("expression-type")).toHaveText("integer");
  const first = form.getByTestId("expression-preview").getByRole("row").nth(1).getByRole("cell");
  await expect(first).toHaveText(["100", "60", "40"]);

  // What is wrong is said, and marked where it is.
  await text.fill("sales - costt");
  await expect(form.getByRole("alert")).toContainText("`costt`");
  await expect(form.getByRole("alert")).toContainText("Did you mean `cost`?");
  await expect(form.locator("mark.wrong")).toHaveText("costt");
  await expect(form.getByRole("button", { name: "Save column" })).toBeDisabled();

  // Another tab and back: what was written is there still.
  await page.getByRole("tab", { name: "Profile" }).click();
  await page.getByRole("tab", { name: "Model" }).click();
  await expect(text).toHaveValue("sales - costt");

  // A function is explained while its arguments are written.
  await text.fill("");
  await text.pressSequentially("rou");
  await expect(page.getByTestId("offers")).toContainText("Rounded");
  await page.keyboard.press("Enter");
  await expect(text).toHaveValue("round()");
  await expect(form.locator(".expression-help")).toContainText("round(number, digits)");
  await text.pressSequentially("sales - cost");
  await expect(text).toHaveValue("round(sales - cost)");
  await expect(form.getByTestId("expression-type")).toBeVisible();
  await form.getByRole("combobox", { name: "Format" }).selectOption({ label: "Currency, EUR" });
  await form.getByRole("button", { name: "Save column" }).click();
  await expect(form).toBeHidden();
  await expect(part.getByTestId("calculated-row")).toContainText("round(sales - cost)");
  expect((await stored("shops")).calculated).toMatchObject([{ name: "profit", label: "Profit", expression: "round(sales - cost)" }]);

  // In Explore it is a field, and can be filtered by.
  await explore(page, "Shops");
  await field(page, "Profit").click();
  await expect.poll(() => question(page).measures.some((m: { column?: string }) => m.column === "profit")).toBe(true);
  await answered(page);
  const filters = page.getByTestId("step-filter");
  await filters.getByRole("combobox").first().click();
  await expect(page.getByRole("option", { name: "Profit" })).toBeVisible();
});

test("deleting a column first says what uses it", async ({ page }) => {
  const part = await model(page, "sales");
  // The margin rate is made of the margin.
  await part.getByRole("button", { name: "Delete Margin", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByTestId("uses")).toContainText("Margin rate");
  await expect(dialog.getByRole("button", { name: "Delete column" })).toBeDisabled();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await part.getByRole("button", { name: "Delete Margin rate" }).click();
  await expect(dialog.getByRole("button", { name: "Delete column" })).toBeEnabled();
  await dialog.getByRole("button", { name: "Delete column" }).click();
  await expect(part.getByTestId("calculated-row")).toHaveCount(1);
});

test("a measure with a condition is used by its name", async ({ page }) => {
  const part = await model(page, "shops", "measures");
  await part.getByTestId("add-measure").click();
  const form = page.getByTestId("metric-form");
  await form.getByLabel("Name").fill("Norwegian sales");
  await form.getByLabel("Calculation").selectOption({ label: "Sum" });
  await form.getByLabel("Column").selectOption({ label: "Sales" });
  await form.getByLabel("Unit").fill("kr");
  await form.getByLabel("Good news").selectOption({ label: "Up is good" });
  await form.getByRole("combobox", { name: "Only rows where" }).click();
  await page.getByRole("option", { name: "Country text" }).click();
  await form.getByText("Norway", { exact: true }).click();
  await form.getByRole("button", { name: "Make metric" }).click();
  await expect(form).toBeHidden();
  const row = part.getByTestId("measure-row");
  await expect(row).toContainText("Norwegian sales");
  await expect(row).toContainText("Sum of Sales, where Country is Norway");

  await explore(page, "Shops");
  await field(page, "Norwegian sales").click();
  await expect
    .poll(() => question(page).measures.some((m: { metric?: string }) => m.metric === "norwegian_sales"))
    .toBe(true);
  await answered(page);
  await expect(page.getByTestId("explore-meta")).toContainText("row");
});

/** Drags an element onto another with a real mouse. */
async function drag(page: Page, what: Locator, to: Locator, down = 0.5): Promise<void> {
  await what.scrollIntoViewIfNeeded();
  const [a, b] = [(await what.boundingBox())!, (await to.boundingBox())!];
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(a.x + a.width / 2 + 8, a.y + a.height / 2 + 8);
  await page.mouse.move(b.x + b.width / 2, b.y + b.height * down, { steps: 6 });
  await page.mouse.up();
}

test("a hierarchy is made by mouse and by keyboard, and charts drill along it", async ({ page }) => {
  const part = await model(page, "shops", "hierarchies");
  const columns = part.getByTestId("hierarchy-columns");
  const column = (name: string) => columns.locator(`[data-column=${name}]`);
  await drag(page, column("country"), part.getByTestId("new-hierarchy"));
  const made = part.getByTestId("hierarchy");
  await expect(made).toHaveCount(1);
  await expect(made).toContainText("Add a second level");
  await drag(page, column("city"), made.locator("[data-list]"), 0.95);
  await expect(made.locator("[data-column]")).toHaveText(["Country", "City"]);

  // The level between them, by keyboard: it is read out on the way.
  await column("region").focus();
  await page.keyboard.press("Enter");
  const said = part.getByTestId("announcer");
  await expect(said).toContainText("Region picked up");
  await page.keyboard.press("ArrowRight");
  await expect(said).toContainText("Country to City, place 3 of 3");
  await page.keyboard.press("ArrowUp");
  await expect(said).toContainText("Country to City, place 2 of 3");
  await page.keyboard.press("Enter");
  await expect(made.locator("[data-column]")).toHaveText(["Country", "Region", "City"]);
  await expect.poll(async () => (await stored("shops")).hierarchies?.[0]?.columns).toEqual(["country", "region", "city"]);
  // Escape leaves everything where it was; Alt and an arrow move one place.
  const level = (name: string) => made.locator(`[data-column=${name}]`);
  await level("city").focus();
  await page.keyboard.press("Enter");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Escape");
  await expect(made.locator("[data-column]")).toHaveText(["Country", "Region", "City"]);
  await page.keyboard.press("Alt+ArrowUp");
  await expect(made.locator("[data-column]")).toHaveText(["Country", "City", "Region"]);
  await expect(level("city")).toBeFocused();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(made.locator("[data-column]")).toHaveText(["Country", "Region", "City"]);
  const name = made.getByLabel(/^Name of the hierarchy/);
  await name.fill("Place");
  await name.press("Enter");
  await expect.poll(async () => (await stored("shops")).hierarchies?.[0]).toMatchObject({
    name: "Place",
    columns: ["country", "region", "city"],
  });

  // A chart by country goes down along it.
  const query = { dataset: "shops", dimensions: [{ column: "country" }], measures: [{ agg: "sum", column: "sales" }] };
  const board = await api(server, secret, "POST", "/dashboards", {
    name: "Shops",
    layout: {
      widgets: [
        { id: "c", type: "chart", chart_type: "bar", title: "Countries", position: { x: 0, y: 0, w: 8, h: 6 }, data_source: { query } },
      ],
    },
  });
  expect(board.status).toBe(201);
  await open(page, `${server.url}/dashboards/${board.body.slug}`);
  await drawn(page);
  const tile = page.getByRole("group", { name: "Countries", exact: true });
  const down = async (to: string) => {
    const canvas = tile.locator(".chart-canvas");
    const box = (await canvas.boundingBox())!;
    await canvas.click({ button: "right", position: { x: box.width * 0.3, y: box.height * 0.8 } });
    await page.getByTestId("mark-menu").getByRole("menuitem", { name: to, exact: true }).click();
    await drawn(page);
  };
  await down("Region");
  const trail = tile.getByTestId("drill-trail");
  await expect(trail).toContainText(/Country is \w+, by region/);
  await down("City");
  await expect(trail.getByRole("listitem")).toHaveCount(2);
});

test("a relationship is suggested with reasons, accepted, and joins in Explore", async ({ page }) => {
  const part = await model(page, "visits", "relationships");
  const suggestion = part.getByTestId("suggestion").and(part.locator("[data-name=shops]"));
  await expect(suggestion).toContainText("shop_id = shop_id");
  await expect(suggestion).toContainText("(integer)");
  await expect(suggestion).toContainText("100 % of the values found");
  await expect(suggestion).toContainText("One row there for each here");
  await suggestion.getByRole("button", { name: "Accept" }).click();
  await expect(part.getByTestId("relationship")).toContainText("Shops");
  await expect(suggestion).toHaveCount(0);
  expect((await stored("visits")).relationships).toMatchObject([{ dataset: "shops", on: [["shop_id", "shop_id"]] }]);

  // By hand, under a name of its own; then it goes again.
  await part.getByTestId("add-relationship").click();
  const form = page.getByTestId("relationship-form");
  await form.getByRole("combobox", { name: "Dataset" }).click();
  await page.getByRole("option", { name: /^Shops/ }).click();
  await expect(form.getByLabel("Column there")).toHaveValue("shop_id");
  await form.getByRole("button", { name: "Save relationship" }).click();
  await expect(form.getByRole("alert")).toContainText("Two relationships are called `shops`");
  await form.getByLabel("Name").fill("place");
  await form.getByRole("button", { name: "Save relationship" }).click();
  await expect(part.getByTestId("relationship")).toHaveCount(2);
  await part.getByRole("button", { name: "Remove the relationship with place" }).click();
  await expect(part.getByTestId("relationship")).toHaveCount(1);

  await explore(page, "Visits");
  const join = page.getByTestId("step-join");
  if ((await join.locator(".step-fold").getAttribute("aria-expanded")) === "false") await join.locator(".step-fold").click();
  await join.getByTestId("join-suggestion").filter({ hasText: "Shops" }).click();
  await expect.poll(() => question(page).joins?.length).toBe(1);
  await field(page, "Country \\(Shops\\)").click();
  await answered(page);
  expect(question(page).dimensions.map((d: { column: string }) => d.column)).toContain("shops.country");
});

test("other words for a column find it", async ({ page }) => {
  const part = await model(page, "shops", "synonyms");
  const row = part.getByTestId("synonym-row").and(part.locator("[data-name=sales]"));
  const box = row.getByRole("textbox", { name: "Add a synonym of Sales" });
  await box.fill("turnover");
  await box.press("Enter");
  await expect(row.getByRole("button", { name: "Remove turnover" })).toBeVisible();
  // A word can mean one column only: what was typed is there again.
  const other = part.getByTestId("synonym-row").and(part.locator("[data-name=cost]"));
  const second = other.getByRole("textbox");
  await second.fill("Turnover");
  await second.press("Enter");
  await expect(other.getByRole("alert")).toContainText("cannot mean both");
  await expect(second).toHaveValue("Turnover");
  await second.fill("");
  await box.fill("income");
  await box.press("Enter");
  await row.getByRole("button", { name: "Remove turnover" }).click();
  await expect.poll(async () => (await stored("shops")).synonyms).toEqual({ sales: ["income"] });
});

test("YAML goes out and in again, errors by line; the history leads back", async ({ page }) => {
  await load("parcels", "parcel,weight,price\n1,2.5,10\n2,1.5,8\n");
  const part = await model(page, "parcels", "yaml");
  const box = part.getByTestId("model-yaml");
  await box.fill("calculated:\n- name: rate\n  expression: price / weigth\nsynonyms:\n  price: [fee]\n");
  const problems = part.getByTestId("import-problems");
  await expect(problems).toContainText("Line 3:");
  await expect(problems).toContainText("weight");
  await expect(part.getByRole("button", { name: "Import" })).toBeDisabled();
  await box.fill("calculated:\n- name: rate\n  expresion: 1\n");
  await expect(problems).toContainText("Line 3:");
  await box.fill("calculated:\n- name: rate\n  expression: price / weight\nsynonyms:\n  price: [fee]\n");
  const preview = part.getByTestId("import-changes");
  await expect(preview).toContainText("Calculated column rate added");
  await expect(preview).toContainText("Synonyms of price added");
  await part.getByRole("button", { name: "Import" }).click();
  await expect(box).toHaveValue("");
  expect((await stored("parcels")).calculated).toHaveLength(1);

  // Out, changed by hand, in again as a file.
  const downloaded = page.waitForEvent("download");
  await part.getByTestId("model-download").click();
  const download = await downloaded;
  expect(download.suggestedFilename()).toBe("parcels.model.yaml");
  const text = readFileSync(await download.path(), "utf8");
  expect(text).toContain("expression: price / weight");
  await part.getByTestId("model-file").setInputFiles({
    name: "parcels.model.yaml",
    mimeType: "application/yaml",
    buffer: Buffer.from(text.replace("price / weight", "price / weight / 2")),
  });
  await expect(preview).toContainText("expression “price / weight / 2”, before “price / weight”");
  await part.getByRole("button", { name: "Import" }).click();
  await expect(box).toHaveValue("");

  await page.getByRole("radio", { name: "History" }).check({ force: true });
  const versions = page.getByTestId("model-version");
  await expect(versions).toHaveCount(2);
  await expect(versions.first()).toContainText("before “price / weight”");
  await expect(versions.first()).toContainText("demo");
  await versions.last().getByRole("button", { name: "Restore…" }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog).toContainText("expression “price / weight”, before “price / weight / 2”");
  await dialog.getByRole("button", { name: "Restore", exact: true }).click();
  await expect(versions).toHaveCount(3);
  expect((await stored("parcels")).calculated[0].expression).toBe("price / weight");
});

test("what two people change at once is kept, and who changed the same part is told", async ({ page }) => {
  await load("boxes", "box,width,height\n1,2,3\n");
  const part = await model(page, "boxes", "synonyms");
  const row = part.getByTestId("synonym-row").and(part.locator("[data-name=width]"));
  await row.getByRole("textbox").fill("breadth");
  // Meanwhile somebody else adds a column.
  const put = (body: object) => api(server, secret, "PUT", "/datasets/boxes/model", body);
  const area = { name: "area", expression: "width * height" };
  expect((await put({ calculated: [area] })).status).toBe(200);
  await row.getByRole("textbox").press("Enter");
  await expect(row.getByRole("button", { name: "Remove breadth" })).toBeVisible();
  await expect.poll(async () => await stored("boxes")).toMatchObject({ calculated: [area], synonyms: { width: ["breadth"] } });

  // The same column: what was written stays in the form, and is saved by who still wants it.
  const columns = await model(page, "boxes");
  await columns.getByRole("button", { name: "Edit Area" }).click();
  const form = page.getByTestId("calculated-form");
  const text = form.getByRole("textbox", { name: "Expression" });
  await text.fill("width * height * 2");
  expect((await put({ calculated: [{ ...area, expression: "width * height * 3" }] })).status).toBe(200);
  await expect(form.getByTestId("expression-type")).toBeVisible();
  await form.getByRole("button", { name: "Save column" }).click();
  await expect(form.getByRole("alert").first()).toContainText("Somebody else changed this");
  await expect(text).toHaveValue("width * height * 2");
  await expect(columns.getByTestId("calculated-row")).toContainText("width * height * 3");
  await form.getByRole("button", { name: "Save column" }).click();
  await expect(form).toBeHidden();
  expect((await stored("boxes")).calculated[0].expression).toBe("width * height * 2");
});

for (const part of ["calculated", "measures", "hierarchies", "relationships", "synonyms", "history", "yaml"]) {
  test(`the ${part} of a model are fit for all`, async ({ page }) => {
    const problems: string[] = [];
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
    const shown = await model(page, "flights", part);
    if (part === "calculated") {
      await shown.getByRole("button", { name: "Edit Late" }).click();
      await expect(page.getByTestId("expression-type")).toBeVisible();
    }
    if (part === "relationships") await expect(shown.getByTestId("relationship")).toHaveCount(5);
    await page.evaluate(() => Promise.all(document.getAnimations().map((a) => a.finished.catch(() => null))));
    const axe = await new AxeBuilder({ page }).analyze();
    expect(serious(axe.violations), part).toEqual([]);
    expect(problems).toEqual([]);
  });
}

test("the model on a phone, in the dark", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  for (const part of ["calculated", "hierarchies", "relationships", "yaml"]) {
    await model(page, "flights", part);
    await turnDark(page);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, `${part} scrolls sideways on a phone`).toBeLessThanOrEqual(0);
    const dark = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
    expect(serious(dark.violations), part).toEqual([]);
  }
});
