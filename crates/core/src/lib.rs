//! Domain types and rules of the users service.
//!
//! Nothing here does I/O, reads a clock or draws a random number: what a rule needs of the world is passed in
//! through [`Random`] or as an argument, so every rule can be tested without one.

// Guest code cannot panic on input (docs/ARCHITECTURE.md, invariant 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod email;
mod ids;
mod password;
mod profile;
mod random;
mod rbac;
mod schema;
mod search;
mod session;
mod text;
mod timestamp;
mod user;

pub use email::{Email, EmailError};
pub use ids::{IdError, PermissionId, RoleId, SessionId, UserId};
pub use password::{NewPassword, Password, PasswordError};
pub use profile::{
    BirthDate, BirthDateError, BrokenPreference, PhoneNumber, PhoneNumberError, Preferences, Profile,
    PublicProfile, Reader, StoredProfile, View, WebUrl, WebUrlError,
};
pub use random::Random;
pub use rbac::{Name, NameError, Permission, PermissionName, Role, RoleName, Slug, SlugError};
pub use search::{IndexPattern, Search, SearchError};
pub use session::{ACCESS_TOKEN_LIFETIME, REFRESH_REUSE_GRACE, REFRESH_TOKEN_LIFETIME, SESSION_LIFETIME};
pub use text::{Bio, Description, FullName, Location, Text, TooLong, has_nul};
pub use timestamp::Timestamp;
pub use user::User;
