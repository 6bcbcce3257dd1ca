//! Failures of Postgres, the network and the machine.

mod connections;
mod crash;
mod network;
mod proxy;
mod replicas;
mod resources;
mod slow;
