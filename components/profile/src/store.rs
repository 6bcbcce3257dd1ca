//! The SQL of the component. Every change is one statement, and locks the account first: so changes take turns, and what one of
//! them expects is judged by `profile_version` when its turn has come.

use users_core::{Preferences, Profile, Reader, StoredProfile, Timestamp, User, UserId};
use users_db::{Db, DbError, Row, Value};
use users_web::{Change, ETag, IfMatch, Problem, user_from};

use crate::body::{Changes, Patch};

/// The check of how large preferences may be.
const PROFILES_PREFERENCES_SIZE: &str = "profiles_preferences_size";

/// The version of a profile: it moves when the account changes, whose name it shows, and when the profile does.
pub(crate) fn version(user: &User, stored: Option<&StoredProfile>) -> ETag {
    ETag::of(&[user.updated_at.micros(), stored.map_or(0, |stored| stored.updated_at.micros())])
}

/// The version of preferences that last changed at a time.
pub(crate) fn preferences_version(updated_at: Option<Timestamp>) -> ETag {
    ETag::of(&[updated_at.map_or(0, Timestamp::micros)])
}

/// What came of saving a profile.
pub(crate) enum Saved {
    /// It is this now, in this version.
    Profile(Box<Profile>, ETag),
    /// The preferences would be larger than they may be; nothing was changed.
    TooLarge,
    /// The condition for it did not hold; nothing was changed.
    Nothing,
    /// The account is gone.
    NoAccount,
}

/// 422 for preferences at this place of the body.
pub(crate) fn too_large(pointer: &str) -> Problem {
    Problem::broken(pointer, "must be at most 16 KiB together")
}

/// The account and the profile of a row with the columns of the one, and the other as `profile`.
fn parts(row: &Row) -> Result<(User, Option<StoredProfile>), DbError> {
    Ok((user_from(row)?, row.json("profile")?))
}

fn saved(row: Result<Option<Row>, DbError>) -> Result<Saved, DbError> {
    match row {
        Err(error) if error.violates(PROFILES_PREFERENCES_SIZE) => Ok(Saved::TooLarge),
        row => Ok(match row?.map(|row| parts(&row)).transpose()? {
            None => Saved::NoAccount,
            Some((_, None)) => Saved::Nothing,
            Some((user, stored)) => {
                let version = version(&user, stored.as_ref());
                Saved::Profile(Box::new(Profile::new(user, stored)), version)
            }
        }),
    }
}

/// Adds whether something changes and what it becomes.
fn push<T>(parameters: &mut Vec<Value>, change: &Change<T>, value: impl Fn(&T) -> Value) {
    let (changes, becomes) = change.parts();
    parameters.push(changes.into());
    parameters.push(becomes.map(value).into());
}

/// The parameters `$1` to `$18` of the statement that saves a profile.
fn parameters(user: UserId, changes: &Changes) -> Vec<Value> {
    let mut parameters = vec![user.into()];
    push(&mut parameters, &changes.full_name, |it| it.as_str().into());
    push(&mut parameters, &changes.bio, |it| it.as_str().into());
    push(&mut parameters, &changes.avatar_url, |it| it.as_str().into());
    push(&mut parameters, &changes.location, |it| it.as_str().into());
    push(&mut parameters, &changes.website, |it| it.as_str().into());
    push(&mut parameters, &changes.phone_number, |it| it.as_str().into());
    push(&mut parameters, &changes.birth_date, |it| it.date().into());
    let nothing = Patch::default();
    let (clears, patch) = match &changes.preferences {
        Change::Keep => (false, &nothing),
        Change::Set(None) => (true, &nothing),
        Change::Set(Some(patch)) => (false, patch),
    };
    parameters.push(clears.into());
    parameters.extend(patched(patch));
    parameters
}

/// The preferences to be set, as JSON in a text, and the keys to be removed.
fn patched(patch: &Patch) -> [Value; 2] {
    [serde_json::Value::from(patch.set.clone()).to_string().into(), patch.removed.clone().into()]
}

/// What a client wants to change: the version that it has read.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) user: &'a User,
    pub(crate) stored: Option<&'a StoredProfile>,
}

impl<'a> Expected<'a> {
    /// What is expected of the profile by a client that names a version.
    ///
    /// # Errors
    /// 412 when the profile has another one by now.
    pub(crate) fn of(
        wanted: &IfMatch,
        user: &'a User,
        stored: Option<&'a StoredProfile>,
    ) -> Result<Option<Self>, Problem> {
        wanted.allows(&version(user, stored))?;
        Ok(wanted.names_a_version().then_some(Self { user, stored }))
    }
}

