//! Programs that are not Rust code of this repository: pinned under `target/tools` with all that they need, or Debian's.

mod contract;
mod deploy;
mod pinned;
mod postgres;
mod rust;

pub(crate) use contract::{PYTHON_BIN, contract};
pub(crate) use deploy::{haproxy, kubectl, validator};
pub(crate) use postgres::postgres;
pub(crate) use rust::{CargoLlvmCov, cargo_llvm_cov, cargo_nextest, installed, output_of};
