//! Behaviour on every route, and the routes about the service itself.

automod::dir!("service");
