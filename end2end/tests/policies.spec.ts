// Who sees which rows and columns of a dataset: rules made in the form, tried on somebody before they
// are saved, and then in force.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, load, open, serious, token } from "../steps.ts";

let server: Server;
let secret: string;

const SALES = `region,rep,amount,salary
North,Ada Lovelace,10,111111
South,Bob Marley,20,222222
North,Ada Lovelace,40,333333
West,Cat Stevens,80,444444
`;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "2000"] });
  secret = token(server);
  await load(server, secret, "pay", SALES);
  const kim = { name: "kim", role: "explorer", password: "a long enough password" };
  expect((await api(server, secret, "POST", "/users", kim)).status).toBe(201);
  const patched = await api(server, secret, "PATCH", "/datasets/pay", { is_public: true });
  expect(patched.status).toBe(200);
});
test.afterAll(() => server.stop());

async function access(page: Page): Promise<void> {
  await open(page, `${server.url}/data/pay?tab=access`);
  await expect(page.getByTestId("access-tab")).toBeVisible();
}

/** What Kim sees of it. */
async function kims(): Promise<{ rows: unknown[][]; columns: string[] }> {
  const own = token(server, "kim", "read");
  const answer = await api(server, own, "GET", "/datasets/pay/rows");
  return { rows: answer.body.rows, columns: answer.body.columns.map((c: { name: string }) => c.name) };
}

test("a rule is made, tried on somebody, and saved", async ({ page }) => {
  await access(page);
  expect((await kims()).rows).toHaveLength(4);
  await page.getByTestId("add-row-rule").click();
  const rule = page.getByTestId("row-rule");
  await rule.getByRole("textbox", { name: "Name of the rule" }).fill("Only the north");
  await rule.getByRole("checkbox", { name: "Everyone" }).check();
  await rule.getByRole("combobox", { name: "Add a condition on" }).click();
  await page.getByRole("option", { name: /^Region/ }).click();
  const condition = rule.getByTestId("rule-condition");
  await condition.getByText("North", { exact: true }).click();
  await page.getByTestId("add-column-rule").click();
  const columns = page.getByTestId("column-rule");
  await columns.getByRole("button", { name: /^Columns/ }).click();
  await page.getByText("Salary", { exact: true }).last().click();
  await page.keyboard.press("Escape");
  // Tried: nothing is saved by it.
  await page.getByTestId("trial-user").getByRole("combobox").click();
  await page.getByRole("option", { name: "kim" }).click();
  await expect(page.getByTestId("policy-rows")).toHaveText("kim sees 2 of 4 rows.");
  await expect(page.getByTestId("policy-hidden")).toHaveText("Hidden: salary.");
  await expect(page.getByTestId("policy-sample")).not.toContainText("South");
  await expect(page.getByTestId("policy-plain")).toContainText("South");
  expect((await kims()).rows).toHaveLength(4);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.getByTestId("save-rules").click();
  await expect(page.getByTestId("save-rules")).toBeDisabled();
  const seen = await kims();
  expect(seen.rows).toHaveLength(2);
  expect(seen.columns).not.toContain("salary");
  // Whoever owns it sees all of it.
  expect((await api(server, secret, "GET", "/datasets/pay")).body.row_count).toBe(4);
});

test("what decides is said in sentences", async ({ page }) => {
  await access(page);
  await page.getByTestId("why-user").getByRole("combobox").click();
  await page.getByRole("option", { name: "kim" }).click();
  const reasons = page.getByTestId("access-reasons");
  await expect(reasons).toContainText("kim can see the dataset: view.");
  await expect(reasons).toContainText("Everyone who is signed in may look at the dataset.");
  await expect(reasons).toContainText("The rule “Only the north” lets kim see rows.");
});

test("rules go out as YAML and come in again", async ({ page }) => {
  await access(page);
  await page.getByRole("button", { name: "Edit as YAML" }).click();
  const text = page.getByTestId("policy-yaml");
  await expect(text).toHaveValue(/Only the north/);
  await text.fill("rows:\n- name: Broken\n  audience: {users: [nobody]}\n  filter: {and: []}\n");
  await page.getByTestId("take-yaml").click();
  await expect(page.getByTestId("policy-problems")).toContainText("Line 3: There is no user `nobody`.");
  await text.fill("rows:\n- name: Own region\n  audience: {everyone: true}\n  filter: {column: region, op: in, value: {user: regions}}\n");
  await page.getByTestId("take-yaml").click();
  await expect(page.getByTestId("row-rule").getByRole("textbox", { name: "Name of the rule" })).toHaveValue("Own region");
  await expect(page.getByRole("textbox", { name: "Attribute of the person" })).toHaveValue("regions");
  await page.getByTestId("save-rules").click();
  await expect(page.getByTestId("save-rules")).toBeDisabled();
  // Kim has no such attribute: nothing is seen.
  expect((await kims()).rows).toHaveLength(0);
});

test("on a phone the form has room", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await access(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
});

test("an administrator switches public links off for everybody, and on again", async ({ page }) => {
  const link = await api(server, secret, "POST", "/dashboards/sales-overview/links", { label: "Partners" });
  expect(link.status).toBe(201);
  const opens = async () => (await fetch(`${server.url}${link.body.path}`, { redirect: "manual" })).status;
  expect(await opens()).toBe(303);
  await open(page, `${server.url}/admin?tab=rules`);
  const rule = page.getByTestId("house-rules").getByRole("switch", { name: /^Public and embedded links/ });
  await expect(rule).toBeChecked();
  await rule.click();
  await expect.poll(opens).toBe(410);
  await page.reload();
  await expect(rule).not.toBeChecked();
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await rule.click();
  await expect.poll(opens).toBe(303);
});
