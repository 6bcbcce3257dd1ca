//! Behaviour of all routes, and the routes that describe the service itself.

automod::dir!("service");
