// Signing in: invitations, forgotten passwords, two steps, a real OpenID Connect provider.

import { createHmac } from "node:crypto";
import { AxeBuilder } from "@axe-core/playwright";
import { type Browser, expect, type Page, test } from "@playwright/test";
import { type Identity, signInThere, startIdentity } from "../identity.ts";
import { linkIn, type Mails, startMails } from "../mails.ts";
import { freePort, type Server, startServer } from "../server.ts";
import { hydrated, open, orrery, serious } from "../steps.ts";

const PASSWORD = "analytical engine";
let server: Server;
let mails: Mails;
let identity: Identity;

test.beforeAll(async () => {
  mails = await startMails();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  identity = await startIdentity(await freePort(), `${url}/login/oidc/callback`, "a secret of the test");
  server = await startServer({
    args: ["serve"],
    port,
    env: {
      ORRERY_PUBLIC_URL: url,
      ORRERY_SMTP_URL: `smtp://127.0.0.1:${mails.port}`,
      ORRERY_SMTP_FROM: "Orrery <orrery@example.com>",
      ORRERY_OIDC_ISSUER: identity.issuer,
      ORRERY_OIDC_CLIENT_ID: "orrery",
      ORRERY_OIDC_CLIENT_SECRET: "a secret of the test",
      ORRERY_OIDC_SCOPES: "openid profile email groups",
      ORRERY_OIDC_GROUPS_CLAIM: "groups",
      ORRERY_OIDC_ROLE_MAP: "analysts=creator",
      ORRERY_OIDC_DEFAULT_ROLE: "none",
      ORRERY_OIDC_AUTO_CREATE: "true",
      ORRERY_OIDC_NAME: "Example ID",
    },
  });
  orrery(server, ["user", "add", "root", "--role", "admin", "--password-stdin"], `${PASSWORD}\n`);
  orrery(server, ["user", "add", "ada", "--role", "creator", "--password-stdin"], `${PASSWORD}\n`);
});
test.afterAll(async () => {
  mails.stop();
  identity.stop();
  await server.stop();
});

async function typeIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.goto(`${server.url}/login`);
  await page.locator("input[name=username]").fill(name);
  await page.locator("input[name=password]").fill(password);
  await page.getByTestId("login-form").getByRole("button").click();
}

async function signIn(page: Page, name: string, password = PASSWORD): Promise<void> {
  await typeIn(page, name, password);
  await expect(page).toHaveURL(`${server.url}/`);
  await hydrated(page);
}

/** A browser of somebody else. */
async function another(browser: Browser): Promise<Page> {
  return (await browser.newContext()).newPage();
}

async function choosePassword(page: Page, password: string, button: string): Promise<void> {
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("The same again").fill(password);
  await page.getByRole("button", { name: button }).click();
}

