//! A faulty network between the service and Postgres.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use users_tests::{Service, environment};

/// The effect of the network on data from Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Network {
    Good,
    /// The data arrives after a delay.
    Late(Duration),
    /// The data is dropped silently.
    Silent,
}

/// A proxy between the service and Postgres.
pub(crate) struct Proxy {
    network: watch::Sender<Network>,
    /// The number of cuts. Every connection ends at the next cut.
    cuts: watch::Sender<u32>,
    port: u16,
}

impl Proxy {
    /// Starts to listen.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("there is a free port");
        let port = listener.local_addr().expect("a listener has an address").port();
        let url: tokio_postgres::Config = environment().database_url.parse().expect("it is a URL");
        let postgres = ("127.0.0.1", url.get_ports().first().copied().unwrap_or(5432));
        let (network, cuts) = (watch::Sender::new(Network::Good), watch::Sender::new(0));
        let (of_network, of_cuts) = (network.subscribe(), cuts.subscribe());
        tokio::spawn(async move {
            // This task ends with the runtime of the test.
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

    /// Starts a service that reaches Postgres through the proxy.
    pub(crate) async fn service(&self) -> Service {
        Service::builder().variable("db_port", &self.port.to_string()).start().await
    }

    /// Restores the network.
    pub(crate) fn heal(&self) {
        self.network.send_replace(Network::Good);
    }

    /// Delays all data from Postgres from now on.
    pub(crate) fn delay(&self, time: Duration) {
        self.network.send_replace(Network::Late(time));
    }

    /// Drops all data from Postgres from now on. Connections stay open.
    pub(crate) fn fall_silent(&self) {
        self.network.send_replace(Network::Silent);
    }

    /// Ends every open connection.
    pub(crate) fn cut(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }
}

async fn copy(mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    // When one side ends, the other side ends, too.
    let _ = tokio::io::copy(&mut from, &mut to).await;
}

async fn copy_as(network: watch::Receiver<Network>, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) {
    let mut piece = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let now = *network.borrow();
        match now {
            Network::Good => {}
            Network::Late(time) => tokio::time::sleep(time).await,
            // The connection stays silent after the network recovers, like a connection that a firewall has forgotten.
            Network::Silent => return std::future::pending().await,
        }
        if to.write_all(&piece[..length]).await.is_err() {
            return;
        }
    }
}
