//! The SQL of the component. Every change is one statement. The statement locks the account first, so concurrent changes wait for
//! each other. `profile_version` compares the expected version after the lock is taken.

use users_core::{
    Change, FullName, Preferences, PreferencesPatch, ProfileChanges, Reader, StoredProfile, Timestamp, User,
    UserId, fold,
};
use users_db::{Db, DbError, Row, Value};

/// The constraint on the size of preferences.
const PROFILES_PREFERENCES_SIZE: &str = "profiles_preferences_size";

/// The outcome of saving a profile.
pub(crate) enum Saved {
    /// The account and the profile after the change.
    Profile(Box<(User, StoredProfile)>),
    /// The preferences would exceed their limit. Nothing was changed.
    TooLarge,
    /// The condition was false. Nothing was changed.
    Unchanged,
    /// The account has been deleted.
    NoAccount,
}

/// The account and the profile of a row with the columns `account` and `profile`.
fn parts(row: &Row) -> Result<(User, Option<StoredProfile>), DbError> {
    Ok((row.json("account")?, row.json("profile")?))
}

fn saved(row: Result<Option<Row>, DbError>) -> Result<Saved, DbError> {
    match row {
        Err(error) if error.violates(PROFILES_PREFERENCES_SIZE) => Ok(Saved::TooLarge),
        row => Ok(match row?.map(|row| parts(&row)).transpose()? {
            None => Saved::NoAccount,
            Some((_, None)) => Saved::Unchanged,
            Some((user, Some(stored))) => Saved::Profile(Box::new((user, stored))),
        }),
    }
}

/// Adds two parameters: a flag that is true if the value changes, and the new value.
fn push<T>(parameters: &mut Vec<Value>, change: &Change<T>, value: impl Fn(&T) -> Value) {
    let (changes, becomes) = change.parts();
    parameters.push(changes.into());
    parameters.push(becomes.map(value).into());
}

/// The parameters `$1` to `$18` of the statement that saves a profile.
fn parameters(user: UserId, changes: &ProfileChanges) -> Vec<Value> {
    let mut parameters = vec![user.into()];
    push(&mut parameters, &changes.full_name, |it| it.as_str().into());
    push(&mut parameters, &changes.bio, |it| it.as_str().into());
    push(&mut parameters, &changes.avatar_url, |it| it.as_str().into());
    push(&mut parameters, &changes.location, |it| it.as_str().into());
    push(&mut parameters, &changes.website, |it| it.as_str().into());
    push(&mut parameters, &changes.phone_number, |it| it.as_str().into());
    push(&mut parameters, &changes.birth_date, |it| it.date().into());
    let unchanged = PreferencesPatch::default();
    let (clears, patch) = match &changes.preferences {
        Change::Keep => (false, &unchanged),
        Change::Set(None) => (true, &unchanged),
        Change::Set(Some(patch)) => (false, patch),
    };
    parameters.push(clears.into());
    parameters.extend(patched(patch));
    parameters
}

/// Two parameters: the preferences to set as JSON text, and the keys to remove.
fn patched(patch: &PreferencesPatch) -> [Value; 2] {
    [serde_json::Value::from(patch.set.clone()).to_string().into(), patch.removed.clone().into()]
}

/// The version that a client has read and wants to change.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Expected {
    /// The last change of the account.
    pub(crate) user: Timestamp,
    /// The last change of the profile, if there is one.
    pub(crate) profile: Option<Timestamp>,
}

/// Three parameters: a flag that is true if a version is expected, and the expected versions of the account and of the profile.
fn expectation(expected: Option<Expected>) -> [Value; 3] {
    let user = expected.map(|it| it.user);
    let profile = expected.and_then(|it| it.profile);
    [expected.is_some().into(), user.into(), profile.into()]
}

/// The condition under which a profile is saved.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Condition {
    /// There is no profile yet. Preferences do not count as a profile.
    New,
    /// There is no condition.
    Any,
    /// The profile has the version that the client has read.
    Expected(Expected),
}

