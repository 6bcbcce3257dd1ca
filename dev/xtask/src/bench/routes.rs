//! The measured requests.

/// The password of the administrator who sends the requests.
pub(super) const PASSWORD: &str = "a password to measure with";

/// A request that is repeated.
#[derive(Debug, Clone, Default)]
pub(super) struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) token: Option<String>,
    pub(super) body: Option<String>,
    pub(super) media_type: Option<&'static str>,
    /// The first token of each chain. Each token is exchanged for the next token.
    pub(super) refresh_tokens: Vec<String>,
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

    /// The request of the administrator with this token and address.
    pub(super) fn request(self, token: &str, email: &str, refresh_tokens: &[String]) -> Request {
        let get = |path: &str| Request {
            method: "GET",
            path: path.to_owned(),
            token: Some(token.to_owned()),
            ..Request::default()
        };
        let post = |path: &str, media_type, body: String| Request {
            method: "POST",
            path: path.to_owned(),
            media_type: Some(media_type),
            body: Some(body),
            ..Request::default()
        };
        match self {
            Self::Healthz => Request { token: None, ..get("/healthz") },
            Self::Me => get("/auth/me"),
            Self::Profile => get("/profile/"),
            Self::Users => get("/users/?limit=50"),
            Self::CheckPermission => {
                let body = r#"{"resource": "user", "action": "read"}"#.to_owned();
                Request {
                    token: Some(token.to_owned()),
                    ..post("/rbac/check-permission", "application/json", body)
                }
            }
            Self::Login => {
                let mut form = url::form_urlencoded::Serializer::new(String::new());
                form.append_pair("username", email).append_pair("password", PASSWORD);
                post("/auth/login", "application/x-www-form-urlencoded", form.finish())
            }
            Self::Refresh => Request {
                refresh_tokens: refresh_tokens.to_vec(),
                ..post("/auth/refresh", "application/json", String::new())
            },
        }
    }
}
