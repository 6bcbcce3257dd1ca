//! Failures of Postgres, the network and the machine.

automod::dir!("faults");
