"""Runs the program of docs/VERIFYING_TOKENS.md, which is the module `verifier`, with one good token and others that it must refuse."""

import json
import os

import jwt
from verifier import verify

case = json.loads(os.environ["VERIFY_CASE"])
claims = verify(case["token"])
assert (claims["sub"], claims["client_id"]) == (case["sub"], "users"), claims
for name, token in case["refused"].items():
    try:
        verify(token)
    except jwt.PyJWTError:
        continue
    raise AssertionError(f"expected a refusal: {name}")
print("verified one and refused the others")
