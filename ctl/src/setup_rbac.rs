//! `usersctl setup-rbac`: the permissions and roles that a new installation starts with.

use sqlx::{Connection, PgConnection};

use crate::database::{self, DatabaseArgs};

/// A first permission.
struct Permission {
    name: &'static str,
    description: &'static str,
    resource: &'static str,
    action: &'static str,
}

/// A first role.
struct Role {
    name: &'static str,
    description: &'static str,
    is_default: bool,
    permissions: &'static [&'static str],
}

/// The service itself checks `admin:all` only. The others are for applications that ask the service.
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
        description: "Every new account has this role.",
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

/// Creates the missing permissions and roles, and prints them.
pub(crate) async fn run(database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let created = set_up(&mut connection).await.map_err(database::explain)?;
    for item in &created {
        println!("made {item}");
    }
    if created.is_empty() {
        println!("nothing to do: the permissions and roles are there");
    }
    Ok(())
}

/// One transaction. Of two concurrent runs, the second waits for the first, and then finds everything there.
async fn set_up(connection: &mut PgConnection) -> sqlx::Result<Vec<String>> {
    let mut transaction = connection.begin().await?;
    database::lock_administrators(&mut transaction).await?;
    let mut created = Vec::new();
    for permission in &PERMISSIONS {
        if make_permission(&mut transaction, permission).await? {
            created.push(format!("permission {}", permission.name));
        }
    }
    for role in &ROLES {
        if make_role(&mut transaction, role).await? {
            created.push(format!("role {}", role.name));
        }
    }
    transaction.commit().await?;
    Ok(created)
}

/// Returns true when it was missing. An existing permission stays unchanged.
async fn make_permission(connection: &mut PgConnection, permission: &Permission) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
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
    Ok(inserted.rows_affected() > 0)
}

/// Returns true when it was missing. An existing role keeps its permissions, which the operator may have chosen. A new role
/// gets a permission only if its resource and action still match its name: the operator may have changed `user:read`.
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
