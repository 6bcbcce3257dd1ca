//! The components, their imports and their configuration.

automod::dir!("platform");
