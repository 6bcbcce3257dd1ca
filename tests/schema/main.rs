//! The schema that the migrations create.

use users_tests::{Service, TestDatabase};

/// The columns of all tables, one line for each column.
const COLUMNS: &str = "
    SELECT table_name, column_name, data_type, is_nullable
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> 'users_schema_migrations'
    ORDER BY table_name, ordinal_position";

const CONSTRAINTS: &str = "
    SELECT conrelid::regclass, conname, contype
    FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 'users_schema_migrations'::regclass
    ORDER BY 1::text, 2";

const INDEXES: &str = "
    SELECT tablename, indexname
    FROM pg_indexes
    WHERE schemaname = 'public' AND tablename <> 'users_schema_migrations'
    ORDER BY 1, 2";

/// Foreign keys without an index. To delete a referenced row, Postgres would read the whole table.
const UNINDEXED: &str = "
    SELECT conrelid::regclass, conname
    FROM pg_constraint
    WHERE contype = 'f' AND NOT EXISTS (
        SELECT FROM pg_index
        WHERE indrelid = conrelid AND indisvalid AND indpred IS NULL
          AND (indkey::int2[])[0:cardinality(conkey) - 1] @> conkey
    )";

/// The tables of the service.
const TABLES: &str = "
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S', 'v') AND relname <> 'users_schema_migrations'
    ORDER BY 1";

async fn everything(database: &TestDatabase) -> Vec<String> {
    [database.sql(COLUMNS).await, database.sql(CONSTRAINTS).await, database.sql(INDEXES).await].concat()
}

#[tokio::test]
async fn users_has_the_columns_of_the_replaced_service_and_the_keys() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let users: Vec<&str> = columns.iter().filter_map(|it| it.strip_prefix("users|")).collect();
    assert_eq!(
        users,
        [
            "id|integer|NO",
            "email|text|NO",
            "full_name|text|YES",
            "password_hash|text|NO",
            "is_active|boolean|NO",
            "is_admin|boolean|NO",
            "created_at|timestamp with time zone|NO",
            "updated_at|timestamp with time zone|NO",
            "email_key|text|YES",
            "search_text|text|YES",
            "email_verified|boolean|NO",
            "failures_forgiven_at|timestamp with time zone|YES",
            "kind|text|NO",
            "factors_since|timestamp with time zone|YES",
        ]
    );
}

#[tokio::test]
async fn sessions_and_refresh_tokens_are_as_expected() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let of = |table: &str| -> Vec<&str> { columns.iter().filter_map(|it| it.strip_prefix(table)).collect() };
    let time = "timestamp with time zone";
    let created = format!("created_at|{time}|NO");
    let expires = format!("expires_at|{time}|NO");
    let spent = format!("spent_at|{time}|YES");
    let last_used = format!("last_used_at|{time}|YES");
    let authenticated = format!("authenticated_at|{time}|YES");
    let factor = format!("factor_at|{time}|YES");
    let expected = [
        "id|bigint|NO",
        "user_id|integer|NO",
        &created,
        &expires,
        &last_used,
        "client|text|YES",
        "address|text|YES",
        &authenticated,
        &factor,
        "methods|ARRAY|YES",
    ];
    assert_eq!(of("sessions|"), expected);
    let expected = ["token_hash|bytea|NO", "session_id|bigint|NO", &created, &expires, &spent];
    assert_eq!(of("refresh_tokens|"), expected);
    let expected = [
        "session_id|bigint|NO",
        "spent_hash|bytea|NO",
        "successor_hash|bytea|NO",
        "nonce|bytea|NO",
        &expires,
    ];
    assert_eq!(of("refresh_nonces|"), expected);
}

#[tokio::test]
async fn the_outbox_and_one_time_tokens_are_as_expected() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let of = |table: &str| -> Vec<&str> { columns.iter().filter_map(|it| it.strip_prefix(table)).collect() };
    let time = |name: &str, nullable: &str| format!("{name}|timestamp with time zone|{nullable}");
    let outbox = [
        "id|bigint|NO".to_owned(),
        "kind|text|NO".to_owned(),
        "user_id|integer|YES".to_owned(),
        "carries|jsonb|NO".to_owned(),
        time("created_at", "NO"),
        time("next_attempt_at", "NO"),
        "attempts|integer|NO".to_owned(),
        "last_error|text|YES".to_owned(),
        time("failing_since", "YES"),
        time("begun_at", "YES"),
        time("sent_at", "YES"),
        time("failed_at", "YES"),
    ];
    assert_eq!(of("outbox|"), outbox);
    let tokens = [
        "token_hash|bytea|NO".to_owned(),
        "user_id|integer|NO".to_owned(),
        "purpose|text|NO".to_owned(),
        "email|text|NO".to_owned(),
        "message_id|bigint|NO".to_owned(),
        time("created_at", "NO"),
        time("expires_at", "NO"),
    ];
    assert_eq!(of("one_time_tokens|"), tokens);
}

