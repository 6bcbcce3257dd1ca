//! The functions of the interface. The `-async` functions borrow the store only for look-ups, so the instance continues while they
//! wait. As in Spin, the other functions hold the store until they are done.

use std::task::{Context, Poll};

use tokio::sync::mpsc;
use tokio_postgres::config::Host;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    Accessor, Destination, FutureReader, HasData, Resource, ResourceTable, StreamProducer, StreamReader,
    StreamResult,
};

use super::{Connection, ConnectionBuilder, PostgresState, query, tls};
use crate::bindings::spin::postgres::postgres::{self as wit, Error};

type Result<T, E = Error> = std::result::Result<T, E>;

/// Selects the part of the store that the traits work on.
pub(crate) struct HasPostgres;

impl HasData for HasPostgres {
    type Data<'a> = View<'a>;
}

/// The state of an instance, with the table of its handles.
pub(crate) struct View<'a> {
    pub(crate) state: &'a PostgresState,
    pub(crate) table: &'a mut ResourceTable,
}

impl PostgresState {
    /// Connects if the address is allowed.
    async fn connect(&self, address: &str, root: Option<String>) -> Result<Connection> {
        self.check(address)?;
        let connected = self.pools.connect(address, root).await;
        connected.map_err(|error| Error::ConnectionFailed(format!("{error:#}")))
    }

    /// Checks every host of an address against the allowed hosts.
    fn check(&self, address: &str) -> Result<()> {
        let config: tokio_postgres::Config = address
            .parse()
            .map_err(|error: tokio_postgres::Error| Error::ConnectionFailed(error.to_string()))?;
        let ports = config.get_ports();
        let port = |index: usize| ports.get(index).or_else(|| ports.first().filter(|_| ports.len() == 1));
        for (index, host) in config.get_hosts().iter().enumerate() {
            match host {
                Host::Tcp(host) => self.check_host(host, port(index))?,
                #[cfg(unix)]
                Host::Unix(_) => {
                    return Err(Error::ConnectionFailed("a component cannot use Unix sockets".to_owned()));
                }
            }
        }
        // The driver connects to `hostaddr`, even if `host` is another address.
        for (index, host) in config.get_hostaddrs().iter().enumerate() {
            let host = if host.is_ipv6() { format!("[{host}]") } else { host.to_string() };
            self.check_host(&host, port(index))?;
        }
        Ok(())
    }

    fn check_host(&self, host: &str, port: Option<&u16>) -> Result<()> {
        let address = port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        match self.allowed.allow(&address, "postgres") {
            Ok(true) => Ok(()),
            Ok(false) => {
                Err(Error::ConnectionFailed(format!("address postgres://{address} is not permitted")))
            }
            Err(error) => Err(Error::Other(format!("{error:#}"))),
        }
    }
}

impl View<'_> {
    fn keep(&mut self, connection: Connection) -> Result<Resource<Connection>> {
        self.table.push(connection).map_err(|_| Error::ConnectionFailed("too many connections".to_owned()))
    }

    fn builder(&self, builder: &Resource<ConnectionBuilder>) -> wasmtime::Result<(String, Option<String>)> {
        let builder = self.table.get(builder)?;
        Ok((builder.address.clone(), builder.root.clone()))
    }
}

impl wit::Host for View<'_> {}

impl wit::HostConnectionBuilder for View<'_> {
    async fn new(&mut self, address: String) -> wasmtime::Result<Resource<ConnectionBuilder>> {
        Ok(self.table.push(ConnectionBuilder { address, root: None })?)
    }

    async fn set_ca_root(
        &mut self,
        builder: Resource<ConnectionBuilder>,
        certificate: String,
    ) -> wasmtime::Result<Result<()>> {
        if let Err(error) = tls::certificate(&certificate) {
            return Ok(Err(Error::Other(format!("invalid root certificate: {error}"))));
        }
        self.table.get_mut(&builder)?.root = Some(certificate);
        Ok(Ok(()))
    }

    async fn build(
        &mut self,
        builder: Resource<ConnectionBuilder>,
    ) -> wasmtime::Result<Result<Resource<Connection>>> {
        let (address, root) = self.builder(&builder)?;
        let connected = self.state.connect(&address, root).await;
        Ok(connected.and_then(|connection| self.keep(connection)))
    }

    async fn drop(&mut self, builder: Resource<ConnectionBuilder>) -> wasmtime::Result<()> {
        self.table.delete(builder)?;
        Ok(())
    }
}

