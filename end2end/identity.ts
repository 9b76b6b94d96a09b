// A real OpenID Connect provider, whose people and groups the test makes up.

import type { Server as HttpServer } from "node:http";
import type { Page } from "@playwright/test";
// @ts-expect-error The package brings no types.
import { Provider } from "oidc-provider";

/** What the provider says of somebody. */
export type Claims = Record<string, unknown>;

export interface Identity {
  issuer: string;
  /** Claims by the name that is typed into the provider's form. */
  people: Map<string, Claims>;
  stop(): void;
}

/** Starts a provider that knows one client. */
export async function startIdentity(port: number, redirect: string, secret: string): Promise<Identity> {
  const issuer = `http://127.0.0.1:${port}`;
  const people = new Map<string, Claims>();
  const provider = new Provider(issuer, {
    clients: [{ client_id: "orrery", client_secret: secret, redirect_uris: [redirect] }],
    pkce: { required: () => true },
    scopes: ["openid", "profile", "email", "groups"],
    claims: { openid: ["sub"], profile: ["name", "preferred_username"], email: ["email", "email_verified"], groups: ["groups"] },
    cookies: { keys: ["only for tests"] },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id, ...people.get(id) }) }),
  });
  const server: HttpServer = provider.listen(port, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return { issuer, people, stop: () => void server.close() };
}

/** Signs in at the provider's own pages, as this person. */
export async function signInThere(page: Page, name: string): Promise<void> {
  // Its form wants a font from the internet.
  await page.route("https://fonts.googleapis.com/**", (route) => route.abort());
  await page.getByPlaceholder("Enter any login").fill(name);
  await page.getByPlaceholder("and password").fill("anything");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}
