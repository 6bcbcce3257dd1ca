// Logs in and refreshes with an OAuth client that knows only the URLs of this service. A refusal must raise the client's own error. The
// client must never take a refusal for a token.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const { OAUTH_MODULES, OAUTH_URL, OAUTH_EMAIL, OAUTH_PASSWORD } = process.env;
const oauth = await import(pathToFileURL(createRequire(join(OAUTH_MODULES, ".")).resolve("oauth4webapi")));

const client = { client_id: "some client" };
const options = { [oauth.allowInsecureRequests]: true };
const server = (path) => ({ issuer: OAUTH_URL, token_endpoint: `${OAUTH_URL}${path}` });

async function logIn(changed = {}, grant = "password") {
  const form = { username: OAUTH_EMAIL, password: OAUTH_PASSWORD, scope: "everything", ...changed };
  const login = server("/auth/login");
  const answer = await oauth.genericTokenEndpointRequest(login, client, oauth.None(), grant, form, options);
  return oauth.processGenericTokenEndpointResponse(login, client, answer);
}

async function refresh(token) {
  const path = server("/auth/refresh");
  const answer = await oauth.refreshTokenGrantRequest(path, client, oauth.None(), token, options);
  return oauth.processRefreshTokenResponse(path, client, answer);
}

async function assertMe(token) {
  const url = new URL(`${OAUTH_URL}/auth/me`);
  const answer = await oauth.protectedResourceRequest(token.access_token, "GET", url, new Headers(), null, options);
  assert.equal((await answer.json()).email, OAUTH_EMAIL);
}

const first = await logIn();
await assertMe(first);
const second = await refresh(first.refresh_token);
assert.notEqual(second.refresh_token, first.refresh_token);
await assertMe(second);

// This client reads the challenge of a 401 before it reads the body.
const challenged = { name: "WWWAuthenticateChallengeError", status: 401 };
await assert.rejects(logIn({ password: "wrong" }), challenged);
await assert.rejects(refresh("unknown"), challenged);
// The client reads other refusals only if they are `application/json`. The service's problems have the media type of RFC 9457.
const refused = { name: "OperationProcessingError", code: "OAUTH_RESPONSE_IS_NOT_JSON" };
await assert.rejects(logIn({ password: "" }), refused);
await assert.rejects(logIn({}, "client_credentials"), refused);

// The client finds everything from the issuer alone (RFC 8414), and revokes a token (RFC 7009).
const issuer = new URL(OAUTH_URL);
const discovered = await oauth.discoveryRequest(issuer, { algorithm: "oauth2", ...options });
const found = await oauth.processDiscoveryResponse(issuer, discovered);
const revoked = await oauth.revocationRequest(found, client, oauth.None(), second.access_token, options);
await oauth.processRevocationResponse(revoked);
await assert.rejects(assertMe(second), challenged);
console.log("logged in and refreshed");
