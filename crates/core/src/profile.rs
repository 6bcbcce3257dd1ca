//! Profiles: the data, its rules, and its visibility.

mod birth_date;
mod changes;
mod phone_number;
mod preferences;
mod view;
mod web_url;

pub use birth_date::{BirthDate, BirthDateError};
pub use changes::{PreferencesPatch, ProfileChanges};
pub use phone_number::{PhoneNumber, PhoneNumberError};
pub use preferences::{InvalidPreference, Preferences};
pub use view::{Profile, PublicProfile, Reader, StoredProfile, View};
pub use web_url::{WebUrl, WebUrlError};
