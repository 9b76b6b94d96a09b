// A person asks in words: an answer that can be taken apart and asked on, a choice where two things may
// be meant, a word that is taught, a phone, and a language model that may only propose.

import { createServer, type Server as Http } from "node:http";
import type { AddressInfo } from "node:net";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type Server, startServer } from "../server.ts";
import { api, drawn, load, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let secret: string;

const PRICES = `city,gross_price,net_price
Oslo,120,100
Oslo,60,50
Rome,36,30
`;

test.beforeAll(async () => {
  server = await startServer({ args: ["demo", "--rows", "5000"], env: { ORRERY_WEBHOOK_HOSTS: "127.0.0.1" } });
  secret = token(server);
  await load(server, secret, "tickets", PRICES);
});
test.afterAll(() => server.stop());

/** Says something in the box of the page. */
async function say(page: Page, words: string): Promise<void> {
  await page.getByTestId("ask-box").fill(words);
  await page.getByTestId("ask-box").press("Enter");
}

/** Waits until the present question has its answer on the screen. */
async function answered(page: Page): Promise<void> {
  await expect(page.getByTestId("ask-result")).toBeVisible({ timeout: 20_000 });
  await expect(page.getByTestId("ask-shown")).not.toHaveAttribute("aria-busy", "true", { timeout: 20_000 });
  await expect(page.getByTestId("ask-chart")).toBeVisible();
}

/** The question that the address holds, once a part of it was changed. */
const question = (page: Page) => JSON.parse(new URL(page.url()).searchParams.get("query") ?? "null");

test("a question in the frame is answered, and asked on", async ({ page }) => {
  test.setTimeout(60_000);
  await open(page, `${server.url}/dashboards`);
  await page.keyboard.press("/");
  await expect(page.getByTestId("ask-box")).toBeFocused();
  await say(page, "total amount by region");
  await expect(page).toHaveURL(/\/ask\?q=/);
  await answered(page);
  await expect(page.getByTestId("ask-answer")).toHaveAttribute("data-outcome", "answer");
  await expect(page.getByTestId("ask-sentence")).toContainText(/amount/i);
  await expect(page.getByTestId("ask-sentence")).toContainText(/\d/);
  await expect(page.getByTestId("ask-chips")).toContainText("Sales Data");
  await expect(page.getByTestId("ask-chips")).toContainText(/By region/i);
  const first = await page.getByTestId("ask-shown").getAttribute("data-kind");

  await say(page, "as a pie");
  await expect(page.getByTestId("ask-shown")).toHaveAttribute("data-kind", "pie");
  await answered(page);
  await expect(page.getByTestId("ask-trail")).toContainText("total amount by region");
  await page.goBack();
  await expect(page.getByTestId("ask-shown")).toHaveAttribute("data-kind", first ?? "");
  await page.goForward();
  await expect(page.getByTestId("ask-shown")).toHaveAttribute("data-kind", "pie");
  // The address holds the conversation.
  await page.reload();
  await answered(page);
  await expect(page.getByTestId("ask-shown")).toHaveAttribute("data-kind", "pie");
  await page.getByRole("button", { name: "History" }).click();
  await expect(page.getByTestId("ask-history").getByRole("listitem")).toHaveCount(2);
});

test("the question is edited as chips, explored, and put on a dashboard", async ({ page }) => {
  test.setTimeout(60_000);
  await open(page, `${server.url}/ask?q=${encodeURIComponent("total amount by product in west")}`);
  await answered(page);
  const filter = page.locator('[data-part="filter"]');
  await expect(filter).toContainText("West");
  // Another value, in the editor that filters have everywhere.
  await filter.getByRole("button").first().click();
  await filter.getByText("East", { exact: true }).click();
  await expect.poll(() => JSON.stringify(question(page)?.filter)).toContain("East");
  await page.keyboard.press("Escape");
  await filter.getByRole("button", { name: /^Remove/ }).click();
  await expect.poll(() => question(page)?.filter ?? null).toBeNull();
  await answered(page);
  await page.locator('[data-part="chart"]').getByRole("button").first().click();
  await page.getByTestId("kind-picker").locator('[data-kind="pie"]').click();
  await expect(page.getByTestId("ask-shown")).toHaveAttribute("data-kind", "pie");
  await page.keyboard.press("Escape");

  await page.getByTestId("add-to-dashboard").getByRole("button").click();
  const form = page.getByTestId("add-to-dashboard-form");
  await form.getByRole("textbox", { name: "Name of the dashboard" }).fill("Asked");
  await form.getByRole("button", { name: "Add chart" }).click();
  await expect(page.getByRole("region", { name: "Messages" }).getByText("Chart added")).toBeVisible();
  await open(page, `${server.url}/dashboards/asked`);
  await drawn(page);

  // What stands on a dashboard is offered first.
  await open(page, `${server.url}/ask?q=${encodeURIComponent("total amount by product as a pie")}`);
  await answered(page);
  await expect(page.getByTestId("ask-found")).toContainText("Asked");
  await page.getByTestId("open-explore").click();
  await expect(page.getByTestId("explore")).toBeVisible();
  await expect(page.getByTestId("question-sentence")).toContainText(/amount by product/i);
});

test("where two things may be meant one says which, and it is remembered", async ({ page }) => {
  await open(page, `${server.url}/ask`);
  await say(page, "average price by city");
  const choices = page.getByTestId("ask-choices");
  await expect(choices.getByTestId("ask-choice").first()).toBeVisible();
  expect(await choices.getByTestId("ask-choice").count()).toBeGreaterThan(1);
  await expect(page.getByTestId("ask-result")).toHaveCount(0);
  await choices.getByTestId("ask-choice").filter({ hasText: /net/i }).first().click();
  await answered(page);
  await expect(page.getByTestId("ask-chips")).toContainText(/net price/i);
  await page.getByTestId("ask-remember").first().click();
  await expect(page.getByRole("region", { name: "Messages" }).getByText(/now means Net price/)).toBeVisible();
  await open(page, `${server.url}/ask`);
  await say(page, "average price by city");
  await answered(page);
  await expect(page.getByTestId("ask-answer")).toHaveAttribute("data-outcome", "answer");
  await expect(page.getByTestId("ask-chips")).toContainText(/net price/i);
});

test("a word that is not known is taught, and known from then on", async ({ page }) => {
  test.setTimeout(60_000);
  await open(page, `${server.url}/ask`);
  await expect(page.getByTestId("ask-examples").getByRole("listitem").first()).toBeVisible();
  await say(page, "zorblat by region");
  const unknown = page.getByTestId("ask-unknown");
  await expect(unknown).toContainText("“zorblat” is not known here.");
  await unknown.getByTestId("ask-teach").click();
  await page.getByRole("searchbox", { name: "Search columns, metrics and values" }).fill("amount");
  await page.getByTestId("ask-meaning").filter({ hasText: /^Amount \(Sales Data\)/ }).click();
  await expect(page.getByRole("region", { name: "Messages" }).getByText(/“zorblat” now means Amount/)).toBeVisible();
  await answered(page);
  await expect(page.getByTestId("ask-chips")).toContainText(/amount/i);
  await expect(page.getByTestId("ask-unknown")).toHaveCount(0);

  // Somebody else is understood as well; what they teach is a proposal.
  const kim = { name: "kim", role: "explorer", password: "a long enough password" };
  expect((await api(server, secret, "POST", "/users", kim)).status).toBe(201);
  expect((await api(server, secret, "PATCH", "/datasets/sales", { is_public: true })).status).toBe(200);
  const own = token(server, "kim", "write");
  const asked = await api(server, own, "POST", "/ask", { question: "zorblat by region" });
  expect([asked.status, asked.body.outcome]).toEqual([200, "answer"]);
  expect(asked.body.data.table).toBeTruthy();
  const meaning = { kind: "column", dataset: "sales", column: "quantity" };
  const proposed = await api(server, own, "POST", "/ask/words", { word: "frobs", meaning });
  expect([proposed.status, proposed.body.is_accepted]).toEqual([201, false]);

  await page.getByTestId("ask-words").click();
  const dialog = page.getByRole("dialog", { name: "Words that were taught" });
  await expect(dialog.getByTestId("taught-word").filter({ hasText: "frobs" })).toContainText("Proposed");
  expect(serious((await new AxeBuilder({ page }).include("dialog[open]").analyze()).violations)).toEqual([]);
  await dialog.getByRole("button", { name: "Accept frobs" }).click();
  await expect(dialog.getByTestId("taught-word").filter({ hasText: "frobs" })).not.toContainText("Proposed");
  await dialog.getByRole("button", { name: "Forget zorblat" }).click();
  await expect(dialog.getByTestId("taught-word").filter({ hasText: "zorblat" })).toHaveCount(0);
  const again = await api(server, own, "POST", "/ask", { question: "zorblat by region" });
  expect(again.body.outcome).not.toBe("answer");
});

test("a phone has an icon that opens it", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await open(page, `${server.url}/dashboards`);
  await expect(page.getByTestId("ask-box")).toBeHidden();
  await page.getByTestId("ask-open").click();
  await expect(page.getByTestId("ask-box")).toBeFocused();
  await say(page, "total amount by region");
  await answered(page);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, "the page scrolls sideways").toBeLessThanOrEqual(0);
  await page.locator('[data-part="dataset"]').getByRole("button").first().click();
  await expect(page.getByTestId("data-source-select")).toBeInViewport();
  await page.keyboard.press("Escape");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await turnDark(page);
  const dark = await new AxeBuilder({ page }).withRules(["color-contrast"]).analyze();
  expect(serious(dark.violations)).toEqual([]);
});

