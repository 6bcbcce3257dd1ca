//! `usersctl setup-rbac`: the permissions and roles that a new installation starts with.
//!
//! Each thing is set up once. The table `rbac_setup` remembers it, and later runs leave it alone, even when the operator has removed or
//! renamed it. A release may add things to the lists below. The first run of that release sets them up.

use clap::Args;
use sqlx::{Connection, PgConnection};
use users_core::name_key;

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

/// The service itself checks all but `user:read` and `user:write`, which are for applications that ask the service. No first role grants
/// those that open a part of the administration, or `token:introspect`: the operator decides who gets them.
const PERMISSIONS: [Permission; 8] = [
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
    Permission {
        name: "accounts:read",
        description: "Read the accounts and sessions of all users.",
        resource: "accounts",
        action: "read",
    },
    Permission {
        name: "accounts:write",
        description: "Create, change and delete accounts, but not those of administrators.",
        resource: "accounts",
        action: "write",
    },
    Permission {
        name: "rbac:read",
        description: "Read roles and permissions, and who has them.",
        resource: "rbac",
        action: "read",
    },
    Permission {
        name: "rbac:write",
        description: "Change roles and permissions, and give those that one has.",
        resource: "rbac",
        action: "write",
    },
    Permission {
        name: "token:introspect",
        description: "Ask whether a token of anybody is valid.",
        resource: "token",
        action: "introspect",
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

/// `usersctl setup-rbac …`
#[derive(Debug, Args)]
pub(crate) struct SetupRbac {
    /// Also restore the permissions, roles and grants that were removed or renamed. Nothing else changes.
    #[arg(long)]
    reset: bool,
}

/// Sets up every thing that was never set up in this database, and prints it.
pub(crate) async fn run(command: &SetupRbac, database: &DatabaseArgs) -> anyhow::Result<()> {
    let mut connection = database.connect().await?;
    let done = set_up(&mut connection, command.reset).await.map_err(database::explain)?;
    for line in &done {
        println!("{line}");
    }
    if done.is_empty() {
        println!("nothing to do: the first permissions and roles were set up before");
    }
    Ok(())
}

/// Works in one transaction. Of two concurrent runs, the second waits for the first, and then finds everything set up.
async fn set_up(connection: &mut PgConnection, reset: bool) -> sqlx::Result<Vec<String>> {
    let mut transaction = connection.begin().await?;
    database::lock_administrators(&mut transaction).await?;
    if reset {
        sqlx::query("DELETE FROM rbac_setup").execute(&mut *transaction).await?;
    }
    let mut done = Vec::new();
    for permission in &PERMISSIONS {
        if remember(&mut transaction, &format!("permission {}", permission.name)).await?
            && make_permission(&mut transaction, permission).await?
        {
            done.push(format!("made permission {}", permission.name));
        }
    }
    for role in &ROLES {
        set_up_role(&mut transaction, role, reset, &mut done).await?;
    }
    transaction.commit().await?;
    Ok(done)
}

/// Sets up a role, its mark and its permissions, unless they were set up before. If the operator has already created a role of the same
/// name, that role stays as it is. Only a reset completes it.
async fn set_up_role(
    connection: &mut PgConnection,
    role: &Role,
    reset: bool,
    done: &mut Vec<String>,
) -> sqlx::Result<()> {
    let name = role.name;
    let is_new = remember(connection, &format!("role {name}")).await?;
    let is_made = is_new && make_role(connection, role).await?;
    if is_made {
        done.push(format!("made role {name}"));
    }
    let is_the_operators = is_new && !is_made && !reset;
    for permission in role.permissions {
        let is_new = remember(connection, &format!("role {name} grants {permission}")).await?;
        if is_new && !is_the_operators && grant(connection, name, permission).await? && !is_made {
            done.push(format!("gave role {name} the permission {permission}"));
        }
    }
    if role.is_default {
        let is_new = remember(connection, &format!("role {name} is default")).await?;
        if is_new && !is_the_operators && make_default(connection, name).await? && !is_made {
            done.push(format!("made role {name} a default role"));
        }
    }
    Ok(())
}

/// Remembers that a thing is set up. Returns true when that is new.
async fn remember(connection: &mut PgConnection, thing: &str) -> sqlx::Result<bool> {
    let inserted = sqlx::query("INSERT INTO rbac_setup (thing) VALUES ($1) ON CONFLICT (thing) DO NOTHING")
        .bind(thing)
        .execute(connection)
        .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Creates a permission, and returns true when it was missing. An existing permission stays unchanged.
async fn make_permission(connection: &mut PgConnection, permission: &Permission) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "INSERT INTO permissions (name, description, resource, action, name_key)
         VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT DO NOTHING",
    )
    .bind(permission.name)
    .bind(permission.description)
    .bind(permission.resource)
    .bind(permission.action)
    .bind(name_key(permission.name))
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Creates a role, and returns true when it was missing. A new role grants nothing and is not a default role yet.
async fn make_role(connection: &mut PgConnection, role: &Role) -> sqlx::Result<bool> {
    let inserted = sqlx::query(
        "INSERT INTO roles (name, description, name_key)
         VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING",
    )
    .bind(role.name)
    .bind(role.description)
    .bind(name_key(role.name))
    .execute(connection)
    .await?;
    Ok(inserted.rows_affected() > 0)
}

/// Gives a permission to a role, and returns true when the role lacked it. Nothing happens when the role or the permission no longer
/// exists, when the permission no longer has the resource and the action of its name, or when a default role would grant `admin:all`.
async fn grant(connection: &mut PgConnection, role: &str, permission: &str) -> sqlx::Result<bool> {
    let granted = sqlx::query(
        "INSERT INTO role_permissions (role_id, permission_id)
         SELECT r.id, p.id
           FROM roles r, permissions p
          WHERE (r.name_key = $1 OR r.name_key IS NULL AND lower(r.name) = $1)
            AND (p.name_key = $2 OR p.name_key IS NULL AND lower(p.name) = $2)
            AND p.resource || ':' || p.action = $2
            AND NOT (r.is_default AND p.resource = 'admin' AND p.action = 'all')
            FOR NO KEY UPDATE OF p
             ON CONFLICT DO NOTHING",
    )
    .bind(name_key(role))
    .bind(name_key(permission))
    .execute(connection)
    .await?;
    Ok(granted.rows_affected() > 0)
}

/// Makes a role a default role, and returns true when it was not one. Nothing happens when the role no longer exists or grants
/// `admin:all`.
async fn make_default(connection: &mut PgConnection, role: &str) -> sqlx::Result<bool> {
    let marked = sqlx::query(
        "UPDATE roles r
            SET is_default = true
          WHERE (r.name_key = $1 OR r.name_key IS NULL AND lower(r.name) = $1)
            AND NOT r.is_default
            AND NOT EXISTS (
                SELECT FROM role_permissions rp JOIN permissions p ON p.id = rp.permission_id
                 WHERE rp.role_id = r.id AND p.resource = 'admin' AND p.action = 'all'
            )",
    )
    .bind(name_key(role))
    .execute(connection)
    .await?;
    Ok(marked.rows_affected() > 0)
}
