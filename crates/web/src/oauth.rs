//! The errors of OAuth 2.0. OAuth clients read them in the member `error`.

use axum::http::StatusCode;

/// An error code of OAuth 2.0 (RFC 6749 section 5.2). The codes for failures of the service come from section 4.1.2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OAuthError {
    /// The request is malformed, or a parameter is missing, repeated or invalid.
    InvalidRequest,
    /// The credentials or the refresh token are invalid.
    InvalidGrant,
    /// The route does not serve this `grant_type`.
    UnsupportedGrantType,
    /// The service failed.
    ServerError,
    /// The service is temporarily unavailable.
    TemporarilyUnavailable,
}

impl OAuthError {
    /// The error code, as it is sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidGrant => "invalid_grant",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
        }
    }

    /// The error code of a problem with this status, unless the problem's code sets another one.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Self::InvalidGrant,
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => Self::TemporarilyUnavailable,
            status if status.is_server_error() => Self::ServerError,
            _ => Self::InvalidRequest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn a_problem_has_the_error_of_its_status_unless_its_code_names_another() {
        for (code, error) in [
            (Code::MALFORMED_BODY, "invalid_request"),
            (Code::METHOD_NOT_ALLOWED, "invalid_request"),
            (Code::BODY_TOO_LARGE, "invalid_request"),
            (Code::UNSUPPORTED_MEDIA_TYPE, "invalid_request"),
            (Code::VALIDATION_FAILED, "invalid_request"),
            (Code::INTERNAL_ERROR, "server_error"),
            (Code::DATABASE_UNAVAILABLE, "temporarily_unavailable"),
            (Code::new(StatusCode::UNAUTHORIZED, "x", "x"), "invalid_grant"),
            (Code::new(StatusCode::FORBIDDEN, "x", "x"), "invalid_grant"),
            (Code::new(StatusCode::REQUEST_TIMEOUT, "x", "x"), "invalid_request"),
            (Code::new(StatusCode::TOO_MANY_REQUESTS, "x", "x"), "temporarily_unavailable"),
        ] {
            assert_eq!(code.oauth_error().as_str(), error, "{code:?}");
        }
        let named = Code::VALIDATION_FAILED.with_oauth_error(OAuthError::UnsupportedGrantType);
        assert_eq!(named.oauth_error().as_str(), "unsupported_grant_type");
    }
}
