//! Requests that no HTTP client would send.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Service;

/// How long the service may take to answer and to close the connection.
const PATIENCE: Duration = Duration::from_secs(15);

impl Service {
    /// Sends octets as they are and returns what comes back until the service closes the connection: let a request
    /// that keeps it open say `Connection: close`.
    ///
    /// # Panics
    /// When there is no connection, or it is still open after fifteen seconds.
    pub async fn raw(&self, octets: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // A service that refuses early may close before it has read everything.
        let _ = stream.write_all(octets.as_ref()).await;
        let mut answer = Vec::new();
        let reading = async {
            let mut buffer = [0; 4096];
            while let Ok(octets @ 1..) = stream.read(&mut buffer).await {
                answer.extend_from_slice(&buffer[..octets]);
            }
        };
        tokio::time::timeout(PATIENCE, reading).await.expect("the service answers and closes the connection");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// A connection to the service.
    ///
    /// # Panics
    /// When it takes none.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.expect("the service takes connections")
    }
}
