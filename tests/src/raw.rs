//! Requests that no HTTP client sends.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Service;

/// The maximum time to wait for the answer and the end of the connection.
const LIMIT: Duration = Duration::from_secs(15);

impl Service {
    /// Sends bytes, and returns all data until the service closes the connection. A complete request needs `Connection: close`.
    ///
    /// # Panics
    /// When the connection fails, or is still open after fifteen seconds.
    pub async fn raw(&self, bytes: impl AsRef<[u8]>) -> String {
        let mut stream = self.connect().await;
        // The service may refuse the request and close the connection before it has read all bytes.
        let _ = stream.write_all(bytes.as_ref()).await;
        let mut answer = Vec::new();
        let reading = async {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = stream.read(&mut buffer).await {
                answer.extend_from_slice(&buffer[..length]);
            }
        };
        tokio::time::timeout(LIMIT, reading).await.expect("the service answers and closes the connection");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Connects to the service.
    ///
    /// # Panics
    /// When the service refuses the connection.
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address()).await.expect("the service takes connections")
    }
}