impl wit::HostConnection for View<'_> {
    async fn open(&mut self, address: String) -> wasmtime::Result<Result<Resource<Connection>>> {
        let connected = self.state.connect(&address, None).await;
        Ok(connected.and_then(|connection| self.keep(connection)))
    }

    async fn query(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        values: Vec<wit::ParameterValue>,
    ) -> wasmtime::Result<Result<wit::RowSet>> {
        let connection = self.table.get(&connection)?;
        Ok(query::query(connection, &statement, &values).await)
    }

    async fn execute(
        &mut self,
        connection: Resource<Connection>,
        statement: String,
        values: Vec<wit::ParameterValue>,
    ) -> wasmtime::Result<Result<u64>> {
        let connection = self.table.get(&connection)?;
        Ok(query::execute(connection, &statement, &values).await)
    }

    async fn drop(&mut self, connection: Resource<Connection>) -> wasmtime::Result<()> {
        self.table.delete(connection)?;
        Ok(())
    }
}

impl<T: Send + 'static> wit::HostConnectionBuilderWithStore<T> for HasPostgres {
    async fn build_async(
        accessor: &Accessor<T, Self>,
        builder: Resource<ConnectionBuilder>,
    ) -> wasmtime::Result<Result<Resource<Connection>>> {
        let (address, root) = accessor.with(|mut access| access.get().builder(&builder))?;
        Ok(connect(accessor, &address, root).await)
    }
}

/// The columns, the rows and the end of a result, as the interface returns them.
type Reply = (Vec<wit::Column>, StreamReader<wit::Row>, FutureReader<Result<()>>);

impl<T: Send + 'static> wit::HostConnectionWithStore<T> for HasPostgres {
    async fn open_async(
        accessor: &Accessor<T, Self>,
        address: String,
    ) -> wasmtime::Result<Result<Resource<Connection>>> {
        Ok(connect(accessor, &address, None).await)
    }

    async fn query_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        values: Vec<wit::ParameterValue>,
    ) -> wasmtime::Result<Result<Reply>> {
        let connection = lookup(accessor, &connection)?;
        let answer = match query::query_stream(&connection, &statement, &values).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, Producer(answer.rows))?;
            let end = FutureReader::new(&mut access, answer.end)?;
            Ok(Ok((answer.columns, rows, end)))
        })
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        connection: Resource<Connection>,
        statement: String,
        values: Vec<wit::ParameterValue>,
    ) -> wasmtime::Result<Result<u64>> {
        let connection = lookup(accessor, &connection)?;
        Ok(query::execute(&connection, &statement, &values).await)
    }
}

fn lookup<T>(
    accessor: &Accessor<T, HasPostgres>,
    connection: &Resource<Connection>,
) -> wasmtime::Result<Connection> {
    accessor.with(|mut access| Ok(access.get().table.get(connection)?.clone()))
}

async fn connect<T>(
    accessor: &Accessor<T, HasPostgres>,
    address: &str,
    root: Option<String>,
) -> Result<Resource<Connection>> {
    let state = accessor.with(|mut access| access.get().state.clone());
    let connection = state.connect(address, root).await?;
    accessor.with(|mut access| access.get().keep(connection))
}

/// Passes the rows to a guest one at a time, as they arrive.
struct Producer(mpsc::Receiver<wit::Row>);

impl<D> StreamProducer<D> for Producer {
    type Item = wit::Row;
    type Buffer = Option<wit::Row>;

    fn poll_produce<'a>(
        self: std::pin::Pin<&mut Self>,
        cx: &mut Context<'_>,
        store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        if destination.remaining(store) == Some(0) {
            // The guest only asks if a row is ready. A channel cannot tell that without receiving the row.
            return Poll::Ready(Ok(StreamResult::Completed));
        }
        match self.get_mut().0.poll_recv(cx) {
            Poll::Ready(Some(row)) => {
                destination.set_buffer(Some(row));
                Poll::Ready(Ok(StreamResult::Completed))
            }
            Poll::Ready(None) => Poll::Ready(Ok(StreamResult::Dropped)),
            Poll::Pending if finish => Poll::Ready(Ok(StreamResult::Cancelled)),
            Poll::Pending => Poll::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::networking::AllowedHosts;
    use crate::variables::Variables;

    #[test]
    fn an_address_is_checked_by_the_host_it_connects_to() {
        let variables = Arc::new(Variables::new([], Box::new(|_| Ok(None))).unwrap());
        let allowed = AllowedHosts::parse(&["postgres://db:5432".to_owned()], &variables, &[]).unwrap();
        let state = PostgresState { pools: Arc::default(), allowed: Arc::new(allowed) };
        assert!(state.check("host=db user=a").is_ok());
        for address in
            ["host=other user=a", "host=db hostaddr=10.0.0.1 user=a", "host=/run/postgresql user=a"]
        {
            assert!(matches!(state.check(address), Err(Error::ConnectionFailed(_))), "{address}");
        }
    }
}
