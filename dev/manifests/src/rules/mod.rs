//! Rules that no schema can express. Each rule has its own file. A fault is a sentence that starts with the object's `kind/name`.

mod console;
mod hashing;
mod images;
mod limits;
mod network;
mod order;
mod privileges;
mod probes;
mod proxies;
mod references;
mod routes;
mod scaling;
mod secrets;
mod variables;

use crate::{Manifests, SpinManifest};

/// The input of a rule.
struct Context<'a> {
    manifests: &'a Manifests,
    /// The base. It has the placeholders of the Secrets, which overlays leave out.
    base: &'a Manifests,
    spin: &'a SpinManifest,
}

type Rule = fn(&Context<'_>) -> Vec<String>;

const RULES: [Rule; 14] = [
    images::faults,
    secrets::faults,
    references::faults,
    order::faults,
    limits::faults,
    privileges::faults,
    probes::faults,
    variables::faults,
    routes::faults,
    network::faults,
    console::faults,
    proxies::faults,
    scaling::faults,
    hashing::faults,
];

/// The faults of an overlay, one sentence for each. `base` has the placeholders of the Secrets that the overlay leaves out.
#[must_use]
pub fn faults(manifests: &Manifests, base: &Manifests, spin: &SpinManifest) -> Vec<String> {
    let context = Context { manifests, base, spin };
    RULES.iter().flat_map(|rule| rule(&context)).collect()
}
