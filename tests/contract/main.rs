//! The service and `openapi.json`: requests of programs that know only the document.

automod::dir!("contract");
