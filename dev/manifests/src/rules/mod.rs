//! Rules that no schema can tell, one file each. A fault is a sentence that begins with the object's `kind/name`.

mod images;
mod limits;
mod network;
mod order;
mod privileges;
mod references;
mod routes;
mod scaling;
mod secrets;
mod variables;

use crate::{Manifests, SpinManifest};

/// What the rules look at.
struct Context<'a> {
    manifests: &'a Manifests,
    /// Where the placeholders of the secrets are.
    base: &'a Manifests,
    spin: &'a SpinManifest,
}

type Rule = fn(&Context<'_>) -> Vec<String>;

const RULES: [Rule; 10] = [
    images::faults,
    secrets::faults,
    references::faults,
    order::faults,
    limits::faults,
    privileges::faults,
    variables::faults,
    routes::faults,
    network::faults,
    scaling::faults,
];

/// What is wrong with an overlay, a sentence each. `base` holds the placeholders of the secrets that the overlay leaves out.
#[must_use]
pub fn faults(manifests: &Manifests, base: &Manifests, spin: &SpinManifest) -> Vec<String> {
    let context = Context { manifests, base, spin };
    RULES.iter().flat_map(|rule| rule(&context)).collect()
}
