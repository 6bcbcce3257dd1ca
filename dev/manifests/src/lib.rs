//! The Kubernetes manifests in `k8s/`, as kustomize renders them, and what they have to agree about.
//!
//! [`Manifests`] are the objects of an overlay; [`Manifests::environment`] gives a container or a SpinApp what Kubernetes
//! would. [`faults`] holds them to rules of our own, which no schema can tell: names that refer to each other, limits,
//! privileges, and what `spin.toml` says of the same service.

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

/// What the functions of this crate return.
pub type Result<T> = std::result::Result<T, Error>;

/// What an overlay may hold in the place of a secret.
pub const PLACEHOLDER: &str = "placeholder";

/// The value of a variable that Spin requires and none of a SpinApp's components uses.
pub const UNUSED: &str = "unused";
