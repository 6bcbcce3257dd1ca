//! Wasmtime: the engine, the interfaces that components may import, and the state of an instance.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Result, anyhow};
use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Config, Engine, ResourceLimiter};
use wasmtime_wasi::{HostWallClock, WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::Limits;
use crate::bindings;
use crate::outgoing::{self, Outgoing};
use crate::postgres::{HasPostgres, PostgresState, PostgresView};
use crate::variables::{HasVariables, VariablesState};

/// The length of a time slice. After each slice, a computing guest yields its thread, and the host checks the guest's deadline.
/// With 10 ms, a request that waited for the database beside a computing guest took three times as long. Less than 2 ms brought no
/// gain.
const SLICE: Duration = Duration::from_millis(2);

/// Creates the engine, and a thread that ends the guests' time slices until the engine is dropped.
///
/// # Errors
/// When this machine cannot run WebAssembly, or the thread cannot be started.
pub(crate) fn engine() -> Result<Engine> {
    let mut config = Config::new();
    // Memory is allocated for each instance. Spin's pooling allocator was not faster here, and it keeps twice as much memory.
    config.wasm_component_model_async(true).epoch_interruption(true);
    let engine = Engine::new(&config).map_err(plain)?;
    let weak = engine.weak();
    std::thread::Builder::new().name("slices".to_owned()).spawn(move || {
        while let Some(engine) = weak.upgrade() {
            engine.increment_epoch();
            drop(engine);
            std::thread::sleep(SLICE);
        }
    })?;
    Ok(engine)
}

/// Converts Wasmtime's error; its causes become part of the text.
pub(crate) fn plain(error: wasmtime::Error) -> anyhow::Error {
    anyhow!("{error:#}")
}

/// The state of one instance, dropped with it.
pub(crate) struct InstanceState {
    pub(crate) table: ResourceTable,
    pub(crate) wasi: WasiCtx,
    pub(crate) http: WasiHttpCtx,
    pub(crate) outgoing: Outgoing,
    pub(crate) variables: VariablesState,
    pub(crate) postgres: PostgresState,
    pub(crate) memory: MemoryLimit,
}

/// Links every interface that a component may import. Permissions are checked at each call.
///
/// # Errors
/// When two interfaces conflict. No input can cause that.
pub(crate) fn linker(engine: &Engine) -> wasmtime::Result<Linker<InstanceState>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    outgoing::add_to_linker(&mut linker)?;
    bindings::spin::variables::variables::add_to_linker::<_, HasVariables>(
        &mut linker,
        |state: &mut InstanceState| &mut state.variables,
    )?;
    bindings::spin::postgres::postgres::add_to_linker::<_, HasPostgres>(
        &mut linker,
        |state: &mut InstanceState| PostgresView { state: &state.postgres, table: &mut state.table },
    )?;
    Ok(linker)
}

impl WasiView for InstanceState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for InstanceState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outgoing }
    }
}

/// Limits the memory of an instance: all its linear memories and tables together.
pub(crate) struct MemoryLimit {
    /// Bytes.
    pub(crate) limit: usize,
    /// Bytes.
    pub(crate) used: usize,
    /// Set when the instance asks for more memory than the limit. This often explains a later trap.
    pub(crate) refused: bool,
}

impl MemoryLimit {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, used: 0, refused: false }
    }

    fn grow(&mut self, current: usize, desired: usize) -> bool {
        let wanted = self.used.saturating_add(desired.saturating_sub(current));
        if wanted > self.limit {
            self.refused = true;
            return false;
        }
        self.used = wanted;
        true
    }
}

impl ResourceLimiter for MemoryLimit {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(current, desired))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow(current.saturating_mul(size_of::<usize>()), desired.saturating_mul(size_of::<usize>())))
    }
}

/// The state that all instances of a component share.
pub(crate) struct Shared {
    /// Its name in the manifest.
    pub(crate) name: Arc<str>,
    /// Name and value of its environment variables.
    pub(crate) environment: Vec<(String, String)>,
    /// The variables of the application.
    pub(crate) variables: Arc<crate::variables::Variables>,
    /// Its database pools.
    pub(crate) postgres: PostgresState,
    /// The HTTP requests that it may send.
    pub(crate) outgoing: Outgoing,
    /// The destination of its output.
    pub(crate) stderr: crate::stdio::Stderr,
}

impl Shared {
    /// The state of a fresh instance: no folders, no sockets, no arguments.
    pub(crate) fn instance(&self, limits: &Limits) -> InstanceState {
        let wasi = WasiCtx::builder()
            .wall_clock(Clock { ahead: limits.clock_offset })
            .envs(&self.environment)
            .stdout(crate::stdio::GuestOutput::new(&self.stderr))
            .stderr(crate::stdio::GuestOutput::new(&self.stderr))
            .allow_tcp(false)
            .allow_udp(false)
            .build();
        InstanceState {
            table: ResourceTable::new(),
            wasi,
            http: WasiHttpCtx::new(),
            outgoing: self.outgoing.clone(),
            variables: VariablesState { variables: self.variables.clone(), component: self.name.clone() },
            postgres: self.postgres.clone(),
            memory: MemoryLimit::new(limits.max_instance_memory),
        }
    }
}

/// The guests' wall clock.
struct Clock {
    /// How far the guests' clock is ahead of this machine's clock, in seconds.
    ahead: i64,
}

impl HostWallClock for Clock {
    fn resolution(&self) -> Duration {
        Duration::from_nanos(1)
    }

    fn now(&self) -> Duration {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = now.as_secs().saturating_add_signed(self.ahead);
        Duration::new(seconds, now.subsec_nanos())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_memories_of_an_instance_share_one_limit() {
        let mut memory = MemoryLimit::new(100);
        assert!(memory.grow(0, 60));
        assert!(memory.grow(0, 20));
        assert!(!memory.grow(60, 90));
        assert!(memory.refused);
        assert!(memory.grow(60, 80));
    }
}
