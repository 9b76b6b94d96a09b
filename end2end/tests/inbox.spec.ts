// The inbox: the bell counts, notices are read, mails leave and what did not arrive is sent again.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { homedir } from "node:os";
import { createInterface } from "node:readline";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { type Server, startServer, until } from "../server.ts";
import { api, open, serious, token, turnDark } from "../steps.ts";

let server: Server;
let sink: ChildProcess;
const mails: { to: string[]; data: string }[] = [];
const hooks: string[] = [];
const web = createServer((request, response) => {
  let body = "";
  request.on("data", (chunk) => (body += chunk));
  request.on("end", () => {
    hooks.push(body);
    response.end("thank you");
  });
});

test.beforeAll(async () => {
  const cache = process.env.ORRERY_CACHE ?? `${homedir()}/.cache/orrery`;
  sink = spawn(`${cache}/venv/bin/python`, ["../scripts/mail_sink.py"], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = createInterface({ input: sink.stdout! });
  const [port] = await once(lines, "line");
  lines.on("line", (line) => mails.push(JSON.parse(line)));
  web.listen(0, "127.0.0.1");
  await once(web, "listening");
  server = await startServer({
    env: {
      ORRERY_SMTP_URL: `smtp://127.0.0.1:${port}`,
      ORRERY_SMTP_FROM: "Orrery <orrery@example.com>",
      ORRERY_WEBHOOK_HOSTS: "127.0.0.1",
      ORRERY_PUBLIC_URL: "",
    },
  });
});
test.afterAll(async () => {
  sink.kill();
  web.close();
  await server.stop();
});

test("the bell counts at once, its notices are read and lead on", async ({ page, context }) => {
  await open(page, `${server.url}/account`);
  const bell = page.getByTestId("bell");
  await expect(bell.getByTestId("unread")).toHaveCount(0);
  const other = await context.newPage();
  await open(other, `${server.url}/dashboards`);
  await page.getByRole("button", { name: "Send a test notice" }).click();
  await expect(bell.getByTestId("unread")).toHaveText("1");
  await page.getByRole("button", { name: "Send a test notice" }).click();
  // The other page hears of it without a reload.
  await expect(other.getByTestId("bell").getByTestId("unread")).toHaveText("2");

  await bell.getByRole("button", { name: "Inbox 2 unread" }).click();
  const panel = page.getByRole("dialog", { name: /^Inbox/ });
  await expect(panel.getByTestId("notification")).toHaveCount(2);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await panel.getByRole("button", { name: "Mark as read: A test notice" }).first().click();
  await expect(bell.getByTestId("unread")).toHaveText("1");
  await panel.getByRole("link", { name: /A test notice/ }).last().press("Enter");
  await expect(page).toHaveURL(`${server.url}/account`);
  await expect(bell.getByTestId("unread")).toHaveCount(0);
  await expect(other.getByTestId("bell").getByTestId("unread")).toHaveCount(0);
  await other.close();
});

test("the page has all notices, and shows those that are unread", async ({ page }) => {
  await open(page, `${server.url}/inbox`);
  await expect(page.getByTestId("notification")).toHaveCount(2);
  await page.getByRole("radio", { name: "Unread", exact: true }).check();
  await expect(page.getByText("Nothing unread")).toBeVisible();
  const other = await page.context().newPage();
  await open(other, `${server.url}/account`);
  await other.getByRole("button", { name: "Send a test notice" }).click();
  // It comes to the list by itself.
  await expect(page.getByTestId("notification")).toHaveCount(1);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await turnDark(page);
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.getByRole("button", { name: "Mark all as read" }).click();
  await expect(page.getByText("Nothing unread")).toBeVisible();
  await other.close();
});

test("somebody says where mails go, and gets them", async ({ page }) => {
  await open(page, `${server.url}/account`);
  const notices = page.getByTestId("notices");
  await notices.getByLabel("E-mail address").fill("demo@example.com");
  await notices.getByLabel("Reports").uncheck();
  await notices.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("region", { name: "Messages" }).getByText("Saved", { exact: true })).toBeVisible();
  await page.reload();
  await expect(notices.getByLabel("E-mail address")).toHaveValue("demo@example.com");
  await expect(notices.getByLabel("Reports")).not.toBeChecked();
  await notices.getByRole("button", { name: "Send a test notice" }).click();
  await until(async () => mails.some((m) => m.to[0] === "demo@example.com"), 10_000, () => "no mail");
  expect(mails[0].data).toContain("Subject: A test notice");
});

