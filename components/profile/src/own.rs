//! The caller's own profile. The access rule reads it together with the caller.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use users_core::{StoredProfile, User};
use users_guard::Caller;
use users_web::openapi::{Describe, Operation};
use users_web::{ETag, IfMatch, Problem};

use crate::store::Expected;
use crate::version::version;

/// The caller's account, and the caller's profile if there is one. The access rule of the route must read [`OwnProfile::EXTRA`].
#[derive(Debug, Clone)]
pub(crate) struct OwnProfile {
    pub(crate) user: User,
    pub(crate) stored: Option<StoredProfile>,
}

impl OwnProfile {
    /// The extra that an access rule must read for this extractor: `profile`.
    pub(crate) const EXTRA: &str = "profile";

    /// The version of the profile.
    pub(crate) fn version(&self) -> ETag {
        version(&self.user, self.stored.as_ref())
    }

    /// The version that the store must find, if the client names one.
    ///
    /// # Errors
    /// 412 if the profile has another version now.
    pub(crate) fn expected(&self, wanted: &IfMatch) -> Result<Option<Expected>, Problem> {
        wanted.allows(&self.version())?;
        Ok(self.expected_if_named(wanted))
    }

    /// The version that the store must find, if the client names one. The caller must have compared the version.
    pub(crate) fn expected_if_named(&self, wanted: &IfMatch) -> Option<Expected> {
        wanted.names_a_version().then(|| Expected {
            user: self.user.updated_at,
            profile: self.stored.as_ref().map(|stored| stored.updated_at),
        })
    }
}

impl<S: Sync> FromRequestParts<S> for OwnProfile {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = Caller::of(parts)?;
        Ok(Self { user: caller.user.clone(), stored: caller.extra(Self::EXTRA)? })
    }
}

impl Describe for OwnProfile {
    fn describe(_: &mut Operation) {}
}
