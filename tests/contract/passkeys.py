"""Registers passkeys and logs in by them with fido2, the library of Yubico, which reads the options and writes the answers."""

import json
import os
import urllib.error
import urllib.request

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from fido2.cose import ES256, RS256, EdDSA
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorAssertionResponse,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    PublicKeyCredentialCreationOptions,
    PublicKeyCredentialRequestOptions,
    RegistrationResponse,
)

URL = os.environ["PASSKEYS_URL"]
FLAG = AuthenticatorData.FLAG


def post(path, body=None, token=None):
    """The status and the JSON of an answer."""
    headers = {"content-type": "application/json"}
    if token:
        headers["authorization"] = f"Bearer {token}"
    request = urllib.request.Request(URL + path, json.dumps(body or {}).encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


class Key:
    """A passkey of one algorithm."""

    def __init__(self, algorithm):
        self.algorithm = algorithm
        self.id = os.urandom(32)
        self.count = 0
        if algorithm is ES256:
            self.private = ec.generate_private_key(ec.SECP256R1())
        elif algorithm is EdDSA:
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = rsa.generate_private_key(65537, 2048)

    def sign(self, message):
        if self.algorithm is ES256:
            return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
        if self.algorithm is EdDSA:
            return self.private.sign(message)
        return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def data(self, rp_id, flags, credential=b""):
        digest = hashes.Hash(hashes.SHA256())
        digest.update(rp_id.encode())
        self.count += 1
        return AuthenticatorData.create(digest.finalize(), flags, self.count, credential)

    def create(self, options):
        options = PublicKeyCredentialCreationOptions.from_dict(options)
        assert self.algorithm.ALGORITHM in [it.alg for it in options.pub_key_cred_params], options
        self.handle = options.user.id
        public = self.algorithm.from_cryptography_key(self.private.public_key())
        credential = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        flags = FLAG.UP | FLAG.UV | FLAG.AT | FLAG.BE | FLAG.BS
        return dict(
            RegistrationResponse(
                raw_id=self.id,
                response=AuthenticatorAttestationResponse(
                    client_data=CollectedClientData.create("webauthn.create", options.challenge, URL),
                    attestation_object=AttestationObject.create(
                        "none", self.data(options.rp.id, flags, credential), {}
                    ),
                ),
            )
        )

    def get(self, options, flags=FLAG.UP | FLAG.UV | FLAG.BE | FLAG.BS, origin=URL):
        options = PublicKeyCredentialRequestOptions.from_dict(options)
        client_data = CollectedClientData.create("webauthn.get", options.challenge, origin)
        data = self.data(options.rp_id, flags)
        return dict(
            AuthenticationResponse(
                raw_id=self.id,
                response=AuthenticatorAssertionResponse(
                    client_data=client_data,
                    authenticator_data=data,
                    signature=self.sign(data + client_data.hash),
                    user_handle=self.handle,
                ),
            )
        )


def log_in(key, **attack):
    """The answer to a login by a passkey."""
    status, options = post("/auth/passkeys/login/options")
    assert status == 200, options
    return post("/auth/passkeys/login", {"assertion": key.get(options, **attack)})


for algorithm in [ES256, EdDSA, RS256]:
    token = os.environ["PASSKEYS_TOKEN"]
    status, options = post("/auth/passkeys/options", token=token)
    assert status == 200, options
    key = Key(algorithm)
    status, made = post("/auth/passkeys", {"credential": key.create(options)}, token)
    assert status == 201, made
    status, tokens = log_in(key)
    assert status == 200 and tokens["token_type"] == "bearer", tokens
    for attack in [
        {"origin": "https://example.com"},
        {"flags": FLAG.UP | FLAG.BE | FLAG.BS},
        {"flags": FLAG.UV | FLAG.BE | FLAG.BS},
    ]:
        status, problem = log_in(key, **attack)
        assert status == 401 and problem["code"] == "invalid_credentials", (attack, problem)
    key.private = Key(algorithm).private
    status, problem = log_in(key)
    assert status == 401 and problem["code"] == "invalid_credentials", problem
print("registered and logged in with every algorithm")
