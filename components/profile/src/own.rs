//! The caller's own profile, which the access rule reads together with the caller.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use users_core::{StoredProfile, User};
use users_guard::Caller;
use users_web::openapi::{Describe, Operation};
use users_web::{ETag, IfMatch, Problem};

use crate::store::Expected;
use crate::version::version;

/// The account of the caller, and its profile if it has one. For routes whose access rule reads [`OwnProfile::EXTRA`].
#[derive(Debug, Clone)]
pub(crate) struct OwnProfile {
    pub(crate) user: User,
    pub(crate) stored: Option<StoredProfile>,
}

impl OwnProfile {
    /// The extra that an access rule reads for this: `profile`.
    pub(crate) const EXTRA: &str = "profile";

    /// The version of the profile.
    pub(crate) fn version(&self) -> ETag {
        version(&self.user, self.stored.as_ref())
    }

    /// The version that the store has to find, if the client names one.
    ///
    /// # Errors
    /// 412 when the profile has another version already.
    pub(crate) fn expected(&self, wanted: &IfMatch) -> Result<Option<Expected>, Problem> {
        wanted.allows(&self.version())?;
        Ok(self.expected_if_named(wanted))
    }

    /// The version that the store has to find, if the client names one; the caller has compared it.
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
