//! `GET /auth/export`: everything that is kept about the current account.
//!
//! `withheld.txt` names each column that is not exported, and why. A test compares it and the export with the catalogue of the database.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use users_core::{ApiKey, Preferences, RoleId, SessionId, Timestamp, User, authentication_methods_or_null};
use users_guard::Caller;
use users_guard::codes::INVALID_TOKEN;
use users_web::{About, Attachment, Database, Problem};
use utoipa::ToSchema;

use crate::store::own_account;

/// Everything that is kept about an account, but for what is secret or follows from the rest.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = AccountExport)]
pub(crate) struct Export {
    /// The time of the export.
    exported_at: Timestamp,
    /// The account itself.
    account: User,
    /// The time since which wrong passwords of the account count, after a reset by a link or an operator; null for all.
    #[schema(required)]
    failures_forgiven_at: Option<Timestamp>,
    /// The time since which the account has a second factor; null for none.
    #[schema(required)]
    factors_since: Option<Timestamp>,
    /// The profile and the preferences; null until something was set.
    #[schema(required)]
    profile: Option<ExportedProfile>,
    /// The roles, in the order of their ids.
    roles: Vec<ExportedRole>,
    /// The sessions, also those that have expired and are not deleted yet.
    sessions: Vec<ExportedSession>,
    /// The API keys, the newest first, without the keys themselves.
    #[schema(max_items = 100)]
    api_keys: Vec<ApiKey>,
    /// The second factors, without their secrets.
    factors: ExportedFactors,
    /// The client addresses from which somebody has logged in to the account within 180 days. Only hashes of them are kept.
    #[schema(max_items = 20)]
    known_addresses: Vec<ExportedAddress>,
    /// The links that were sent by e-mail and still work, without their tokens.
    links: Vec<ExportedLink>,
    /// The e-mails that were sent lately or wait to be sent.
    messages: Vec<ExportedMessage>,
}

/// The profile as it is stored.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedProfile {
    /// False while there are preferences only.
    is_created: bool,
    #[schema(required, max_length = 2000)]
    bio: Option<String>,
    #[schema(required, max_length = 500)]
    avatar_url: Option<String>,
    #[schema(required, max_length = 255)]
    location: Option<String>,
    #[schema(required, max_length = 500)]
    website: Option<String>,
    #[schema(required, max_length = 50)]
    phone_number: Option<String>,
    /// `YYYY-MM-DD`.
    #[schema(required, max_length = 10)]
    birth_date: Option<String>,
    preferences: Preferences,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// A role of the account.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedRole {
    id: RoleId,
    #[schema(max_length = 50)]
    name: String,
}

/// A session as it is stored.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedSession {
    id: SessionId,
    created_at: Timestamp,
    /// Null in a session that an earlier release opened.
    #[schema(required)]
    last_used_at: Option<Timestamp>,
    expires_at: Timestamp,
    #[schema(required, max_length = 255)]
    client: Option<String>,
    #[schema(required, max_length = 45)]
    address: Option<String>,
    /// The last time when somebody proved to be the owner; null in a session that an earlier release opened.
    #[schema(required)]
    authenticated_at: Option<Timestamp>,
    /// The last use of a second factor, or of a passkey, in the session.
    #[schema(required)]
    factor_at: Option<Timestamp>,
    /// The methods of that proof (RFC 8176); null in a session that an earlier release opened.
    #[schema(required, schema_with = authentication_methods_or_null)]
    methods: Option<Vec<String>>,
    refresh_tokens: Vec<ExportedToken>,
}

/// The times of a refresh token.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedToken {
    created_at: Timestamp,
    expires_at: Timestamp,
    /// Null while the token is live.
    #[schema(required)]
    spent_at: Option<Timestamp>,
}

/// The second factors of an account, and what waits for one.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedFactors {
    #[schema(required)]
    totp: Option<ExportedTotp>,
    /// The name of the account towards authenticators, in base64url; null until a passkey was about to be added.
    #[schema(required, max_length = 86)]
    passkey_handle: Option<String>,
    #[schema(max_items = 20)]
    passkeys: Vec<ExportedPasskey>,
    /// The recovery codes that are left.
    #[schema(max_items = 10)]
    recovery_codes: Vec<ExportedRecoveryCode>,
    /// The logins whose password was right, and which wait for a factor.
    login_challenges: Vec<ExportedLogin>,
    /// The challenges that wait for the answer of an authenticator in a session.
    passkey_challenges: Vec<ExportedChallenge>,
}

