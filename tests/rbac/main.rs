//! The `/rbac` routes: one file per URL, and files for the effects of changes.

automod::dir!("rbac");

use fixture::{Rbac, id, ids};
