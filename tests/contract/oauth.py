"""Logs in and refreshes with two OAuth clients that know only the URLs of this service.

A refusal must raise the client's own error. A client must never take a refusal for a token.
"""

import os

# Both clients refuse plain HTTP without these variables.
os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"

import authlib.integrations.requests_client as authlib
import requests_oauthlib
from oauthlib.oauth2 import BackendApplicationClient, LegacyApplicationClient, OAuth2Error

URL, EMAIL, PASSWORD = os.environ["OAUTH_URL"], os.environ["OAUTH_EMAIL"], os.environ["OAUTH_PASSWORD"]
LOGIN, REFRESH, ME = f"{URL}/auth/login", f"{URL}/auth/refresh", f"{URL}/auth/me"
CLIENT, SCOPE = "some client", ["everything"]


def raised(error, call, *arguments, **named):
    """Returns the error of this class that the call raises."""
    try:
        answer = call(*arguments, **named)
    except error as raised:
        return raised
    raise AssertionError(f"expected {error}, not {answer}")


def assert_me(session):
    answer = session.get(ME)
    assert (answer.status_code, answer.json().get("email")) == (200, EMAIL), answer.text


def overdue(token):
    """The same token, but the client believes that its access token has expired."""
    return {**token, "expires_in": -10, "expires_at": 1}


def with_requests_oauthlib():
    session = requests_oauthlib.OAuth2Session(client=LegacyApplicationClient(CLIENT, scope=SCOPE))
    credentials = {"username": EMAIL, "password": PASSWORD, "include_client_id": True}
    first = session.fetch_token(LOGIN, **credentials)
    assert_me(session)
    second = session.refresh_token(REFRESH, client_id=CLIENT)
    assert second["refresh_token"] != first["refresh_token"]
    assert_me(session)

    kept = []
    later = requests_oauthlib.OAuth2Session(
        CLIENT,
        token=overdue(second),
        auto_refresh_url=REFRESH,
        auto_refresh_kwargs={"client_id": CLIENT},
        token_updater=kept.append,
    )
    assert_me(later)
    assert [token["refresh_token"] != second["refresh_token"] for token in kept] == [True]

    for expected, changed in [("invalid_grant", {"password": "wrong"}), ("invalid_request", {"password": ""})]:
        refused = {**credentials, **changed}
        assert raised(OAuth2Error, session.fetch_token, LOGIN, **refused).error == expected
    assert raised(OAuth2Error, session.refresh_token, REFRESH, refresh_token="unknown").error == "invalid_grant"
    backend = requests_oauthlib.OAuth2Session(client=BackendApplicationClient(CLIENT))
    for url in [LOGIN, REFRESH]:
        refusal = raised(OAuth2Error, backend.fetch_token, url, include_client_id=True)
        assert refusal.error == "unsupported_grant_type"


def with_authlib():
    session = authlib.OAuth2Session(CLIENT, scope="everything", token_endpoint_auth_method="none")
    credentials = {"grant_type": "password", "username": EMAIL, "password": PASSWORD}
    first = session.fetch_token(LOGIN, **credentials)
    assert_me(session)
    second = session.refresh_token(REFRESH, refresh_token=first["refresh_token"])
    assert second["refresh_token"] != first["refresh_token"]
    assert_me(session)

    kept = []
    later = authlib.OAuth2Session(
        CLIENT,
        token=overdue(second),
        token_endpoint=REFRESH,
        token_endpoint_auth_method="none",
        update_token=lambda token, **_: kept.append(token),
    )
    assert_me(later)
    assert [token["refresh_token"] != second["refresh_token"] for token in kept] == [True]

    for expected, url, changed in [
        ("invalid_grant", LOGIN, {"password": "wrong"}),
        ("invalid_request", LOGIN, {"username": ""}),
        ("unsupported_grant_type", LOGIN, {"grant_type": "client_credentials"}),
        ("unsupported_grant_type", REFRESH, {}),
    ]:
        assert raised(authlib.OAuthError, session.fetch_token, url, **{**credentials, **changed}).error == expected
    assert raised(authlib.OAuthError, session.refresh_token, REFRESH, refresh_token="unknown").error == "invalid_grant"


with_requests_oauthlib()
with_authlib()
print("logged in and refreshed")