/** The code that an app shows `steps` times 30 seconds from now. */
function code(secret: string, steps = 0): string {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac("sha1", key).update(counter).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

test("somebody is invited by mail, and is there after choosing a password", async ({ page, browser }) => {
  await signIn(page, "root");
  await open(page, `${server.url}/admin`);
  await page.getByTestId("invite-user").click();
  const form = page.getByTestId("invite-form");
  await form.getByLabel("E-mail address").fill("cem@example.com");
  await form.getByLabel("Role").selectOption("creator");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await form.getByRole("button", { name: "Invite" }).click();
  const waiting = page.getByTestId("invitations").getByRole("row", { name: /cem@example.com/ });
  await expect(waiting).toContainText("Creator");
  const link = linkIn(await mails.to("cem@example.com", "You are invited"), "/invite");

  const guest = await another(browser);
  await guest.goto(link);
  await expect(guest.getByText("Your user name is cem.")).toBeVisible();
  expect(serious((await new AxeBuilder({ page: guest }).analyze()).violations)).toEqual([]);
  await choosePassword(guest, "a password of cem", "Begin");
  await hydrated(guest);
  await open(guest, `${server.url}/account`);
  await expect(guest.getByTestId("profile-form")).toContainText("Confirmed");
  await expect(guest.getByTestId("sessions")).toContainText("127.0.0.1");
  await guest.context().clearCookies();
  await guest.goto(link);
  await expect(guest.getByRole("alert")).toContainText("used or is too old");
  await page.reload();
  await hydrated(page);
  await expect(waiting).toHaveCount(0);
  await guest.context().close();
});

test("an invitation that waits is taken back", async ({ page, browser }) => {
  await signIn(page, "root");
  await open(page, `${server.url}/admin`);
  await page.getByTestId("invite-user").click();
  await page.getByTestId("invite-form").getByLabel("E-mail address").fill("dan@example.com");
  await page.getByTestId("invite-form").getByRole("button", { name: "Invite" }).click();
  const link = linkIn(await mails.to("dan@example.com", "You are invited"), "/invite");
  await page.getByRole("button", { name: "Take back: dan" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Take back" }).click();
  await expect(page.getByRole("region", { name: "Messages" }).getByText("Invitation taken back")).toBeVisible();
  const guest = await another(browser);
  await guest.goto(link);
  await expect(guest.getByRole("alert")).toContainText("used or is too old");
  await guest.context().close();
});

test("a forgotten password is replaced by mail, and nobody learns who is known", async ({ page }) => {
  await page.goto(`${server.url}/login`);
  await page.getByRole("link", { name: "Forgotten your password?" }).click();
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await page.getByLabel("User name or e-mail address").fill("nobody");
  await page.getByRole("button", { name: "Send the link" }).click();
  const said = await page.getByRole("status").textContent();
  await page.goto(`${server.url}/login/forgot`);
  await page.getByLabel("User name or e-mail address").fill("CEM@example.com");
  await page.getByRole("button", { name: "Send the link" }).click();
  await expect(page.getByRole("status")).toHaveText(said!);
  const link = linkIn(await mails.to("cem@example.com", "Choose a new password"), "/reset");
  await page.goto(link);
  await page.getByLabel("Password", { exact: true }).fill("another password");
  await page.getByLabel("The same again").fill("something else");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByRole("alert")).toContainText("not the same");
  await choosePassword(page, "another password", "Change password");
  await expect(page.getByRole("status")).toContainText("sessions have ended");
  await typeIn(page, "cem", "a password of cem");
  await expect(page.getByRole("alert")).toContainText("wrong");
  await signIn(page, "cem", "another password");
});

test("another address counts once its link was followed", async ({ page }) => {
  await signIn(page, "cem", "another password");
  await open(page, `${server.url}/account`);
  const form = page.getByTestId("profile-form");
  await form.getByLabel("Full name").fill("Cem Yılmaz");
  await form.getByLabel("Account address").fill("cem@example.org");
  await form.getByLabel("Your password").fill("another password");
  await form.getByRole("button", { name: "Save profile" }).click();
  await expect(form).toContainText("A link was sent to cem@example.org");
  await page.goto(linkIn(await mails.to("cem@example.org", "Confirm your e-mail address"), "/confirm-email"));
  await page.getByRole("button", { name: "Confirm" }).click();
  await expect(page.getByRole("status")).toContainText("cem@example.org");
  await mails.to("cem@example.com", "Your e-mail address was changed");
  await open(page, `${server.url}/account`);
  await expect(form.getByLabel("Account address")).toHaveValue("cem@example.org");
  await expect(form.getByLabel("Full name")).toHaveValue("Cem Yılmaz");
});

test("with two steps a password alone lets nobody in", async ({ page }) => {
  await signIn(page, "ada");
  await open(page, `${server.url}/account`);
  await page.getByTestId("totp-begin").click();
  const dialog = page.getByRole("dialog", { name: "Set two-step sign-in up" });
  await dialog.getByLabel("Your password").fill("a wrong guess");
  await dialog.getByRole("button", { name: "Go on" }).click();
  await expect(dialog).toContainText("The present password is wrong");
  await dialog.getByLabel("Your password").fill(PASSWORD);
  await dialog.getByRole("button", { name: "Go on" }).click();
  await expect(dialog.getByRole("img", { name: "QR code for the app" })).toBeVisible();
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  const secret = (await dialog.getByTestId("totp-secret").textContent())!;
  await dialog.getByLabel("Code", { exact: true }).fill("12345x");
  await dialog.getByRole("button", { name: "Turn on" }).click();
  await expect(dialog).toContainText("This code is wrong");
  await dialog.getByLabel("Code", { exact: true }).fill(code(secret));
  await dialog.getByRole("button", { name: "Turn on" }).click();
  const codes = dialog.getByTestId("recovery-codes").getByRole("listitem");
  await expect(codes).toHaveCount(10);
  const recovery = (await codes.first().textContent())!;
  await dialog.getByRole("button", { name: "I have kept them" }).click();
  await expect(page.getByTestId("two-step")).toContainText("10 recovery codes are left");

  await page.context().clearCookies();
  await typeIn(page, "ada");
  const form = page.getByTestId("code-form");
  expect(serious((await new AxeBuilder({ page }).analyze()).violations)).toEqual([]);
  await form.getByLabel("Code").fill("12345x");
  await form.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("alert")).toContainText("This code is wrong");
  await page.goto(`${server.url}/data`);
  await expect(page).toHaveURL(/\/login/);
  await typeIn(page, "ada");
  // The code of the set-up was used; the next one is taken already.
  const next = code(secret, 1);
  await form.getByLabel("Code").fill(next);
  await form.getByRole("button", { name: "Go on" }).click();
  await expect(page).toHaveURL(`${server.url}/`);
  await page.context().clearCookies();
  await typeIn(page, "ada");
  await form.getByLabel("Code").fill(next);
  await form.getByRole("button", { name: "Go on" }).click();
  await expect(page.getByRole("alert")).toContainText("used already");
  await form.getByLabel("Code").fill(recovery);
  await form.getByRole("button", { name: "Go on" }).click();
  await expect(page).toHaveURL(`${server.url}/`);
});

test("an administrator ends somebody's sessions, and resets their second step", async ({ page, browser }) => {
  const guest = await another(browser);
  await signIn(guest, "cem", "another password");
  await signIn(page, "root");
  await open(page, `${server.url}/admin`);
  await page.getByRole("button", { name: "More for cem" }).click();
  await page.getByRole("menuitem", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("region", { name: "Messages" }).getByText("All their sessions have ended")).toBeVisible();
  await guest.goto(`${server.url}/data`);
  await expect(guest).toHaveURL(/\/login\?next=/);
  await page.getByRole("button", { name: "More for ada" }).click();
  await page.getByRole("menuitem", { name: "Reset two-step sign-in" }).click();
  await expect(page.getByRole("region", { name: "Messages" }).getByText("Two-step sign-in was reset")).toBeVisible();
  await signIn(guest, "ada");
  await guest.context().close();
});

test("somebody signs out everywhere else", async ({ page, browser }) => {
  const other = await another(browser);
  await signIn(other, "ada");
  await signIn(page, "ada");
  await open(page, `${server.url}/account`);
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByRole("region", { name: "Messages" }).getByText("Signed out everywhere else")).toBeVisible();
  await expect(page.getByTestId("sessions").getByRole("listitem")).toHaveCount(1);
  await other.goto(`${server.url}/data`);
  await expect(other).toHaveURL(/\/login\?next=/);
  await other.context().close();
});

