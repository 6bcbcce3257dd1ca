//! A bad network between the service and Postgres.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use users_tests::{Service, environment};

/// What happens to what Postgres says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Network {
    Good,
    /// It arrives so much later.
    Late(Duration),
    /// It does not arrive, and nobody is told.
    Silent,
}

/// Stands between the service and Postgres.
pub(crate) struct Proxy {
    network: watch::Sender<Network>,
    /// Counts the cuts: a connection ends with the cut after it.
    cuts: watch::Sender<u32>,
    port: u16,
}

impl Proxy {
    /// Begins to listen.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let url: tokio_postgres::Config = environment().database_url.parse().expect("it is a URL");
        let postgres = ("127.0.0.1", url.get_ports().first().copied().unwrap_or(5432));
        let (network, cuts) = (watch::Sender::new(Network::Good), watch::Sender::new(0));
        let (of_network, of_cuts) = (network.subscribe(), cuts.subscribe());
        tokio::spawn(async move {
            // Ends with the test's runtime.
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(postgres).await else { continue };
                let (of_network, mut cut) = (of_network.clone(), of_cuts.clone());
                cut.mark_unchanged();
                tokio::spawn(async move {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::select! {
                        () = copy(from_client, to_server) => {}
                        () = copy_as(of_network, from_server, to_client) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self { network, cuts, port }
    }

    /// A service that reaches Postgres through it.
    pub(crate) async fn service(&self) -> Service {
        Service::builder().variable("db_port", &self.port.to_string()).start().await
    }

    /// From now on all is well.
    pub(crate) fn heal(&self) {
        self.network.send_replace(Network::Good);
    }

    /// From now on everything takes so much longer.
    pub(crate) fn delay(&self, time: Duration) {
        self.network.send_replace(Network::Late(time));
    }

    /// From now on no answer arrives, and no connection ends.
    pub(crate) fn fall_silent(&self) {
        self.network.send_replace(Network::Silent);
    }

    /// Ends every connection that there is.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    // One side that ends is the end of the other.
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

async fn copy_as(network: watch::Receiver<Network>, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let now = *network.borrow();
        match now {
            Network::Good => {}
            Network::Late(time) => tokio::time::sleep(time).await,
            // Also once the network is well again: as behind a firewall that forgot the connection.
            Network::Silent => return std::future::pending().await,
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
