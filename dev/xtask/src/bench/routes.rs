//! The measured requests.

/// The password of the administrator who sends the requests.
pub(super) const PASSWORD: &str = "a password to measure with";

/// A request that is repeated.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) tokens: Tokens,
    pub(super) body: Option<String>,
    pub(super) media_type: Option<&'static str>,
}

/// The tokens that requests are sent with.
#[derive(Debug, Clone)]
pub(super) enum Tokens {
    /// In turn; none is also good.
    Access(Vec<String>),
    /// The first token of each chain. Each token is exchanged for the next token.
    Refresh(Vec<String>),
}

impl Default for Tokens {
    fn default() -> Self {
        Self::Access(Vec::new())
    }
}

/// A hot route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    Healthz,
    Me,
    CheckPermission,
    Profile,
    Users,
    Login,
    Refresh,
}

impl Route {
    pub(super) const ALL: [Self; 7] = [
        Self::Healthz,
        Self::Me,
        Self::CheckPermission,
        Self::Profile,
        Self::Users,
        Self::Login,
        Self::Refresh,
    ];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Healthz => "GET /healthz",
            Self::Me => "GET /auth/me",
            Self::CheckPermission => "POST /rbac/check-permission",
            Self::Profile => "GET /profile/",
            Self::Users => "GET /users/?limit=50",
            Self::Login => "POST /auth/login",
            Self::Refresh => "POST /auth/refresh",
        }
    }

    /// Returns true if the route changes nothing. Then pgbench can repeat its statements.
    pub(super) fn only_reads(self) -> bool {
        matches!(self, Self::Me | Self::CheckPermission | Self::Profile | Self::Users)
    }

    /// The request of the administrator with these tokens and this address.
    pub(super) fn request(self, tokens: Tokens, email: &str) -> Request {
        let get = |path: &str| Request { method: "GET", path: path.to_owned(), ..Request::default() };
        let post = |path: &str, media_type, body: String| Request {
            method: "POST",
            path: path.to_owned(),
            media_type: Some(media_type),
            body: Some(body),
            ..Request::default()
        };
        let request = match self {
            Self::Healthz => return get("/healthz"),
            Self::Me => get("/auth/me"),
            Self::Profile => get("/profile/"),
            Self::Users => get("/users/?limit=50"),
            Self::CheckPermission => {
                let body = r#"{"resource": "user", "action": "read"}"#.to_owned();
                post("/rbac/check-permission", "application/json", body)
            }
            Self::Login => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                form.append_pair("username", email).append_pair("password", PASSWORD);
                return post("/auth/login", "application/x-www-form-urlencoded", form.finish());
            }
            Self::Refresh => post("/auth/refresh", "application/json", String::new()),
        };
        Request { tokens, ..request }
    }
}