test("a browser that was allowed to shows notices while the page is hidden", async ({ page, context }) => {
  await context.grantPermissions(["notifications"]);
  await page.addInitScript(() => {
    const shown: string[] = [];
    class Fake {
      static permission = "granted";
      static requestPermission = async () => "granted";
      constructor(title: string) {
        shown.push(title);
      }
    }
    Object.assign(window, { Notification: Fake, shown });
    Object.defineProperty(document, "hidden", { get: () => (window as unknown as { away?: boolean }).away ?? false });
  });
  await open(page, `${server.url}/account`);
  await page.getByLabel("Notifications of this browser").check();
  await page.evaluate(() => Object.assign(window, { away: true }));
  await page.getByRole("button", { name: "Send a test notice" }).click();
  await expect.poll(() => page.evaluate(() => (window as unknown as { shown: string[] }).shown)).toEqual(["A test notice"]);
});

test("an administrator adds a channel, tries it, and sends again what did not arrive", async ({ page }) => {
  await open(page, `${server.url}/admin?tab=channels`);
  await page.getByLabel("Send a test mail to").fill("refuse@example.com");
  await page.getByRole("button", { name: "Send test mail" }).click();
  await expect(page.getByTestId("channels")).toContainText("550");
  await page.getByTestId("add-channel").click();
  const form = page.getByTestId("channel-form");
  await form.getByLabel("Name").fill("Operations");
  await form.getByLabel("Address").fill("http://10.0.0.1/hook");
  await form.getByRole("button", { name: "Add channel" }).click();
  await expect(form.getByRole("alert")).toContainText("ORRERY_WEBHOOK_HOSTS");
  const port = (web.address() as AddressInfo).port;
  await form.getByLabel("Address").fill(`http://127.0.0.1:${port}/hook?key=s3cret`);
  await form.getByLabel("Secret").fill("long s3cret");
  await form.getByRole("button", { name: "Add channel" }).click();
  const row = page.getByRole("row", { name: /Operations/ });
  await expect(row).toContainText("127.0.0.1");
  await row.getByRole("button", { name: "Test now: Operations" }).click();
  await expect(page.getByText("Operations: HTTP 200: thank you")).toBeVisible();
  expect(JSON.parse(hooks[0]).subject).toBe("A test from Orrery");
  const secret = token(server);
  const listed = await api(server, secret, "GET", "/channels");
  expect(JSON.stringify(listed.body)).not.toContain("s3cret");

  // Somebody's address is refused: it is listed, and may be sent again.
  await api(server, secret, "PUT", "/me/notification-preferences", { email: "refuse@example.com", muted: [] });
  await open(page, `${server.url}/account`);
  await page.getByRole("button", { name: "Send a test notice" }).click();
  const dead = async () => (await api(server, secret, "GET", "/deliveries?status=dead")).body.total === 1;
  await until(dead, 10_000, () => "nothing is dead");
  await open(page, `${server.url}/admin?tab=channels`);
  const letters = page.getByTestId("dead-letters");
  await expect(letters).toContainText("550");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await api(server, secret, "PUT", "/me/notification-preferences", { email: "demo@example.com", muted: [] });
  const before = mails.length;
  await letters.getByRole("button", { name: "Send again to demo" }).click();
  await expect(letters).toContainText("Everything arrived");
  await until(async () => mails.length > before, 10_000, () => "it did not arrive");
  expect(mails[before].to).toEqual(["demo@example.com"]);
  await page.getByRole("button", { name: "Delete Operations" }).click();
  await page.getByRole("button", { name: "Delete channel" }).click();
  await expect(page.getByText("No channels yet")).toBeVisible();
});
