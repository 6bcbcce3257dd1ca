//! Finds the route of a path by Spin's rules: an exact route takes precedence over a wildcard, and a longer prefix over a shorter
//! one.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};
use indexmap::IndexMap;
use routefinder::RouteSpec;

/// A table that finds the target of a path.
#[derive(Debug)]
pub struct Routes<T> {
    router: routefinder::Router<Route<T>>,
}

#[derive(Debug)]
struct Route<T> {
    /// The pattern as it is in the manifest.
    pattern: String,
    /// The pattern with a leading slash and without a trailing slash.
    normal: String,
    target: T,
}

/// The route that matches a path.
#[derive(Debug)]
pub struct Match<'a, T> {
    /// The target of the route.
    pub target: &'a T,
    /// The pattern as it is in the manifest.
    pub raw_route: &'a str,
    /// The pattern with a leading slash and without a trailing slash.
    pub matched_route: &'a str,
    /// The part of the path that matches the trailing `/...`, with its leading slash. It may be empty.
    pub path_info: String,
    /// The part of the path that matches each `:name`.
    pub named: BTreeMap<String, String>,
}

impl<T> Match<'_, T> {
    /// The pattern as it is in the manifest, without `/...`.
    #[must_use]
    pub fn component_route(&self) -> &str {
        self.raw_route.strip_suffix("/...").unwrap_or(self.raw_route)
    }
}

impl<T> Routes<T> {
    /// Builds the table. If two triggers have the same pattern, the later one takes precedence.
    ///
    /// # Errors
    /// When a pattern is malformed.
    pub fn new(routes: impl IntoIterator<Item = (String, T)>) -> Result<Self> {
        let routes: IndexMap<String, T> = routes.into_iter().collect();
        let mut router = routefinder::Router::new();
        for (pattern, target) in routes {
            let normal = normalise(&pattern);
            let spec =
                spec(&normal).map_err(|error| anyhow!("the route {pattern:?} is not valid: {error}"))?;
            let route = Route { pattern, normal, target };
            router.add(spec, route).map_err(|error| anyhow!("{error}"))?;
        }
        Ok(Self { router })
    }

    /// The best route for a path, if any.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<Match<'_, T>> {
        let best = self.router.best_match(path)?;
        let captures = best.captures();
        let route = best.handler();
        Some(Match {
            target: &route.target,
            raw_route: &route.pattern,
            matched_route: &route.normal,
            path_info: captures.wildcard().map(|rest| path_info(rest, path)).unwrap_or_default(),
            named: captures.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        })
    }

    /// All patterns as they are in the manifest, in order of precedence.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.router.iter().map(|(_, route)| route.pattern.as_str())
    }
}

fn normalise(pattern: &str) -> String {
    let slash = if pattern.starts_with('/') { "" } else { "/" };
    let pattern = format!("{slash}{pattern}");
    pattern.strip_suffix('/').unwrap_or(&pattern).to_owned()
}

fn spec(normal: &str) -> Result<RouteSpec, String> {
    match normal.strip_suffix("/...") {
        Some(prefix) => format!("{prefix}/*").parse(),
        None => normal.parse(),
    }
}

/// The part of the path that matches the wildcard. The router drops its trailing slash, but guests need it.
fn path_info(rest: &str, path: &str) -> String {
    let slash = if path.ends_with('/') { "/" } else { "" };
    if rest.is_empty() { slash.to_owned() } else { format!("/{rest}{slash}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(routes: &[&str], path: &str) -> Option<(String, String)> {
        let routes = Routes::new(routes.iter().map(|route| (route.to_string(), ()))).unwrap();
        routes.find(path).map(|found| (found.raw_route.to_owned(), found.path_info))
    }

    fn found(route: &str, path_info: &str) -> Option<(String, String)> {
        Some((route.to_owned(), path_info.to_owned()))
    }

    #[test]
    fn a_wildcard_matches_its_prefix_and_all_paths_below_it() {
        let routes = ["/users/..."];
        assert_eq!(find(&routes, "/users"), found("/users/...", ""));
        assert_eq!(find(&routes, "/users/"), found("/users/...", "/"));
        assert_eq!(find(&routes, "/users/1"), found("/users/...", "/1"));
        assert_eq!(find(&routes, "/users/1/"), found("/users/...", "/1/"));
        assert_eq!(find(&routes, "/users/bulk/delete"), found("/users/...", "/bulk/delete"));
        assert_eq!(find(&routes, "/usersx"), None);
        assert_eq!(find(&routes, "/"), None);
    }

    #[test]
    fn the_exact_route_wins_then_the_longest_prefix() {
        let routes = ["/...", "/auth/...", "/auth/me", "/auth/deep/er/..."];
        assert_eq!(find(&routes, "/auth/me"), found("/auth/me", ""));
        assert_eq!(find(&routes, "/auth/login"), found("/auth/...", "/login"));
        assert_eq!(find(&routes, "/auth/deep/er/x"), found("/auth/deep/er/...", "/x"));
        assert_eq!(find(&routes, "/auth/deep/x"), found("/auth/...", "/deep/x"));
        assert_eq!(find(&routes, "/elsewhere"), found("/...", "/elsewhere"));
        assert_eq!(find(&routes, "/"), found("/...", "/"));
    }

    #[test]
    fn the_root_is_an_exact_route_too() {
        assert_eq!(find(&["/"], "/"), found("/", ""));
        assert_eq!(find(&["/"], "/x"), None);
    }

    #[test]
    fn an_exact_route_ignores_a_trailing_slash() {
        assert_eq!(find(&["/healthz"], "/healthz/"), found("/healthz", ""));
        assert_eq!(find(&["/healthz/"], "/healthz"), found("/healthz/", ""));
        assert_eq!(find(&["healthz"], "/healthz"), found("healthz", ""));
    }

    #[test]
    fn names_are_captured() {
        let routes = Routes::new([("/users/:id/...".to_owned(), ())]).unwrap();
        let found = routes.find("/users/7/roles").unwrap();
        assert_eq!(found.named.get("id").map(String::as_str), Some("7"));
        assert_eq!(found.path_info, "/roles");
        assert_eq!(found.component_route(), "/users/:id");
        assert_eq!(found.matched_route, "/users/:id/...");
    }

    #[test]
    fn the_later_of_two_equal_routes_wins() {
        let routes = Routes::new([("/a".to_owned(), 1), ("/a".to_owned(), 2)]).unwrap();
        assert_eq!(*routes.find("/a").unwrap().target, 2);
    }
}
