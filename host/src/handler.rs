//! The instances of one component: when an instance is created, which requests share it, and when it is dropped.

use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use serde_json::json;
use wasmtime::component::GuestTaskId;
use wasmtime::{Store, StoreContextMut};
use wasmtime_wasi_http::WasiHttpView as _;
use wasmtime_wasi_http::handler::{
    HandlerState, Instance, Proxy, ShouldAccept, WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;

use crate::Limits;
use crate::engine::{InstanceState, Shared};
use crate::log;
use crate::stdio::Stderr;

/// A request that an instance is working on.
pub(crate) struct Ticket {
    /// The id of the request, for the log.
    pub(crate) request_id: String,
    /// The server sets this once the response is complete or the client has disconnected.
    pub(crate) done: AtomicBool,
}

/// A component ready to be instantiated.
pub(crate) struct Handler {
    pub(crate) pre: ServicePre<InstanceState>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) limits: Limits,
}

impl HandlerState for Handler {
    type StoreData = InstanceState;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<InstanceState, Expiration, Worker>> {
        let state = self.shared.instance(&self.limits);
        let mut store = Store::new(self.pre.engine(), state);
        store.limiter(|state| &mut state.memory);
        // A guest yields its thread after each time slice. Its deadline is checked at that time.
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        let service =
            tokio::time::timeout(self.limits.request_timeout, self.pre.instantiate_async(&mut store));
        let service = service.await.map_err(|_| wasmtime::format_err!("instantiation took too long"))??;
        Ok(Instance {
            store,
            proxy: Proxy::P3(service),
            view: InstanceState::http,
            expiration: Expiration {
                idle: self.limits.idle_instance_timeout,
                busy: self.limits.request_timeout,
                sleep: Box::pin(tokio::time::sleep(self.limits.request_timeout)),
            },
            state: Worker {
                component: self.shared.name.clone(),
                stderr: self.shared.stderr.clone(),
                limits: self.limits.clone(),
                tickets: Mutex::default(),
            },
        })
    }
}

/// Ends an instance that has been idle for too long, or that has worked on its latest request for too long. Wasmtime also polls it
/// between the time slices of a computing guest, so it can end an endless loop.
pub(crate) struct Expiration {
    idle: Duration,
    busy: Duration,
    sleep: Pin<Box<tokio::time::Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        status: WorkerStatus,
        start: Instant,
    ) -> Poll<()> {
        let allowed = match status {
            WorkerStatus::Idle => self.idle,
            WorkerStatus::Requests | WorkerStatus::PostReturn => self.busy,
        };
        // A deadline that overflows the clock never comes.
        let Some(deadline) = start.checked_add(allowed) else { return Poll::Pending };
        if self.sleep.deadline() != deadline.into() {
            self.sleep.as_mut().reset(deadline.into());
        }
        self.sleep.as_mut().poll(cx)
    }
}

/// The handler's view of one instance.
pub(crate) struct Worker {
    component: Arc<str>,
    stderr: Stderr,
    limits: Limits,
    tickets: Mutex<Vec<Arc<Ticket>>>,
}

impl WorkerState for Worker {
    type StoreData = InstanceState;
    type RequestData = Arc<Ticket>;

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        if total >= self.limits.max_instance_reuse_count {
            ShouldAccept::Never
        } else if concurrent >= self.limits.max_instance_concurrent_reuse_count {
            ShouldAccept::No
        } else {
            ShouldAccept::Yes
        }
    }

    fn on_request_start(
        &self,
        _: StoreContextMut<'_, InstanceState>,
        ticket: Arc<Ticket>,
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        let mut tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        tickets.retain(|ticket| !ticket.done.load(Relaxed));
        tickets.push(ticket);
        Box::pin(tokio::time::sleep(self.limits.request_timeout))
    }

    fn drop(&self, store: Store<InstanceState>, result: wasmtime::Result<()>) {
        let Err(error) = result else { return };
        let tickets = self.tickets.lock().unwrap_or_else(PoisonError::into_inner);
        let requests: Vec<&str> = tickets
            .iter()
            .filter(|ticket| !ticket.done.load(Relaxed))
            .map(|ticket| ticket.request_id.as_str())
            .collect();
        // If an idle worker is dropped, for example when the host stops, Wasmtime reports that the worker panicked.
        if requests.is_empty() && error.to_string() == "worker panicked" {
            return;
        }
        log::error(
            &self.stderr,
            "an instance failed",
            [
                ("component", json!(&*self.component)),
                ("request_ids", json!(requests)),
                ("cause", json!(format!("{error:#}"))),
                ("memory_bytes", json!(store.data().memory.used)),
                ("memory_refused", json!(store.data().memory.refused)),
            ],
        );
    }
}
