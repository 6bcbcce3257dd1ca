//! The `/rbac` routes: a file per URL, and files for the effects of changes.

mod administrators;
mod check_permission;
mod default_roles;
mod effect;
mod fixture;
mod lists;
mod my_permissions;
mod permission_rules;
mod permissions;
mod races;
mod role_rules;
mod roles;
mod surface;
mod user_roles;
mod users;

use fixture::{Rbac, id, ids};