#[tokio::test]
async fn api_keys_are_as_expected() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let keys: Vec<&str> = columns.iter().filter_map(|it| it.strip_prefix("api_keys|")).collect();
    assert_eq!(
        keys,
        [
            "id|bigint|NO",
            "user_id|integer|NO",
            "name|text|NO",
            "key_hash|bytea|NO",
            "permissions|ARRAY|YES",
            "addresses|ARRAY|YES",
            "expires_at|timestamp with time zone|YES",
            "created_at|timestamp with time zone|NO",
            "last_used_at|timestamp with time zone|YES",
            "second_factor|boolean|NO",
        ]
    );
}

#[tokio::test]
async fn the_rights_of_the_components_are_rows() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let rights: Vec<&str> = columns.iter().filter_map(|it| it.strip_prefix("component_rights|")).collect();
    assert_eq!(rights, ["component|text|NO", "verb|text|NO", "object|text|NO", "columns|ARRAY|YES"]);
}

#[tokio::test]
async fn the_tables_of_the_limits_are_as_expected() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let of = |table: &str| -> Vec<&str> { columns.iter().filter_map(|it| it.strip_prefix(table)).collect() };
    let time = |name: &str| format!("{name}|timestamp with time zone|NO");
    assert_eq!(of("limits|"), ["key|bytea|NO", "attempts|ARRAY|NO", &time("expires_at")]);
    assert_eq!(
        of("known_addresses|"),
        ["user_id|integer|NO", "address_hash|bytea|NO", &time("last_login_at")]
    );
    assert_eq!(
        of("login_hours|"),
        [&time("hour"), "shard|smallint|NO", "attempts|bigint|NO", "logins|bigint|NO"]
    );
    let persistence = "SELECT relname, relpersistence FROM pg_class
                        WHERE relname IN ('limits', 'known_addresses', 'login_hours') ORDER BY 1";
    assert_eq!(service.sql(persistence).await, ["known_addresses|p", "limits|u", "login_hours|p"]);
}

#[tokio::test]
async fn the_table_of_counts_is_as_expected() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let counts: Vec<&str> = columns.iter().filter_map(|it| it.strip_prefix("count_changes|")).collect();
    assert_eq!(
        counts,
        ["id|bigint|NO", "what|text|NO", "hour|timestamp with time zone|YES", "change|bigint|NO"]
    );
}

#[tokio::test]
async fn the_tables_of_second_factors_are_as_expected() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let of = |table: &str| -> Vec<&str> { columns.iter().filter_map(|it| it.strip_prefix(table)).collect() };
    let time = |name: &str, nullable: &str| format!("{name}|timestamp with time zone|{nullable}");
    let expected = [
        "user_id|integer|NO",
        "secret|bytea|YES",
        &time("created_at", "YES"),
        "last_step|bigint|YES",
        "next_secret|bytea|YES",
        "next_session|bigint|YES",
        &time("next_expires_at", "YES"),
    ];
    assert_eq!(of("totp|"), expected);
    assert_eq!(
        of("recovery_codes|"),
        ["user_id|integer|NO", "code_hash|bytea|NO", &time("created_at", "NO")]
    );
    let expected = [
        "challenge_hash|bytea|NO",
        "user_id|integer|NO",
        "network|bytea|YES",
        "client|text|YES",
        "shared_key|bytea|NO",
        "own_key|bytea|NO",
        "attempts|integer|NO",
        &time("expires_at", "NO"),
    ];
    assert_eq!(of("login_challenges|"), expected);
}

