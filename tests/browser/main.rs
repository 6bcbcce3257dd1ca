//! The pages for people, in a browser. Each test here starts a service and plays one script of this folder on it; the scripts hold the
//! tests, each with accounts of its own, for Node's test runner.

automod::dir!("browser");
