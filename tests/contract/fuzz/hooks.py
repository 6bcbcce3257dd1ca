"""Facts that openapi.json cannot express: the login, the existing ids, and the syntax of some formats."""

import datetime
import os

import requests
import schemathesis
from hypothesis import strategies as st

# The ids of the objects in fuzz.rs. There are twenty objects of each kind.
FIRST_ID, IDS = 1001, 20
# schemathesis also tries values at the limits, outside this range.
SMALL, LARGEST = 1000, 2**31 - 1

schemathesis.openapi.format(
    "bcp-47",
    st.from_regex(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?(-x-[a-z0-9]{1,8})?", fullmatch=True),
)
schemathesis.openapi.format(
    "iana-time-zone",
    st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Kolkata", "Etc/GMT+12"]),
)
# A birth date must be after 1900 and in the past. A schema cannot express that.
schemathesis.openapi.format(
    "date",
    st.dates(datetime.date(1900, 1, 1), datetime.date(2020, 12, 31)).map(datetime.date.isoformat),
)


def log_in():
    """Returns a new access token. It is valid for 15 minutes, longer than a run."""
    form = {"username": os.environ["FUZZ_EMAIL"], "password": os.environ["FUZZ_PASSWORD"]}
    answer = requests.post(os.environ["FUZZ_URL"] + "/auth/login", data=form, timeout=30)
    answer.raise_for_status()
    return answer.json()["access_token"]


class Token:
    """Sends the same token with every request."""

    def get(self, case, context):
        return log_in()

    def set(self, case, token, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {token}"


if "FUZZ_EMAIL" in os.environ:
    every_ten_minutes = {"refresh_interval": 600}
    # Logout uses its own session, because it would end the session of the other requests.
    schemathesis.auth(**every_ten_minutes).apply_to(method="POST", path="/auth/logout")(type("Logout", (Token,), {}))
    schemathesis.auth(**every_ten_minutes).skip_for(path="/auth/logout")(Token)


def known(number):
    """Replaces about half of the random ids by ids of existing objects."""
    is_random = type(number) is int and SMALL < number < LARGEST
    return FIRST_ID + number // 2 % IDS if is_random and number % 2 == 0 else number


def with_known_ids(members):
    for name, value in members.items():
        if name.endswith("_id"):
            members[name] = known(value)
        elif name.endswith("_ids") and isinstance(value, list):
            members[name] = [known(number) for number in value]


@schemathesis.hook
def map_case(context, case):
    # A request may have `skip` or `after`, but not both. OpenAPI cannot express that.
    if case.query and "skip" in case.query and "after" in case.query:
        del case.query["skip"]
    if case.path_parameters:
        with_known_ids(case.path_parameters)
    if isinstance(case.body, dict):
        with_known_ids(case.body)
    return case