/// Whether a version is expected, and which one the account and the profile have then.
fn expectation(expected: Option<Expected<'_>>) -> [Value; 3] {
    let user = expected.map(|it| it.user.updated_at);
    let stored = expected.and_then(|it| it.stored).map(|it| it.updated_at);
    [expected.is_some().into(), user.into(), stored.into()]
}

/// What must hold for a profile to be saved.
#[derive(Clone, Copy)]
pub(crate) enum Condition<'a> {
    /// There is none, preferences apart.
    New,
    /// Nothing.
    Any,
    /// It has the version that the client has read.
    Expected(Expected<'a>),
}

/// Saves the fields that were sent, and keeps the others and the preferences that were there before. `Nothing` when the
/// condition does not hold.
pub(crate) async fn save(
    db: &Db,
    user: UserId,
    condition: Condition<'_>,
    changes: &Changes,
) -> Result<Saved, DbError> {
    let (is_new, expected) = match condition {
        Condition::New => (true, None),
        Condition::Any => (false, None),
        Condition::Expected(expected) => (false, Some(expected)),
    };
    let mut parameters = parameters(user, changes);
    parameters.extend(expectation(expected));
    parameters.push(is_new.into());
    let row = db
        .change(
            "WITH owner AS (
                 SELECT * FROM users WHERE id = $1::int4 FOR NO KEY UPDATE
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
                    SET full_name = $3::text, updated_at = greatest(now(), u.updated_at + interval '1 microsecond')
                   FROM saved
                  WHERE u.id = saved.user_id AND $2::bool AND u.full_name IS DISTINCT FROM $3
                 RETURNING u.*
             ), account AS (
                 SELECT * FROM renamed
                 UNION ALL
                 SELECT * FROM owner WHERE NOT EXISTS (SELECT FROM renamed)
             )
             SELECT account.id, account.email, account.full_name, account.is_active, account.is_admin,
                    account.created_at AT TIME ZONE 'UTC' AS created_at,
                    account.updated_at AT TIME ZONE 'UTC' AS updated_at,
                    to_jsonb(saved)::text AS profile
               FROM account LEFT JOIN saved ON true",
            &parameters,
        )
        .await;
    saved(row)
}

/// Clears the fields and the preferences, unless another version is expected: then it is false.
pub(crate) async fn delete(db: &Db, user: UserId, expected: Option<Expected<'_>>) -> Result<bool, DbError> {
    let [is_expected, account, profile] = expectation(expected);
    let row = db
        .change(
            "WITH owner AS (
                 SELECT * FROM users WHERE id = $1 FOR NO KEY UPDATE
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

/// Clears the picture, unless another version is expected: then it is false.
pub(crate) async fn remove_avatar(
    db: &Db,
    user: UserId,
    expected: Option<Expected<'_>>,
) -> Result<bool, DbError> {
    let [is_expected, account, profile] = expectation(expected);
    let row = db
        .change(
            "WITH owner AS (
                 SELECT * FROM users WHERE id = $1 FOR NO KEY UPDATE
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

/// What came of saving preferences.
pub(crate) enum SavedPreferences {
    /// They are these now, in this version.
    Preferences(Preferences, ETag),
    TooLarge,
    /// Another version is expected; nothing was changed.
    Stale,
    /// The account is gone.
    NoAccount,
}

/// Merges preferences into those that are kept, key by key, so that changes of different keys at the same moment are all kept.
pub(crate) async fn merge(
    db: &Db,
    user: UserId,
    expected: Option<Expected<'_>>,
    patch: &Patch,
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
                updated_at => {
                    SavedPreferences::Preferences(row.json("preferences")?, preferences_version(updated_at))
                }
            }),
        },
    }
}

/// The account with this id, and what is kept of its profile, if a reader may see some of it. What [`Profile::seen_by`] would
/// withhold is not read at all: the time that it takes would tell that it is there.
pub(crate) async fn find(
    db: &Db,
    user: UserId,
    reader: Reader,
) -> Result<Option<(User, Option<StoredProfile>)>, DbError> {
    let row = db
        .read(
            "SELECT u.id, u.email, u.full_name, u.is_active, u.is_admin,
                    u.created_at AT TIME ZONE 'UTC' AS created_at,
                    u.updated_at AT TIME ZONE 'UTC' AS updated_at,
                    (SELECT to_jsonb(p)::text FROM profiles p WHERE p.user_id = u.id) AS profile
               FROM users u
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
