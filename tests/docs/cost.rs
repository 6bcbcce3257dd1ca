//! The size and the speed of the documentation.

use std::time::{Duration, Instant};

use users_tests::{Service, environment};

/// The maximum size of the component, in bytes.
const LARGEST: u64 = 1_500_000;
/// The maximum time from a request to its answer, with a warm instance.
const LIMIT: Duration = Duration::from_millis(5);
/// The number of requests per median. One slow answer does not change the median.
const REQUESTS: usize = 50;
/// The lowest of several medians counts, because other tests use the processor, too.
const ROUNDS: usize = 20;

#[test]
fn the_component_is_small() {
    let file = environment().root().join("target/wasm/wasm32-wasip2/component/docs.wasm");
    let octets = file.metadata().expect("the component was built").len();
    assert!(octets <= LARGEST, "expected at most {LARGEST} octets, not {octets}");
}

#[tokio::test]
async fn a_page_takes_at_most_five_milliseconds() {
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

/// The median duration of requests, including their bodies.
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
