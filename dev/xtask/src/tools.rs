//! External programs: pinned under `target/tools` with all their dependencies, or from Debian.

mod browser;
mod contract;
mod deploy;
mod pinned;
mod postgres;
mod rust;

pub(crate) use browser::browser;
pub(crate) use contract::{PYTHON_BIN, contract};
pub(crate) use deploy::{haproxy, kubectl, validator};
pub(crate) use postgres::postgres;
pub(crate) use rust::{CargoLlvmCov, cargo_llvm_cov, cargo_nextest, installed, output_of};
