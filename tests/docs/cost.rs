//! What the documentation costs.

use std::time::{Duration, Instant};

use users_tests::{Service, environment};

/// The component, in octets.
const LARGEST: u64 = 1_500_000;
/// From a request for a page to its answer, when an instance is there.
const LIMIT: Duration = Duration::from_millis(5);
/// So many requests have a median that one slow answer does not move.
const REQUESTS: usize = 50;
/// Other tests run beside this one, and their turns at the processor are none of its business.
const ROUNDS: usize = 20;

#[test]
fn the_component_is_small() {
    let file = environment().root().join("target/wasm/wasm32-wasip2/component/docs.wasm");
    let octets = file.metadata().expect("the component was built").len();
    assert!(octets <= LARGEST, "expected at most {LARGEST} octets, not {octets}");
}

#[tokio::test]
async fn a_page_begins_within_five_milliseconds() {
    let service = Service::start().await;
    service.get("/docs").send().await.expect(200);
    let mut medians = Vec::new();
    while medians.len() < ROUNDS {
        let median = median(&service).await;
        if median < LIMIT {
            return;
        }
        medians.push(median);
    }
    panic!("expected a median below {LIMIT:?}, not {medians:?}");
}

/// How long requests take, to the last octet.
async fn median(service: &Service) -> Duration {
    let mut times = Vec::new();
    for _ in 0..REQUESTS {
        let begun = Instant::now();
        service.get("/docs").send().await.expect(200);
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times[REQUESTS / 2]
}
