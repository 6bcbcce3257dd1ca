//! Rehearses an operator's work with the manifests in `k8s/` on this machine, without a cluster.
//!
//! [`stage::Stage`] reads the rendered manifests of `overlays/prod` and starts their parts: Postgres with the settings and the
//! script of the StatefulSet, the commands of the Job, replicas with the variables of the SpinApp, and a load balancer that probes
//! the replicas like Kubernetes. At the same time, [`load::Load`] runs clients.

automod::dir!("deploy");
