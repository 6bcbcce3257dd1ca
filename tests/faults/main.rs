//! What happens when something does not do its part: Postgres, the network, the machine.

mod connections;
mod crash;
mod network;
mod proxy;
mod replicas;
mod resources;
mod slow;
