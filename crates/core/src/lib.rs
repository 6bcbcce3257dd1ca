//! Domain types and rules of the users service.
//!
//! Nothing here does I/O, reads a clock or draws a random number. Callers pass in the time and a source of randomness
//! ([`Random`]), so a test controls both (docs/ARCHITECTURE.md#invariants, 6).

// Guest code cannot panic on input (docs/ARCHITECTURE.md#invariants, 7).
#![cfg_attr(
    not(test),
    deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)
)]

mod address_list;
mod api_key;
mod api_place;
mod authentication;
mod change;
mod client_address;
mod email;
mod event;
mod fold;
mod grants;
mod hash_slots;
mod ids;
mod limit;
mod origin;
mod passkey;
mod password;
mod profile;
mod proxy_header;
mod public_url;
mod random;
mod rbac;
mod recovery_code;
mod schema;
mod search;
mod session;
mod statistics;
mod text;
mod timestamp;
mod totp_code;
mod user;

pub use address_list::{AddressList, AddressListError, Network, NetworkError};
pub use api_key::{ApiKey, ApiKeyName, ApiKeyNameError, RightName, RightNameError};
pub use api_place::{ApiUrl, ApiUrlError, ChainDomain, ChainDomainError};
pub use authentication::{Authentication, FRESH_FOR, Proof};
pub use change::{Change, NewPermission, NewRole, PermissionChange, RoleChange};
pub use client_address::ClientAddress;
pub use email::{Email, EmailError, EmailKey};
pub use event::{Event, Purpose};
pub use fold::{fold, nfc};
pub use grants::{RoleLabel, Subject, UnnamedRight, UserWithRoles};
pub use hash_slots::{HashSlots, HashSlotsError};
pub use ids::{ApiKeyId, IdError, LongIdError, PasskeyId, PermissionId, RoleId, SessionId, UserId};
pub use limit::{CodeLimit, CodeLimitError, Limit, LimitError, Limited, LimitedError};
pub use origin::{OriginError, Origins};
pub use passkey::{Passkey, PasskeyName, PasskeyNameError};
pub use password::{
    Candidate, DeniedWords, DeniedWordsError, Judge, NewPassword, Password, PasswordError, PasswordRules,
};
pub use profile::{
    BirthDate, BirthDateError, InvalidPreference, PhoneNumber, PhoneNumberError, Preferences,
    PreferencesPatch, Profile, ProfileChanges, PublicProfile, Reader, StoredProfile, View, WebUrl,
    WebUrlError,
};
pub use proxy_header::{ProxyHeader, ProxyHeaderError};
pub use public_url::{PublicUrl, PublicUrlError};
pub use random::Random;
pub use rbac::{Name, NameError, Permission, PermissionName, Role, RoleName, Slug, SlugError, name_key};
pub use recovery_code::{RecoveryCode, RecoveryCodeError, recovery_codes};
pub use schema::{authentication_methods, authentication_methods_or_null, role_names, transports};
pub use search::{IndexPattern, Search, SearchError, search_text};
pub use session::{Lifetime, LifetimeError, Lifetimes, REFRESH_REUSE_GRACE, Session};
pub use statistics::{LoginHour, Statistics};
pub use text::{Bio, Description, FullName, Location, Text, TooLong, has_nul};
pub use timestamp::Timestamp;
pub use totp_code::{TotpCode, TotpCodeError};
pub use user::{AccountKind, AccountKindError, User};
