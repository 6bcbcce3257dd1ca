//! Tests of the service and of `openapi.json` with programs that know only the document.

automod::dir!("contract");
