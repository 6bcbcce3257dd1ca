//! New API keys: the fields of a request that asks for one, and the answer that shows it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use users_core::{ApiKey, ApiKeyId, ApiKeyName, Network, RightName, Timestamp};
use users_crypto::ApiKeySecret;
use users_web::{Checks, Field, Input, Parsed};
use utoipa::ToSchema;

/// The body of a request for a new key.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiKeyBody {
    name: Field<ApiKeyName>,
    expires_at: Field<Timestamp>,
    permissions: Field<Vec<Value>>,
    addresses: Field<Vec<Value>>,
}

/// What a new key is to be.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// Its purpose, in the words of its owner.
    pub name: ApiKeyName,
    /// The time from which it is refused; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The rights that it is limited to, each once; `None` for all that the account has at the moment of use.
    pub permissions: Option<Vec<RightName>>,
    /// The networks from which it may be used, each once; `None` for all.
    pub addresses: Option<Vec<Network>>,
}

impl ApiKeyBody {
    /// An example for the description of an operation.
    #[must_use]
    pub fn example() -> Value {
        json!({"name": "nightly report", "expires_at": "2099-01-01T00:00:00Z", "addresses": ["10.0.0.0/8", "2001:db8::7"]})
    }
}

impl Input for ApiKeyBody {
    type Accepted = NewApiKey;

    fn check(self, checks: &mut Checks) -> Option<NewApiKey> {
        let name = checks.required("/name", self.name);
        let expires_at =
            checks.optional("/expires_at", self.expires_at).and_then(|time| in_time(checks, time));
        let permissions = checks.items("/permissions", self.permissions, 0, ApiKey::MAX_ITEMS);
        let addresses = checks.items("/addresses", self.addresses, 1, ApiKey::MAX_ITEMS);
        Some(NewApiKey {
            name: name?,
            expires_at: expires_at?,
            permissions: permissions?.map(each_once),
            addresses: addresses?.map(each_once),
        })
    }
}

/// A time in the future that RFC 3339 can write.
fn in_time(checks: &mut Checks, time: Option<Timestamp>) -> Option<Option<Timestamp>> {
    const MICROS: i64 = 1_000_000;
    let Some(expiry) = time else { return Some(None) };
    if checks.time().is_some_and(|now| expiry.micros() <= now.saturating_mul(MICROS)) {
        return checks.broken("/expires_at", "must be in the future");
    }
    if expiry.year() > Timestamp::LAST_YEAR {
        return checks.broken("/expires_at", "must be before the year 10000");
    }
    Some(Some(expiry))
}

fn each_once<T: PartialEq>(items: Vec<T>) -> Vec<T> {
    items.into_iter().fold(Vec::new(), |mut kept, item| {
        if !kept.contains(&item) {
            kept.push(item);
        }
        kept
    })
}

impl NewApiKey {
    /// The rights in the form in which the database keeps them.
    #[must_use]
    pub fn rights(&self) -> Option<Vec<String>> {
        self.permissions.as_ref().map(|rights| rights.iter().map(|right| right.as_str().to_owned()).collect())
    }

    /// The networks in the form in which the database reads them.
    #[must_use]
    pub fn networks(&self) -> Option<Vec<String>> {
        self.addresses.as_ref().map(|networks| networks.iter().map(ToString::to_string).collect())
    }
}

/// A key that was made just now, with the key itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewApiKey, examples(json!({
    "id": 9, "name": "nightly report", "permissions": ["accounts:read"], "addresses": ["10.0.0.0/8"],
    "expires_at": "2027-05-15T09:30:00.000000Z", "created_at": "2026-05-15T09:30:00.123456Z", "last_used_at": null,
    "second_factor": false,
    "key": "uk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAABf45VE",
})))]
pub struct MadeApiKey {
    #[serde(flatten)]
    made: ApiKey,
    /// The key. It is shown this once, because only its hash is stored. Send it as a bearer token.
    #[schema(min_length = 46, max_length = 46, pattern = "^uk_[A-Za-z0-9_-]{43}$")]
    key: String,
}

impl MadeApiKey {
    /// The stored key, and its secret.
    #[must_use]
    pub fn new(made: ApiKey, secret: &ApiKeySecret) -> Self {
        Self { made, key: secret.as_str().to_owned() }
    }
}

/// A path that contains the id of a key, such as `/auth/api-keys/{key_id}`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApiKeyPath {
    key_id: Field<Parsed<ApiKeyId>>,
}

impl Input for ApiKeyPath {
    type Accepted = ApiKeyId;

    fn check(self, checks: &mut Checks) -> Option<ApiKeyId> {
        checks.required("/key_id", self.key_id).map(|Parsed(id)| id)
    }
}

#[cfg(test)]
mod tests {
    use users_web::{Problem, validate_input};

    use super::*;

    /// 2026-05-15T09:30:00Z.
    const NOW: i64 = 1_778_837_400;

    fn check(body: Value) -> Result<NewApiKey, Vec<String>> {
        let body: ApiKeyBody = serde_json::from_value(body).unwrap();
        validate_input(body, Checks::at(Some(NOW)))
            .map_err(|problem: Problem| problem.errors().iter().map(|it| it.pointer.clone()).collect())
    }

    #[test]
    fn only_a_name_is_required_and_null_is_as_good_as_nothing() {
        for body in [
            json!({"name": "x"}),
            json!({"name": " x ", "expires_at": null, "permissions": null, "addresses": null}),
        ] {
            let new = check(body).unwrap();
            assert_eq!(new.name.as_str(), "x");
            assert!(new.expires_at.is_none() && new.rights().is_none() && new.networks().is_none());
        }
        assert_eq!(check(json!({})).unwrap_err(), ["/name"]);
    }

    #[test]
    fn every_broken_field_is_listed() {
        let body = json!({
            "name": "", "expires_at": "2026-05-15T09:30:00Z", "permissions": ["a:b", "c", 1], "addresses": ["::1", "10.0.0.1/8"],
        });
        let expected = ["/name", "/expires_at", "/permissions/1", "/permissions/2", "/addresses/1"];
        assert_eq!(check(body).unwrap_err(), expected);
        let body = json!({
            "name": "x", "expires_at": "tomorrow", "permissions": vec!["a:b"; 101], "addresses": [],
        });
        assert_eq!(check(body).unwrap_err(), ["/expires_at", "/permissions", "/addresses"]);
    }

    #[test]
    fn a_key_expires_in_the_future_and_before_the_year_10000() {
        for (time, is_accepted) in [
            ("2026-05-15T09:30:01Z", true),
            ("2026-05-15T11:30:00.000001+02:00", true),
            ("2026-05-15T09:30:00.000000+00:01", false),
            ("1970-01-01T00:00:00Z", false),
            ("9999-12-31T23:59:59Z", true),
            ("9999-12-31T23:59:59-01:00", false),
        ] {
            let checked = check(json!({"name": "x", "expires_at": time}));
            assert_eq!(checked.is_ok(), is_accepted, "{time}: {checked:?}");
        }
    }

    #[test]
    fn what_is_sent_twice_counts_once() {
        let body = json!({
            "name": "x", "permissions": ["a:b", "c:d", "a:b"], "addresses": ["10.0.0.0/8", "::ffff:10.0.0.0/104", "::1"],
        });
        let new = check(body).unwrap();
        assert_eq!(new.rights().unwrap(), ["a:b", "c:d"]);
        assert_eq!(new.networks().unwrap(), ["10.0.0.0/8", "::1"]);
        assert_eq!(check(json!({"name": "x", "permissions": []})).unwrap().rights(), Some(vec![]));
    }
}
