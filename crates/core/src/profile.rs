//! What people tell about themselves, and the rules for it.

mod birth_date;
mod phone_number;
mod preferences;
mod view;
mod web_url;

pub use birth_date::{BirthDate, BirthDateError};
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use preferences::{BrokenPreference, Preferences};
pub use view::{Profile, PublicProfile, Reader, StoredProfile, View};
pub use web_url::{WebUrl, WebUrlError};