/// Saves the fields that were sent. The other fields and the preferences stay. Returns `Unchanged` if the condition is false.
pub(crate) async fn save(
    db: &Db,
    user: UserId,
    condition: Condition,
    changes: &ProfileChanges,
) -> Result<Saved, DbError> {
    let (is_new, expected) = match condition {
        Condition::New => (true, None),
        Condition::Any => (false, None),
        Condition::Expected(expected) => (false, Some(expected)),
    };
    let mut parameters = parameters(user, changes);
    parameters.extend(expectation(expected));
    parameters.push(is_new.into());
    // The part of `search_text` after the line break. If an account has no `search_text`, the statement does not add one:
    // `usersctl` does.
    let full_name = changes.full_name.parts().1.map_or("", FullName::as_str);
    parameters.push(fold(full_name).into());
    let row = db
        .change(
            "WITH owner AS (
                 SELECT u.id, u.updated_at, to_json(account(u.id)) AS account FROM users u WHERE id = $1::int4 FOR NO KEY UPDATE
             ), saved AS (
                 INSERT INTO profiles AS p (user_id, is_created, bio, avatar_url, location, website, phone_number,
                                            birth_date, preferences)
                 SELECT id, true, $5::text, $7::text, $9::text, $11::text, $13::text, $15::date, $17::text::jsonb
                   FROM owner
                  WHERE NOT $19::bool
                     OR (updated_at AT TIME ZONE 'UTC' = $20::timestamp
                         AND profile_version(id) AT TIME ZONE 'UTC' IS NOT DISTINCT FROM $21::timestamp)
                     ON CONFLICT (user_id) DO UPDATE
                    SET is_created = true,
                        bio = CASE WHEN $4::bool THEN EXCLUDED.bio ELSE p.bio END,
                        avatar_url = CASE WHEN $6::bool THEN EXCLUDED.avatar_url ELSE p.avatar_url END,
                        location = CASE WHEN $8::bool THEN EXCLUDED.location ELSE p.location END,
                        website = CASE WHEN $10::bool THEN EXCLUDED.website ELSE p.website END,
                        phone_number = CASE WHEN $12::bool THEN EXCLUDED.phone_number ELSE p.phone_number END,
                        birth_date = CASE WHEN $14::bool THEN EXCLUDED.birth_date ELSE p.birth_date END,
                        preferences = (CASE WHEN $16::bool THEN '{}' ELSE p.preferences END || $17::text::jsonb) - $18::text[],
                        created_at = CASE WHEN $22::bool THEN now() ELSE p.created_at END,
                        updated_at = greatest(now(), p.updated_at + interval '1 microsecond')
                  WHERE NOT ($22 AND p.is_created)
                 RETURNING *
             ), renamed AS (
                 UPDATE users u
                    SET full_name = $3::text,
                        search_text = split_part(u.search_text, E'\\n', 1) || E'\\n' || $23::text,
                        updated_at = greatest(now(), u.updated_at + interval '1 microsecond')
                   FROM saved
                  WHERE u.id = saved.user_id AND $2::bool AND u.full_name IS DISTINCT FROM $3
                 RETURNING to_json(account(u.id)) AS account
             )
             SELECT coalesce(renamed.account, owner.account)::text AS account, to_jsonb(saved)::text AS profile
               FROM owner LEFT JOIN saved ON true LEFT JOIN renamed ON true",
            &parameters,
        )
        .await;
    saved(row)
}

/// Clears the fields and the preferences. Returns false if the profile has another version than expected.
pub(crate) async fn delete(db: &Db, user: UserId, expected: Option<Expected>) -> Result<bool, DbError> {
    let [is_expected, account, profile] = expectation(expected);
    let row = db
        .change(
            "WITH owner AS (
                 SELECT id, updated_at FROM users WHERE id = $1 FOR NO KEY UPDATE
             ), expected AS (
                 SELECT id FROM owner
                  WHERE NOT $2::bool
                     OR (updated_at AT TIME ZONE 'UTC' = $3::timestamp
                         AND profile_version(id) AT TIME ZONE 'UTC' IS NOT DISTINCT FROM $4::timestamp)
             ), deleted AS (
                 DELETE FROM profiles p USING expected WHERE p.user_id = expected.id
             )
             SELECT id FROM expected",
            &[user.into(), is_expected, account, profile],
        )
        .await?;
    Ok(expected.is_none() || row.is_some())
}

