// A real file on its way in: dropped into the page, corrected, loaded, looked at.

import { expect, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, open, token } from "../steps.ts";

let server: Server;
let secret: string;
test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"] });
  secret = token(server);
});
test.afterAll(() => server.stop());

test("a file is previewed, a type corrected, and its rows are there", async ({ page }) => {
  await open(page, `${server.url}/data`);
  await page.getByTestId("file-input").first().setInputFiles("../fixtures/orders.csv");
  await expect(page.getByTestId("column-name-2")).toHaveValue("region", { timeout: 15_000 });
  await page.getByTestId("column-type-0").selectOption("text");
  await expect(page.getByTestId("column-type-0")).toHaveValue("text");
  const name = page.getByTestId("dataset-name");
  const field = (await name.evaluate((e) => e.tagName)) === "INPUT" ? name : name.locator("input");
  await field.fill("shop_orders");
  // While the file is read anew with the corrected type, the button waits too.
  await expect(page.getByTestId("load-button")).not.toHaveAttribute("aria-busy", "true");
  await page.getByTestId("load-button").click();
  await expect(page.getByTestId("dataset-page")).toBeVisible({ timeout: 20_000 });
  const dataset = await api(server, secret, "GET", "/datasets/shop_orders");
  expect(dataset.body.row_count).toBe(300);
  expect(dataset.body.columns[0].type).toBe("text");
});

test("a file that cannot be read says why and leaves nothing", async ({ page }) => {
  await open(page, `${server.url}/data`);
  await page.getByTestId("file-input").first().setInputFiles("../fixtures/bad/binary.csv");
  await expect(page.getByRole("dialog").getByRole("alert").first()).toBeVisible({ timeout: 15_000 });
  const all = await api(server, secret, "GET", "/datasets");
  expect(all.body.items.map((d: { name: string }) => d.name)).not.toContain("binary");
});

test("rows that cannot be read are shown, left out and counted", async ({ page }) => {
  await open(page, `${server.url}/data`);
  await page.getByTestId("file-input").first().setInputFiles("../fixtures/bad/ragged.csv");
  const bad = page.getByTestId("bad-rows");
  await expect(bad.getByRole("listitem").first()).toContainText("Line 5", { timeout: 15_000 });
  const found = await bad.getByRole("listitem").count();
  expect(found).toBeGreaterThan(1);
  // Nothing is left out unless one says so.
  await expect(page.getByTestId("load-button")).toBeDisabled();
  await bad.getByRole("checkbox", { name: /^Skip them/ }).check();
  await expect(page.getByTestId("load-button")).toBeEnabled();
  await expect(page.getByTestId("load-button")).not.toHaveAttribute("aria-busy", "true");
  await page.getByTestId("load-button").click();
  const left = page.getByTestId("left-out");
  await expect(left).toContainText(/rows were left out because they cannot be read/, { timeout: 20_000 });
  await expect(left.getByRole("listitem")).toHaveCount(found);
  await page.getByTestId("load-go-on").click();
  await expect(page.getByTestId("dataset-page")).toBeVisible();
});

test("a sheet of a workbook is chosen", async ({ page }) => {
  await open(page, `${server.url}/data`);
  await page.getByTestId("file-input").first().setInputFiles("../fixtures/inventory.xlsx");
  const sheet = page.getByTestId("upload-options").getByRole("combobox", { name: "Sheet" });
  await expect(sheet).toBeVisible({ timeout: 15_000 });
  const names = await sheet.getByRole("option").allTextContents();
  expect(names.length).toBeGreaterThan(1);
  const before = await page.getByTestId("column-name-0").inputValue();
  await sheet.selectOption(names[1]);
  await expect(page.getByTestId("column-name-0")).not.toHaveValue(before);
  await expect(page.getByTestId("load-button")).toBeEnabled();
  await expect(page.getByTestId("load-button")).not.toHaveAttribute("aria-busy", "true");
  await page.getByTestId("load-button").click();
  await expect(page.getByTestId("dataset-page")).toBeVisible({ timeout: 20_000 });
});
