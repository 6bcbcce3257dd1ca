//! The table `user_roles`: the roles of each user.

use users_core::{Role, RoleId, Subject, UserId, UserWithRoles};
use users_db::{Db, DbError, Listing, Page};
use users_guard::{Authority, Overreach};

use super::Outcome;

/// An account with its grants.
pub(crate) struct Holder {
    pub(crate) subject: Subject,
    pub(crate) is_active: bool,
}

/// Finds the account with this id. Its roles that require a second factor count if the account has one, as in each of its sessions. For the
/// account of a program, they count as for a key that was made with one.
pub(crate) async fn holder(db: &Db, user: UserId) -> Result<Option<Holder>, DbError> {
    let row = db
        .read(
            "SELECT u.is_active, u.is_admin,
                    ARRAY(
                        SELECT r.name FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                         WHERE ur.user_id = u.id
                           AND (NOT r.requires_second_factor OR u.kind = 'service' OR u.factors_since IS NOT NULL)
                         ORDER BY r.name
                    ) AS roles,
                    (
                        SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.id), '[]') FROM permissions p
                         WHERE p.id IN (
                             SELECT rp.permission_id
                               FROM user_roles ur
                               JOIN roles r ON r.id = ur.role_id
                               JOIN role_permissions rp ON rp.role_id = ur.role_id
                              WHERE ur.user_id = u.id
                                AND (NOT r.requires_second_factor OR u.kind = 'service' OR u.factors_since IS NOT NULL)
                         )
                    )::text AS permissions
               FROM users u
              WHERE u.id = $1",
            &[user.into()],
        )
        .await?;
    row.map(|row| {
        let subject = Subject {
            user,
            is_admin: row.get("is_admin")?,
            roles: row.get("roles")?,
            permissions: row.json("permissions")?,
            unnamed: Vec::new(),
        };
        Ok(Holder { subject, is_active: row.get("is_active")? })
    })
    .transpose()
}

/// Reads a page of the accounts with their roles.
pub(crate) async fn users(db: &Db, page: &Page) -> Result<Listing<UserWithRoles>, DbError> {
    let rows = db
        .read_all(
            "WITH page AS (
                 SELECT * FROM accounts WHERE id > $1::int8 ORDER BY id OFFSET $2 LIMIT $3
             ), total AS (
                 SELECT CASE WHEN $4::bool THEN (SELECT count(*) FROM accounts) END AS total
             )
             SELECT total.total, page.id,
                    (to_jsonb(page) || jsonb_build_object('roles', (
                        SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name) ORDER BY r.id), '[]')
                          FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                         WHERE ur.user_id = page.id
                    )))::text AS account
               FROM total LEFT JOIN page ON true
              ORDER BY page.id",
            &[page.after(), page.offset(), page.limit(), page.total.into()],
        )
        .await?;
    page.listing(&rows, |row| row.json("account"))
}

/// Reads a page of the accounts that have a role, with all their roles. A statement of its own, because the planner must know whether it
/// begins with the accounts or with the holders of a rare role.
pub(crate) async fn holders(db: &Db, page: &Page, role: RoleId) -> Result<Listing<UserWithRoles>, DbError> {
    let rows = db
        .read_all(
            "WITH page AS (
                 SELECT a.*
                   FROM accounts a JOIN user_roles held ON held.user_id = a.id AND held.role_id = $5
                  WHERE a.id > $1::int8
                  ORDER BY a.id
                 OFFSET $2 LIMIT $3
             ), total AS (
                 SELECT CASE WHEN $4::bool THEN (SELECT count(*) FROM user_roles WHERE role_id = $5) END AS total
             )
             SELECT total.total, page.id,
                    (to_jsonb(page) || jsonb_build_object('roles', (
                        SELECT coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'name', r.name) ORDER BY r.id), '[]')
                          FROM user_roles ur JOIN roles r ON r.id = ur.role_id
                         WHERE ur.user_id = page.id
                    )))::text AS account
               FROM total LEFT JOIN page ON true
              ORDER BY page.id",
            &[page.after(), page.offset(), page.limit(), page.total.into(), role.into()],
        )
        .await?;
    page.listing(&rows, |row| row.json("account"))
}