/// Clears the picture. Returns false if the profile has another version than expected.
pub(crate) async fn remove_avatar(
    db: &Db,
    user: UserId,
    expected: Option<Expected>,
) -> Result<bool, DbError> {
    let [is_expected, account, profile] = expectation(expected);
    let row = db
        .change(
            "WITH owner AS (
                 SELECT id, updated_at FROM users WHERE id = $1 FOR NO KEY UPDATE
             ), expected AS (
                 SELECT id FROM owner
                  WHERE NOT $2::bool
                     OR (updated_at AT TIME ZONE 'UTC' = $3::timestamp
                         AND profile_version(id) AT TIME ZONE 'UTC' IS NOT DISTINCT FROM $4::timestamp)
             ), changed AS (
                 UPDATE profiles p
                    SET avatar_url = NULL, updated_at = greatest(now(), p.updated_at + interval '1 microsecond')
                   FROM expected
                  WHERE p.user_id = expected.id AND p.avatar_url IS NOT NULL
             )
             SELECT id FROM expected",
            &[user.into(), is_expected, account, profile],
        )
        .await?;
    Ok(expected.is_none() || row.is_some())
}

/// The outcome of saving preferences.
pub(crate) enum SavedPreferences {
    /// All preferences after the change, and the time of the change.
    Preferences(Preferences, Timestamp),
    /// The preferences would exceed their limit. Nothing was changed.
    TooLarge,
    /// The preferences have another version than expected. Nothing was changed.
    Stale,
    /// The account has been deleted.
    NoAccount,
}

/// Merges preferences into the stored preferences, key by key. Concurrent changes of different keys are therefore all kept.
pub(crate) async fn merge(
    db: &Db,
    user: UserId,
    expected: Option<Expected>,
    patch: &PreferencesPatch,
) -> Result<SavedPreferences, DbError> {
    let [is_expected, _, version] = expectation(expected);
    let [set, removed] = patched(patch);
    let row = db
        .change(
            "WITH owner AS (
                 SELECT id FROM users WHERE id = $1::int4 FOR NO KEY UPDATE
             ), saved AS (
                 INSERT INTO profiles AS p (user_id, is_created, preferences)
                 SELECT id, false, $2::text::jsonb
                   FROM owner
                  WHERE NOT $4::bool
                     OR profile_version(id) AT TIME ZONE 'UTC' IS NOT DISTINCT FROM $5::timestamp
                     ON CONFLICT (user_id) DO UPDATE
                    SET preferences = (p.preferences || $2::text::jsonb) - $3::text[],
                        updated_at = greatest(now(), p.updated_at + interval '1 microsecond')
                 RETURNING preferences::text, updated_at AT TIME ZONE 'UTC' AS updated_at
             )
             SELECT saved.* FROM owner LEFT JOIN saved ON true",
            &[user.into(), set, removed, is_expected, version],
        )
        .await;
    match row {
        Err(error) if error.violates(PROFILES_PREFERENCES_SIZE) => Ok(SavedPreferences::TooLarge),
        row => match row? {
            None => Ok(SavedPreferences::NoAccount),
            Some(row) => Ok(match row.get::<Option<Timestamp>>("updated_at")? {
                None => SavedPreferences::Stale,
                Some(updated_at) => SavedPreferences::Preferences(row.json("preferences")?, updated_at),
            }),
        },
    }
}

/// The account with this id and its profile, if the reader may see a part of the profile. The statement does not read a profile
/// that [`Profile::seen_by`](users_core::Profile::seen_by) would withhold completely. Otherwise, the duration would reveal that the
/// profile exists.
pub(crate) async fn find(
    db: &Db,
    user: UserId,
    reader: Reader,
) -> Result<Option<(User, Option<StoredProfile>)>, DbError> {
    let row = db
        .read(
            "SELECT to_json(u)::text AS account,
                    (SELECT to_jsonb(p)::text FROM profiles p WHERE p.user_id = u.id) AS profile
               FROM accounts u
              WHERE u.id = $1
                AND (NOT $2::bool
                     OR (u.is_active
                         AND EXISTS (
                             SELECT FROM profiles p
                              WHERE p.user_id = u.id AND p.preferences -> 'privacy_public_profile' = 'true'
                         )))",
            &[user.into(), (reader == Reader::Stranger).into()],
        )
        .await?;
    row.map(|row| parts(&row)).transpose()
}
