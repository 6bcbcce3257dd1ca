//! Reads the options of a service.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::{Algorithm, Refused};

/// The text at a JSON pointer.
pub(crate) fn text<'a>(options: &'a Value, pointer: &str) -> Result<&'a str, Refused> {
    options.pointer(pointer).and_then(Value::as_str).ok_or_else(|| Refused::Options(pointer.to_owned()))
}

/// The octets at a JSON pointer.
pub(crate) fn octets(options: &Value, pointer: &str) -> Result<Vec<u8>, Refused> {
    URL_SAFE_NO_PAD.decode(text(options, pointer)?).map_err(|_| Refused::Options(pointer.to_owned()))
}

/// The ids of a list of passkeys. A list that is missing is empty.
pub(crate) fn ids(options: &Value, member: &str) -> Result<Vec<Vec<u8>>, Refused> {
    let list = options[member].as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().map(|passkey| octets(passkey, "/id")).collect()
}

/// The first algorithm of the options that the authenticator has.
pub(crate) fn algorithm(options: &Value) -> Result<Algorithm, Refused> {
    let offered = options["pubKeyCredParams"]
        .as_array()
        .ok_or_else(|| Refused::Options("/pubKeyCredParams".to_owned()))?;
    offered
        .iter()
        .filter_map(|parameters| parameters["alg"].as_i64())
        .find_map(|id| Algorithm::ALL.into_iter().find(|it| it.cose_id() == id))
        .ok_or(Refused::Algorithm)
}
