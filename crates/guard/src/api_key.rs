//! Recognizes a caller by an API key.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use users_core::{ApiKeyId, ClientAddress, UnnamedRight, User};
use users_crypto::ApiKeySecret;
use users_db::{Db, DbError};
use users_web::Problem;

use crate::Caller;
use crate::caller::Credential;
use crate::codes::{INACTIVE_ACCOUNT, INVALID_TOKEN};

/// The extra that lists the rights of a key that no permission of the installation has. It comes with [`Rights::EXTRA`](crate::Rights::EXTRA).
const UNNAMED: &str = "unnamed_permissions";

/// The answer of `caller_by_key()` of migration 0030. Of an inactive account, it has only the first member.
#[derive(Debug, Deserialize)]
struct Found {
    is_active: bool,
    api_key: Option<ApiKeyId>,
    /// The account that acts by the key. It is no administrator's if the key is limited to other rights.
    user: Option<User>,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    extras: BTreeMap<String, Box<RawValue>>,
    /// The database's time, in seconds since 1970.
    #[serde(default)]
    now: i64,
}

/// Recognizes the caller by a text that is meant to be an API key, and reads the extras, with one statement. A text that has never been a key
/// costs none.
///
/// # Errors
/// 401 `invalid_token` for a key that does not exist, has expired or may not be used from this address. 403 `inactive_account`.
pub(crate) async fn recognise(
    db: &Db,
    presented: &str,
    client: Option<ClientAddress>,
    extras: &'static [&'static str],
) -> Result<Caller, Problem> {
    let hash = ApiKeySecret::hash_of(presented).ok_or(INVALID_TOKEN)?;
    let found = find(db, &hash, client, extras).await?.ok_or(INVALID_TOKEN)?;
    if !found.is_active {
        return Err(INACTIVE_ACCOUNT.into());
    }
    let Found { api_key: Some(key), user: Some(user), roles, extras: read, now, .. } = found else {
        return Err(Problem::internal("the database names no account for a key"));
    };
    Ok(Caller { user, credential: Credential::ApiKey(key), roles, asked_for: extras, extras: read, now })
}

/// The function also writes the hour of the last use, once an hour. Running it again changes nothing, and a write that is lost is made up for
/// by the next use, so it may be retried as a read.
async fn find(
    db: &Db,
    hash: &[u8; 32],
    client: Option<ClientAddress>,
    extras: &[&str],
) -> Result<Option<Found>, DbError> {
    let extras: Vec<String> = extras.iter().map(|&name| name.to_owned()).collect();
    let row = db
        .read(
            "SELECT caller_by_key($1::bytea, $2::text, $3::text[]) AS caller",
            &[hash.as_slice().into(), client.map(|client| client.to_string()).into(), extras.into()],
        )
        .await?;
    match row {
        Some(row) => row.json("caller"),
        None => Ok(None),
    }
}

impl Caller {
    /// The rights of an API key that no permission of the installation has.
    ///
    /// # Errors
    /// A defect of the database's function: the extra has another type.
    pub(crate) fn unnamed_rights(&self) -> Result<Vec<UnnamedRight>, Problem> {
        let Some(json) = self.extras.get(UNNAMED) else { return Ok(Vec::new()) };
        let rights: Option<Vec<UnnamedRight>> = serde_json::from_str(json.get())
            .map_err(|_| Problem::internal(format!("{UNNAMED} is not of the expected type")))?;
        Ok(rights.unwrap_or_default())
    }
}
