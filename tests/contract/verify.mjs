// Runs the program of docs/VERIFYING_TOKENS.md, which is beside this one, with one good token and others that it must refuse.

import assert from "node:assert/strict";
import { errors } from "jose";

import { verify } from "./verifier.mjs";

const { token, sub, refused } = JSON.parse(process.env.VERIFY_CASE);
const claims = await verify(token);
assert.deepEqual([claims.sub, claims.client_id], [sub, "users"]);
for (const [name, text] of Object.entries(refused)) {
  await assert.rejects(verify(text), errors.JOSEError, name);
}
console.log("verified one and refused the others");