test("the provider lets people in, with the groups and the role that it says", async ({ page, browser }) => {
  identity.people.set("grace", { name: "Grace Hopper", preferred_username: "grace", groups: ["analysts", "Navy"] });
  await page.goto(`${server.url}/data?tab=sources`);
  await page.getByRole("link", { name: "Sign in with Example ID" }).click();
  await signInThere(page, "grace");
  await expect(page).toHaveURL(`${server.url}/data?tab=sources`);
  await open(page, `${server.url}/account`);
  const account = page.getByTestId("account");
  await expect(account.locator(".account-name")).toHaveText("grace");
  await expect(account).toContainText("Creator");
  await expect(account).toContainText("You also sign in with Example ID");
  await expect(page.getByLabel("Full name")).toHaveValue("Grace Hopper");
  await expect(page.getByTestId("password-form")).toHaveCount(0);
  expect(orrery(server, ["user", "list"])).toContain("grace\tcreator");

  // No group gives her a role any more: she does not come in again.
  identity.people.set("grace", { preferred_username: "grace", groups: ["Navy"] });
  const elsewhere = await another(browser);
  await elsewhere.goto(`${server.url}/login/oidc`);
  await signInThere(elsewhere, "grace");
  await expect(elsewhere.getByRole("alert")).toContainText("None of your groups");
  await elsewhere.context().close();
});

test("an address at the provider is not an account here", async ({ page }) => {
  const address = { email: "cem@example.org", email_verified: true };
  identity.people.set("mallory", { ...address, preferred_username: "cem", groups: ["analysts"] });
  await page.goto(`${server.url}/login/oidc`);
  await signInThere(page, "mallory");
  await expect(page).toHaveURL(`${server.url}/`);
  await open(page, `${server.url}/account`);
  const name = page.getByTestId("account").locator(".account-name");
  await expect(name).not.toHaveText("cem");
  await expect(page.getByTestId("two-step")).toHaveCount(0);
});

test("an answer that another browser asked for is refused", async ({ page }) => {
  await page.goto(`${server.url}/login/oidc/callback?code=stolen&state=stolen`);
  await expect(page.getByRole("alert")).toContainText("was not begun in this browser");
  await page.goto(`${server.url}/data`);
  await expect(page).toHaveURL(/\/login/);
});
