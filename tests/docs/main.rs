//! `/openapi.json`, `/docs` and `/redoc`

mod codings;
mod cost;
mod files;
mod pages;
mod support;
mod versions;
