//! Prints the OpenAPI document. It is generated from the types that the components' handlers take and return. `cargo xtask openapi`
//! writes it to `openapi.json`.

use anyhow::anyhow;
use users_web::openapi::document;

const DESCRIPTION: &str = "\
Accounts, tokens, profiles, administration and role-based access control.

Every route answers with and without a slash at its end. Errors are problem details (RFC 9457); their `code` tells programs what \
happened, their `detail` tells people what to do. Every answer names its request in `X-Request-Id`, with the id that the client \
sent if it is 1 to 128 of `A-Z a-z 0-9 . _ -`. JSON members and query parameters that are not known are ignored. A NUL character in any text is 422 \
`validation_failed`. A request body may have 64 KiB, has no `Content-Encoding`, and arrives within 20 seconds: else 408 `request_timeout`, on any route. Pages of other origins may read \
every answer if the operator lists their origin (CORS).";

fn main() -> anyhow::Result<()> {
    println!("{}", described()?);
    Ok(())
}

/// The document, as `openapi.json` stores it.
fn described() -> anyhow::Result<String> {
    let parts =
        vec![auth::part(), users::part(), profile::part(), rbac::part(), system::part(), docs::part()];
    let document =
        document(env!("CARGO_PKG_VERSION"), DESCRIPTION, parts).map_err(|problem| anyhow!(problem))?;
    Ok(serde_json::to_string_pretty(&document)?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn openapi_json_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi.json");
        let kept = std::fs::read_to_string(path).unwrap();
        assert!(kept.trim_end() == super::described().unwrap(), "run `cargo xtask openapi`");
    }
}
