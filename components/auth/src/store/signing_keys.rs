//! The table `signing_keys`.

use std::fmt;

use users_crypto::{PublicKey, SigningKey};
use users_db::{Db, DbError, Row};

/// The key that signs now, as the database keeps it.
#[derive(Clone)]
pub(crate) struct StoredKey {
    pub(crate) kid: String,
    /// The private key, encrypted.
    pub(crate) sealed: Vec<u8>,
    /// It is so old that another one must take its place, and there is none yet.
    pub(crate) is_due: bool,
}

impl StoredKey {
    /// Reads the columns of `signing_key()`. `None` when no key signs.
    pub(super) fn of(row: &Row) -> Result<Option<Self>, DbError> {
        let Some(kid) = row.get("kid")? else {
            return Ok(None);
        };
        Ok(Some(Self { kid, sealed: row.get("sealed_key")?, is_due: row.get("is_due")? }))
    }
}

/// Does not show the encrypted key.
impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("kid", &self.kid)
            .field("is_due", &self.is_due)
            .finish_non_exhaustive()
    }
}

/// In seconds: the time between the publication of a key and its first signature, if another key signs until then. Services that keep a copy of
/// the public keys fetch them again within it.
const LEAD: i32 = 86_400;

/// Adds a key, if one is still needed: it signs from now on if none does, and otherwise in a day. Returns the key that signs now, which is another
/// one then, or if another replica was faster.
pub(crate) async fn add(db: &Db, key: &SigningKey, sealed: &[u8]) -> Result<StoredKey, DbError> {
    let row = db
        .change(
            "SELECT kid, sealed_key, is_due FROM add_signing_key($1::text, $2::bytea, $3::bytea, $4)",
            &[key.kid().into(), key.public_key().octets().as_slice().into(), sealed.into(), LEAD.into()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    StoredKey::of(&row)?.ok_or_else(DbError::missing_row)
}

/// The public parts of the keys that verify access tokens, in the order in which they begin to sign. A row that holds no key verifies nothing,
/// and is left out.
pub(crate) async fn published(db: &Db) -> Result<Vec<PublicKey>, DbError> {
    let rows = db
        .read_all(
            "SELECT public_key FROM signing_keys WHERE revoked_at IS NULL ORDER BY signs_from, kid",
            &[],
        )
        .await?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        keys.extend(PublicKey::from_octets(&row.get::<Vec<u8>>("public_key")?));
    }
    Ok(keys)
}
