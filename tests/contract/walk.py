"""A walk through the API with the generated client, as somebody would write it who has only read the document.

The client parses every answer: one that lacks a member, or has a status that the document does not know, ends the walk.
"""

import os
import typing

from users_client import AuthenticatedClient, Client
from users_client.api.auth import get_me, login, logout, refresh, register
from users_client.api.profile import (
    create_profile,
    get_preferences,
    get_profile,
    get_user_profile,
    update_preferences,
    update_profile,
)
from users_client.api.rbac import (
    assign_roles,
    check_permission,
    create_permission,
    create_role,
    get_my_permissions,
    list_user_roles,
    unassign_role,
)
from users_client.api.users import deactivate_user, get_user, list_users

URL = os.environ["WALK_URL"]
ADMINISTRATOR = os.environ["WALK_ADMINISTRATOR"]
PASSWORD = os.environ["WALK_PASSWORD"]
EMAIL = "ada@example.com"


def model(operation, **fields):
    """What an operation takes as its body, whatever the generator has named it."""
    return typing.get_type_hints(operation.sync_detailed)["body"].from_dict(fields)


def call(operation, status, *parameters, client, body=None):
    """Calls an operation, expects this status, and returns the parsed answer."""
    arguments = {} if body is None else {"body": model(operation, **body)}
    response = operation.sync_detailed(*parameters, client=client, **arguments)
    name = operation.__name__
    assert response.status_code == status, f"{name}: expected {status}: {response}"
    if status != 204:
        assert response.parsed is not None, f"{name}: expected an answer that can be parsed: {response}"
    return response.parsed


def log_in(email):
    """The tokens of a new session, and a client that has the access token."""
    tokens = call(login, 200, client=nobody, body={"username": email, "password": PASSWORD})
    assert tokens.token_type == "bearer", tokens
    return tokens, with_token(tokens)


def with_token(tokens):
    return AuthenticatedClient(base_url=URL, token=tokens.access_token, raise_on_unexpected_status=True)


nobody = Client(base_url=URL, raise_on_unexpected_status=True)

# An account of one's own.
registration = {"email": EMAIL, "password": PASSWORD, "full_name": "Ada Lovelace"}
user = call(register, 201, client=nobody, body=registration)
assert (user.email, user.is_active, user.is_admin) == (EMAIL, True, False), user
assert call(register, 409, client=nobody, body=registration).code == "email_taken"
tokens, ada = log_in(EMAIL)
me = call(get_me, 200, client=ada)
assert (me.id, me.full_name) == (user.id, "Ada Lovelace"), me

# What one tells about oneself, and prefers; read back.
profile = call(create_profile, 201, client=ada, body={"bio": "Poetical science", "birth_date": "1990-12-10"})
assert profile.user_id == user.id, profile
profile = call(update_profile, 200, client=ada, body={"bio": None, "location": "London"})
assert (profile.bio, profile.location) == (None, "London"), profile
assert str(call(get_profile, 200, client=ada).birth_date) == "1990-12-10"
call(update_preferences, 200, client=ada, body={"theme": "dark", "editor": "vi"})
call(update_preferences, 200, client=ada, body={"editor": None, "timezone": "Europe/London"})
preferences = call(get_preferences, 200, client=ada).to_dict()
assert preferences == {"theme": "dark", "timezone": "Europe/London"}, preferences

# Others may not look, nor may those administrate who are no administrators.
_, root = log_in(ADMINISTRATOR)
assert call(get_user_profile, 200, user.id, client=root).to_dict()["location"] == "London"
assert call(list_users, 403, client=ada).code == "admin_required"

# An administrator looks after accounts, and grants.
found = call(list_users, 200, client=root)
assert EMAIL in [one.email for one in found], found
assert call(get_user, 404, 2_000_000_000, client=root).code == "not_found"
permission = call(
    create_permission, 201, client=root,
    body={"name": "article:publish", "resource": "article", "action": "publish"},
)
role = call(create_role, 201, client=root, body={"name": "editor", "permission_ids": [permission.id]})
assert [one.name for one in role.permissions] == ["article:publish"], role
question = {"resource": "article", "action": "publish"}
assert call(check_permission, 200, client=ada, body=question).allowed is False
call(assign_roles, 200, user.id, client=root, body={"role_ids": [role.id]})
assert call(check_permission, 200, client=ada, body=question).allowed is True
assert call(get_my_permissions, 200, client=ada).roles == ["editor"]
assert [one.name for one in call(list_user_roles, 200, user.id, client=root)] == ["editor"]
call(unassign_role, 204, user.id, role.id, client=root)

# New tokens for old ones, and out.
tokens = call(refresh, 200, client=nobody, body={"refresh_token": tokens.refresh_token})
ada = with_token(tokens)
call(logout, 204, client=ada)
assert call(get_me, 401, client=ada).code == "invalid_token"
assert call(deactivate_user, 200, user.id, client=root).is_active is False

print("walked to the end")
