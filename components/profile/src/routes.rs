//! The routes of the component and their required rights.

use users_guard::{Account, AccountWith, Guard, Rights};
use users_web::{Route, delete, get, post, put};

use crate::own::OwnProfile;
use crate::{avatar, create, delete as remove, get as read, other, preferences, update};

/// The table of routes: method, path, right, handler and description.
#[rustfmt::skip]
#[must_use]
pub fn routes() -> Vec<Route<Guard>> {
    let owner = AccountWith(&[OwnProfile::EXTRA]);
    let reader = AccountWith(&[Rights::EXTRA]);
    vec![
        get(   "/profile",             owner,   read::handle, read::about),
        post(  "/profile",             Account, create::handle, create::about),
        put(   "/profile",             owner,   update::handle, update::about),
        delete("/profile",             owner,   remove::handle, remove::about),
        get(   "/profile/preferences", owner,   preferences::get::handle, preferences::get::about),
        put(   "/profile/preferences", owner,   preferences::update::handle, preferences::update::about),
        delete("/profile/avatar",      owner,   avatar::handle, avatar::about),
        get(   "/profile/{user_id}",   reader,  other::handle, other::about),
    ]
}