test("a viewer is told why, and finds what exists", async () => {
  const vic = { name: "vic", role: "viewer", password: "a long enough password" };
  expect((await api(server, secret, "POST", "/users", vic)).status).toBe(201);
  const answer = await api(server, token(server, "vic", "read"), "POST", "/ask", { question: "total amount by region" });
  expect([answer.status, answer.body.outcome, answer.body.readings]).toEqual([200, "refused", []]);
  expect(answer.body.reason).toContain("explorer");
});

test("a language model proposes where nothing was understood", async ({ page }) => {
  test.setTimeout(60_000);
  let says = "{\"ok\": true}";
  const heard: string[] = [];
  const stub: Http = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      heard.push(`${request.headers.authorization} ${body}`);
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ choices: [{ message: { role: "assistant", content: says } }] }));
    });
  });
  await new Promise<void>((done) => stub.listen(0, "127.0.0.1", done));
  try {
    await open(page, `${server.url}/admin?tab=model`);
    const form = page.getByTestId("language-model-form");
    await form.getByRole("textbox", { name: "Address" }).fill(`http://127.0.0.1:${(stub.address() as AddressInfo).port}/v1`);
    await form.getByRole("textbox", { name: "Name of the model" }).fill("stub");
    await form.getByLabel("Key").fill("sk-secret");
    await form.getByRole("checkbox").check();
    await form.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("region", { name: "Messages" }).getByText("Language model saved")).toBeVisible();
    await form.getByRole("button", { name: "Test now" }).click();
    await expect(form.getByText(/The model answers/)).toBeVisible();
    expect(heard[0]).toContain("Bearer sk-secret");

    says = JSON.stringify({ dataset: "sales", dimensions: [{ column: "product" }], measures: [{ agg: "sum", column: "cost" }] });
    await open(page, `${server.url}/ask`);
    await say(page, "how is the snorkle doing");
    await page.getByTestId("ask-proposal").click();
    await answered(page);
    await expect(page.getByTestId("ask-chips")).toContainText(/cost/i);
    expect(heard.at(-1)).toContain("snorkle");

    // It says what it likes: nothing of it reaches the page.
    says = "<img src=x onerror=alert(1)>";
    await open(page, `${server.url}/ask`);
    await say(page, "what of the gnarwhistle");
    await expect(page.getByText("The language model found no question that can be asked here.")).toBeVisible();
    await expect(page.locator('img[src="x"]')).toHaveCount(0);
    await open(page, `${server.url}/admin?tab=model`);
    await page.locator("summary").filter({ hasText: "how is the snorkle doing" }).first().click();
    await expect(page.getByTestId("language-model")).toContainText("product");
    expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  } finally {
    stub.close();
  }
});
