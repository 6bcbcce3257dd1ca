//! What happens when Postgres does not do its part.

mod connections;
mod crash;
mod slow;
