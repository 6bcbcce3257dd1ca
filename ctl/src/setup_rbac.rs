//! `usersctl setup-rbac`: the permissions and roles that a new installation starts with.

use sqlx::{Connection, PgConnection};

use crate::database::{self, DatabaseArgs};

/// A permission to begin with.
struct Permission {
    name: &'static str,
    description: &'static str,
    resource: &'static str,
    action: &'static str,
}

/// A role to begin with.
struct Role {
    name: &'static str,
    description: &'static str,
    is_default: bool,
    permissions: &'static [&'static str],
}

/// The service itself asks for `admin:all` alone; the others are for the applications that ask it.
const PERMISSIONS: [Permission; 3] = [
    Permission {
        name: "user:read",
        description: "Read the data of users, in applications that ask for it.",
        resource: "user",
        action: "read",
    },
    Permission {
        name: "user:write",
        description: "Change the data of users, in applications that ask for it.",
        resource: "user",
        action: "write",
    },
    Permission {
        name: "admin:all",
        description: "Do everything that an administrator may do.",
        resource: "admin",
        action: "all",
    },
];

const ROLES: [Role; 3] = [
    Role {
        name: "user",
        description: "What everybody who registers is given.",
        is_default: true,
        permissions: &["user:read"],
    },
    Role {
        name: "moderator",
        description: "Looks after users, in applications that ask for it.",
        is_default: false,
        permissions: &["user:read", "user:write"],
    },
    Role {
        name: "admin",
        description: "Runs the service and may do everything.",
        is_default: false,
        permissions: &["admin:all"],
    },
];

/// Makes what is missing, and prints what that was.
pub(crate) async fn run(database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let made = set_up(&mut connection).await.map_err(database::explain)?;
    for what in &made {
        println!("made {what}");
    }
    if made.is_empty() {
        println!("nothing to do: the permissions and roles are there");
    }
    Ok(())
}

/// All of it or nothing. Two at once make everything in the same order, so the second one waits for the first and then
/// finds it there.
async fn set_up(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let mut transaction = connection.begin().await?;
    let mut made = Vec::new();
    for permission in &PERMISSIONS {
        if make_permission(&mut transaction, permission).await? {
            made.push(format!("permission {}", permission.name));
        }
    }
    for role in &ROLES {
        if make_role(&mut transaction, role).await? {
            made.push(format!("role {}", role.name));
        }
    }
    transaction.commit().await?;
    Ok(made)
}

/// Whether it was missing. One that is there stays as it is.
async fn make_permission(connection: &mut PgConnection, permission: &Permission) -> sqlx::Result<bool> {
    let made = sqlx::query(
        "INSERT INTO permissions (name, description, resource, action)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (lower(name)) DO NOTHING",
    )
    .bind(permission.name)
    .bind(permission.description)
    .bind(permission.resource)
    .bind(permission.action)
    .execute(connection)
    .await?;
    Ok(made.rows_affected() > 0)
}

/// Whether it was missing. One that is there keeps the permissions it has: they are the operator's by now. A new one is given
/// permissions that still are what their names say: an operator may have made something else of `user:read`.
async fn make_role(connection: &mut PgConnection, role: &Role) -> sqlx::Result<bool> {
    sqlx::query_scalar(
        "WITH made AS (
             INSERT INTO roles (name, description, is_default)
             VALUES ($1, $2, $3)
             ON CONFLICT (lower(name)) DO NOTHING
             RETURNING id
         ), given AS (
             INSERT INTO role_permissions (role_id, permission_id)
             SELECT made.id, p.id
               FROM made, permissions p
              WHERE lower(p.name) = ANY ($4) AND p.resource || ':' || p.action = lower(p.name)
                FOR NO KEY UPDATE OF p
         )
         SELECT EXISTS (SELECT FROM made)",
    )
    .bind(role.name)
    .bind(role.description)
    .bind(role.is_default)
    .bind(role.permissions)
    .fetch_one(connection)
    .await
}
