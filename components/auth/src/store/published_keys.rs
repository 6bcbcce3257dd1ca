//! The public parts of the table `signing_keys`.

use users_crypto::PublicKey;
use users_db::{Db, DbError};

/// The keys that verify access tokens, in the order in which they begin to sign. A row whose key no token can verify with is left out.
pub(crate) async fn list(db: &Db) -> Result<Vec<PublicKey>, DbError> {
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