#[tokio::test]
async fn the_tables_of_passkeys_are_as_expected() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let of = |table: &str| -> Vec<&str> { columns.iter().filter_map(|it| it.strip_prefix(table)).collect() };
    let time = |name: &str, nullable: &str| format!("{name}|timestamp with time zone|{nullable}");
    let expected = [
        "id|bigint|NO",
        "user_id|integer|NO",
        "name|text|NO",
        "credential_id|bytea|NO",
        "public_key|bytea|NO",
        "algorithm|integer|NO",
        "sign_count|bigint|NO",
        "backup_eligible|boolean|NO",
        "backed_up|boolean|NO",
        "user_verified|boolean|NO",
        "transports|ARRAY|NO",
        "aaguid|uuid|NO",
        &time("created_at", "NO"),
        &time("last_used_at", "YES"),
    ];
    assert_eq!(of("passkeys|"), expected);
    assert_eq!(of("passkey_handles|"), ["user_id|integer|NO", "handle|bytea|NO"]);
    let expected =
        ["challenge_hash|bytea|NO", "purpose|text|NO", "session_id|bigint|YES", &time("expires_at", "NO")];
    assert_eq!(of("passkey_challenges|"), expected);
}

#[tokio::test]
async fn the_signing_keys_are_as_expected() {
    let service = Service::start().await;
    let columns = service.sql(COLUMNS).await;
    let keys: Vec<&str> = columns.iter().filter_map(|it| it.strip_prefix("signing_keys|")).collect();
    let time = |name: &str, nullable: &str| format!("{name}|timestamp with time zone|{nullable}");
    let expected = [
        "kid|text|NO",
        "public_key|bytea|NO",
        "sealed_key|bytea|YES",
        &time("created_at", "NO"),
        &time("signs_from", "NO"),
        &time("revoked_at", "YES"),
    ];
    assert_eq!(keys, expected);
}

#[tokio::test]
async fn constraints_and_indexes_have_the_names_in_the_code() {
    let service = Service::start().await;
    let constraints = service.sql(CONSTRAINTS).await;
    for expected in [
        "users|users_pkey|p",
        "users|users_email_length|c",
        "users|users_full_name_length|c",
        "users|users_kind|c",
        "api_keys|api_keys_pkey|p",
        "api_keys|api_keys_key_hash_key|u",
        "api_keys|api_keys_key_hash_length|c",
        "api_keys|api_keys_name_length|c",
        "api_keys|api_keys_user_id_fkey|f",
        "sessions|sessions_pkey|p",
        "sessions|sessions_user_id_fkey|f",
        "refresh_tokens|refresh_tokens_pkey|p",
        "refresh_tokens|refresh_tokens_session_id_fkey|f",
        "refresh_tokens|refresh_tokens_token_hash_length|c",
        "refresh_nonces|refresh_nonces_pkey|p",
        "refresh_nonces|refresh_nonces_session_id_fkey|f",
        "refresh_nonces|refresh_nonces_nonce_length|c",
        "limits|limits_pkey|p",
        "limits|limits_key_length|c",
        "known_addresses|known_addresses_pkey|p",
        "known_addresses|known_addresses_user_id_fkey|f",
        "known_addresses|known_addresses_address_hash_length|c",
        "totp|totp_pkey|p",
        "totp|totp_user_id_fkey|f",
        "totp|totp_confirmed|c",
        "totp|totp_next|c",
        "recovery_codes|recovery_codes_pkey|p",
        "recovery_codes|recovery_codes_code_hash_length|c",
        "recovery_codes|recovery_codes_user_id_fkey|f",
        "login_challenges|login_challenges_pkey|p",
        "login_challenges|login_challenges_challenge_hash_length|c",
        "login_challenges|login_challenges_user_id_fkey|f",
        "passkeys|passkeys_pkey|p",
        "passkeys|passkeys_credential_id_key|u",
        "passkeys|passkeys_credential_id_length|c",
        "passkeys|passkeys_name_length|c",
        "passkeys|passkeys_sign_count_range|c",
        "passkeys|passkeys_user_id_fkey|f",
        "passkey_handles|passkey_handles_pkey|p",
        "passkey_handles|passkey_handles_handle_key|u",
        "passkey_handles|passkey_handles_handle_length|c",
        "passkey_handles|passkey_handles_user_id_fkey|f",
        "passkey_challenges|passkey_challenges_pkey|p",
        "passkey_challenges|passkey_challenges_challenge_hash_length|c",
        "passkey_challenges|passkey_challenges_purpose|c",
        "passkey_challenges|passkey_challenges_session_id_fkey|f",
        "login_hours|login_hours_pkey|p",
        "login_hours|login_hours_shard_range|c",
        "count_changes|count_changes_pkey|p",
        "count_changes|count_changes_what|c",
        "signing_keys|signing_keys_pkey|p",
        "signing_keys|signing_keys_kid_length|c",
        "signing_keys|signing_keys_public_key_length|c",
    ] {
        assert!(constraints.iter().any(|it| it == expected), "expected {expected}: {constraints:#?}");
    }
    let indexes = service.sql(INDEXES).await;
    for expected in [
        "users|users_email_key",
        "users|users_email_key_key",
        "users|users_search_text_idx",
        "users|users_without_key_idx",
        "roles|roles_name_key_key",
        "permissions|permissions_name_key_key",
        "sessions|sessions_user_id_idx",
        "sessions|sessions_expires_at_idx",
        "login_challenges|login_challenges_user_id_idx",
        "login_challenges|login_challenges_expires_at_idx",
        "passkeys|passkeys_user_id_idx",
        "passkey_challenges|passkey_challenges_session_id_idx",
        "passkey_challenges|passkey_challenges_expires_at_idx",
        "outbox|outbox_unsent_idx",
        "refresh_tokens|refresh_tokens_session_id_idx",
        "refresh_nonces|refresh_nonces_expires_at_idx",
    ] {
        assert!(indexes.iter().any(|it| it == expected), "expected {expected}: {indexes:#?}");
    }
}

