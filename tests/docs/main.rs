//! `/openapi.json`, `/docs` and `/redoc`

automod::dir!("docs");
