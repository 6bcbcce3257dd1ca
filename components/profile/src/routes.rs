//! The routes of the component, and who may use them.

use users_web::{Account, AccountWithProfile, AccountWithRights, Guard, Route, delete, get, post, put};

use crate::{avatar, create, delete as remove, get as read, other, preferences, update};

/// The table of routes.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<Guard>> {
    vec![
        get(   "/profile",             AccountWithProfile, read::handle),
        post(  "/profile",             Account,            create::handle),
        put(   "/profile",             AccountWithProfile, update::handle),
        delete("/profile",             AccountWithProfile, remove::handle),
        get(   "/profile/preferences", AccountWithProfile, preferences::get::handle),
        put(   "/profile/preferences", AccountWithProfile, preferences::update::handle),
        delete("/profile/avatar",      AccountWithProfile, avatar::handle),
        get(   "/profile/{user_id}",   AccountWithRights,  other::handle),
    ]
}
