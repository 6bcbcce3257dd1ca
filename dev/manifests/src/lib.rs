//! The Kubernetes manifests in `k8s/`, as kustomize renders them, and rules for them.
//!
//! [`Manifests`] holds the objects of an overlay, and [`Manifests::environment`] resolves variables as Kubernetes does.
//! [`faults`] checks rules that no schema can express: references, limits, privileges, and agreement with `spin.toml`.

mod environment;
mod error;
mod manifests;
mod pods;
mod rules;
mod selector;
mod spin;

pub use environment::Secrets;
pub use error::Error;
pub use manifests::{Manifests, Object};
pub use pods::Pod;
pub use rules::faults;
pub use spin::SpinManifest;

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// The only value that a Secret in the manifests may hold.
pub const PLACEHOLDER: &str = "placeholder";

/// The value of a variable that Spin requires but none of the SpinApp's components uses.
pub const UNUSED: &str = "unused";
