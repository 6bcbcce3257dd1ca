"""Calls a few operations with the generated client. The types of the client come only from the document.

The client parses every answer: a missing member or an undocumented status raises an error.
"""

import os
import typing

from users_client import AuthenticatedClient, Client
from users_client.api.auth import get_me, login, logout, register
from users_client.api.profile import create_profile, get_preferences, update_preferences, update_profile
from users_client.api.users import list_users

URL = os.environ["WALK_URL"]
EMAIL, PASSWORD = "ada@example.com", "correct horse battery staple"


def call(operation, status, client, **fields):
    """Calls an operation and returns the parsed answer. The body has the type that the generator created for it."""
    arguments = {"body": typing.get_type_hints(operation.sync_detailed)["body"].from_dict(fields)} if fields else {}
    response = operation.sync_detailed(client=client, **arguments)
    assert response.status_code == status, f"{operation.__name__}: expected {status}: {response}"
    assert status == 204 or response.parsed is not None, f"{operation.__name__}: expected a parsed answer: {response}"
    return response.parsed


nobody = Client(base_url=URL, raise_on_unexpected_status=True)
user = call(register, 201, nobody, email=EMAIL, password=PASSWORD, full_name="Ada Lovelace")
assert (user.email, user.is_active, user.is_admin) == (EMAIL, True, False), user
assert call(register, 409, nobody, email=EMAIL, password=PASSWORD).code == "email_taken"
tokens = call(login, 200, nobody, username=EMAIL, password=PASSWORD)
ada = AuthenticatedClient(base_url=URL, token=tokens.access_token, raise_on_unexpected_status=True)
me = call(get_me, 200, ada)
assert (me.id, me.full_name) == (user.id, "Ada Lovelace"), me

profile = call(create_profile, 201, ada, bio="Poetical science", birth_date="1990-12-10")
assert (profile.user_id, str(profile.birth_date)) == (user.id, "1990-12-10"), profile
profile = call(update_profile, 200, ada, bio=None, location="London")
assert (profile.bio, profile.location) == (None, "London"), profile
call(update_preferences, 200, ada, theme="dark", editor="vi")
assert call(get_preferences, 200, ada).to_dict() == {"theme": "dark", "editor": "vi"}

assert call(list_users, 403, ada).code == "admin_required"
call(logout, 204, ada)
assert call(get_me, 401, ada).code == "invalid_token"
print("walked to the end")
