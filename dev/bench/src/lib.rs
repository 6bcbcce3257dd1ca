//! The setup that the benches share.

use std::time::Duration;

use criterion::Criterion;

/// Criterion without plots and with short measurements, because there are many benches and they measure short functions.
#[must_use]
pub fn criterion() -> Criterion {
    Criterion::default()
        .without_plots()
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args()
}
