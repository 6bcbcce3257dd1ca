//! The manifests in `k8s/`, and what an operator does with them: rehearsed on this machine, without a cluster.
//!
//! [`stage::Stage`] reads the rendered manifests of `overlays/prod` and starts what they say: Postgres with the settings of
//! the StatefulSet and set up by its script, the Job's commands, replicas with the variables of the SpinApp, and a load
//! balancer that knows of a replica what Kubernetes would. [`load::Load`] is the clients, meanwhile.

mod backup;
mod balancer;
mod load;
mod manifests;
mod migration;
mod postgres_restart;
mod rolling_restart;
mod signing_secret;
mod split;
mod stage;