/// An authenticator app (RFC 6238).
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedTotp {
    /// Null until its first code was right.
    #[schema(required)]
    created_at: Option<Timestamp>,
    /// The step of 30 seconds since 1970 of the last code that was used.
    #[schema(required, minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    last_step: Option<i64>,
    /// The session that is setting up a successor.
    #[schema(required)]
    next_session: Option<SessionId>,
    #[schema(required)]
    next_expires_at: Option<Timestamp>,
}

/// A passkey (Web Authentication level 3) as it is stored.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedPasskey {
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    id: i64,
    #[schema(max_length = 100)]
    name: String,
    /// In base64url.
    #[schema(max_length = 1364)]
    credential_id: String,
    /// A COSE key (RFC 9052 section 7), in base64url.
    #[schema(max_length = 10_000)]
    public_key: String,
    /// Its number in the registry of COSE.
    #[schema(minimum = -65_536, maximum = 65_535)]
    algorithm: i32,
    #[schema(minimum = 0, maximum = 4_294_967_295_i64)]
    sign_count: i64,
    backup_eligible: bool,
    backed_up: bool,
    user_verified: bool,
    #[schema(schema_with = users_core::transports)]
    transports: Vec<String>,
    /// The model of the authenticator.
    #[schema(max_length = 36)]
    aaguid: String,
    created_at: Timestamp,
    #[schema(required)]
    last_used_at: Option<Timestamp>,
}

/// A recovery code that is left.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedRecoveryCode {
    created_at: Timestamp,
}

/// A login that waits for a factor.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedLogin {
    #[schema(required, max_length = 255)]
    client: Option<String>,
    /// The codes that were tried.
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    attempts: i32,
    expires_at: Timestamp,
}

/// A challenge that waits for an authenticator.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedChallenge {
    /// The use of the answer, such as `registration`.
    #[schema(max_length = 50)]
    purpose: String,
    session_id: SessionId,
    expires_at: Timestamp,
}

/// A client address that the account was logged in to from.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedAddress {
    last_login_at: Timestamp,
}

/// A link that was sent.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedLink {
    /// The use of the link, such as `password_reset`.
    #[schema(max_length = 50)]
    purpose: String,
    /// The address that it was sent to.
    #[schema(max_length = 254)]
    email: String,
    /// The id of its message.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    message_id: i64,
    created_at: Timestamp,
    expires_at: Timestamp,
}

/// An e-mail.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
struct ExportedMessage {
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    id: i64,
    /// The kind of message, such as `password_changed`.
    #[schema(max_length = 50)]
    kind: String,
    /// The facts that the message tells, such as a former address. Empty once the message is sent.
    #[schema(value_type = Object)]
    carries: Map<String, Value>,
    created_at: Timestamp,
    next_attempt_at: Timestamp,
    #[schema(minimum = 0, maximum = 2_147_483_647)]
    attempts: i32,
    /// The reason why the last attempt to send it failed.
    #[schema(required, max_length = 10_000)]
    last_error: Option<String>,
    /// The first failure since the message was recorded or retried.
    #[schema(required)]
    failing_since: Option<Timestamp>,
    #[schema(required)]
    begun_at: Option<Timestamp>,
    #[schema(required)]
    sent_at: Option<Timestamp>,
    #[schema(required)]
    failed_at: Option<Timestamp>,
}

pub(crate) fn about() -> About {
    About::new("exportMe", "Export the current account", "Everything that is kept about the account.").text(
        "For the right of access (GDPR, article 15). Hashes of passwords and tokens, and what follows from the rest, are left out.",
    )
}

/// 200 with the document, which a browser saves as a file.
pub(crate) async fn handle(Database(db): Database, caller: Caller) -> Result<Attachment<Export>, Problem> {
    let export = own_account::export(&db, caller.user.id).await?.ok_or(INVALID_TOKEN)?;
    Ok(Attachment::new(&format!("account-{}", caller.user.id), export))
}