#[tokio::test]
async fn an_address_is_unique_without_case() {
    let service = Service::start().await;
    let definition = "SELECT indexdef FROM pg_indexes WHERE indexname = 'users_email_key'";
    let definition = service.sql(definition).await.concat();
    assert!(definition.contains("UNIQUE") && definition.contains("lower(email)"), "{definition}");
}

#[tokio::test]
async fn keys_are_unique_and_independent_of_the_locale() {
    let service = Service::start().await;
    let keys = "SELECT indexname FROM pg_indexes WHERE indexname ~ '_key_key$' AND indexdef ~ '^CREATE UNIQUE' ORDER BY 1";
    assert_eq!(
        service.sql(keys).await,
        ["permissions_name_key_key", "roles_name_key_key", "users_email_key_key"]
    );
    let collations = "SELECT attrelid::regclass, attname, attcollation::regcollation FROM pg_attribute
                       WHERE attname IN ('email_key', 'name_key', 'search_text')
                         AND attrelid IN ('users'::regclass, 'roles'::regclass, 'permissions'::regclass)
                       ORDER BY attrelid::regclass::text, attname";
    assert_eq!(
        service.sql(collations).await,
        [
            r#"permissions|name_key|"C""#,
            r#"roles|name_key|"C""#,
            r#"users|email_key|"C""#,
            r#"users|search_text|"C""#,
        ]
    );
}

#[tokio::test]
async fn every_foreign_key_has_an_index() {
    let service = Service::start().await;
    assert_eq!(service.sql(UNINDEXED).await, [""; 0], "expected an index for every foreign key");
}

#[tokio::test]
async fn an_unindexed_foreign_key_would_be_found() {
    let service = Service::start().await;
    service.sql("DROP INDEX sessions_user_id_idx").await;
    assert_eq!(service.sql(UNINDEXED).await, ["sessions|sessions_user_id_fkey"]);
}

#[tokio::test]
async fn the_schema_can_be_removed_and_created_again() {
    let service = Service::start().await;
    let database = service.database();
    let before = everything(database).await;
    let applied = service.sql("SELECT count(*) FROM users_schema_migrations WHERE success").await.concat();
    let _ = database.usersctl(&["migrate", "downgrade", &applied]);
    assert_eq!(service.sql(TABLES).await, [""; 0], "expected nothing to be left");
    let _ = database.usersctl(&["migrate", "upgrade"]);
    assert_eq!(everything(database).await, before, "expected the same schema");
    service.account("alice@example.com").await;
}

#[tokio::test]
async fn the_service_needs_no_superuser() {
    let service = Service::start().await;
    service.account("alice@example.com").await;
    let role = format!(
        "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = '{}'",
        users_tests::ROLE
    );
    assert_eq!(service.sql(&role).await, ["f|f|f"]);
}