/// Reads the roles of a user. Returns `None` if there is no such user.
pub(crate) async fn roles_of(db: &Db, user: UserId) -> Result<Option<Vec<Role>>, DbError> {
    let row = db
        .read(
            "SELECT (
                 SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]')
                   FROM user_roles ur JOIN roles_with_permissions r ON r.id = ur.role_id
                  WHERE ur.user_id = u.id
             )::text AS roles
               FROM users u
              WHERE u.id = $1",
            &[user.into()],
        )
        .await?;
    row.map(|row| row.json("roles")).transpose()
}

/// The outcome of assigning roles.
pub(crate) enum Assignment {
    /// All roles of the user now.
    Roles(Vec<Role>),
    NoSuchUser,
    /// The caller may not give the roles, or not to this user. Nothing was changed.
    Refused(Overreach),
    /// No roles have these ids. Nothing was changed.
    UnknownRoles(Vec<RoleId>),
}

/// Assigns roles to a user. The user keeps the other roles. After the lock of changes of administrators, the statement locks the user and
/// the roles, so that nobody deletes one of them at the same time.
pub(crate) async fn assign(
    db: &Db,
    user: UserId,
    roles: &[RoleId],
    authority: &Authority,
) -> Result<Assignment, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_give_roles($3::int4, $4::text[], $1, $2) AS refusal
             ), account AS MATERIALIZED (
                 SELECT held.id FROM hold_account($1) AS held (id) WHERE (SELECT count(*) FROM permitted) > 0
             ), known AS (
                 SELECT id FROM roles
                  WHERE id = ANY ($2) AND (SELECT count(*) FROM permitted) > 0
                  ORDER BY id
                    FOR KEY SHARE
             ), unknown AS (
                 SELECT coalesce(jsonb_agg(sent.id), '[]') AS unknown
                   FROM unnest($2) AS sent (id)
                  WHERE sent.id NOT IN (SELECT id FROM known)
             ), granted AS (
                 INSERT INTO user_roles (user_id, role_id)
                 SELECT account.id, known.id
                   FROM account, known
                  WHERE (SELECT unknown FROM unknown) = '[]' AND (SELECT refusal IS NULL FROM permitted)
                     ON CONFLICT DO NOTHING
             )
             SELECT permitted.refusal, unknown.unknown::text, account.id,
                    (
                        SELECT coalesce(jsonb_agg(to_jsonb(r) ORDER BY r.id), '[]')
                          FROM roles_with_permissions r
                         WHERE r.id IN (
                             SELECT role_id FROM user_roles WHERE user_id = $1 UNION SELECT id FROM known
                         )
                    )::text AS roles
               FROM permitted CROSS JOIN unknown LEFT JOIN account ON true",
            &[user.into(), roles.into(), authority.caller(), authority.rights()],
        )
        .await?
        .ok_or_else(DbError::missing_row)?;
    let unknown: Vec<RoleId> = row.json("unknown")?;
    if row.get::<Option<UserId>>("id")?.is_none() {
        Ok(Assignment::NoSuchUser)
    } else if !unknown.is_empty() {
        Ok(Assignment::UnknownRoles(unknown))
    } else if let Some(overreach) = row.get("refusal")? {
        Ok(Assignment::Refused(overreach))
    } else {
        row.json("roles").map(Assignment::Roles)
    }
}

/// Takes a role from a user.
pub(crate) async fn unassign(
    db: &Db,
    user: UserId,
    role: RoleId,
    authority: &Authority,
) -> Result<Outcome<()>, DbError> {
    let row = db
        .change(
            "WITH permitted AS MATERIALIZED (
                 SELECT refusal_to_change_accounts($3::int4, ARRAY[$1::int4]) AS refusal
             ), remaining AS MATERIALIZED (
                 SELECT CASE
                            WHEN refusal IS NOT NULL THEN NULL
                            WHEN $3 IS NOT NULL THEN true
                            ELSE an_administrator_remains(NULL, $2, $1, NULL)
                        END AS remains
                   FROM permitted
             ), deleted AS (
                 DELETE FROM user_roles
                  WHERE user_id = $1 AND role_id = $2 AND (SELECT remains FROM remaining)
                 RETURNING role_id AS id
             )
             SELECT * FROM permitted CROSS JOIN remaining LEFT JOIN deleted ON true",
            &[user.into(), role.into(), authority.caller()],
        )
        .await?;
    Outcome::of(row.as_ref(), |_| Ok(()))
}
