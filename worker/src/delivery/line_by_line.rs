//! A stream that reads no further than the line that it is asked for, until it is encrypted.
//!
//! Somebody between the two can add plaintext behind the answer to STARTTLS. A client that had read it ahead would take it for an answer
//! that came encrypted (CVE-2011-0411 is this fault in a server). lettre 0.11 keeps what it has read ahead. A client that does not read
//! ahead takes such plaintext for the beginning of the TLS handshake, which fails.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The first octet of a TLS handshake (RFC 8446 section 5.1). No SMTP command begins with it.
const HANDSHAKE: u8 = 22;

/// See the module. It gives one octet at a time, so a reader of lines stops at the end of the line.
#[derive(Debug)]
pub(super) struct LineByLine<S> {
    stream: S,
    is_encrypted: bool,
}

impl<S> LineByLine<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, is_encrypted: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LineByLine<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.is_encrypted || buffer.remaining() == 0 {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        let mut octet = [0];
        let mut one = ReadBuf::new(&mut octet);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut one))?;
        buffer.put_slice(one.filled());
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LineByLine<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.is_encrypted |= octets.first() == Some(&HANDSHAKE);
        Pin::new(&mut self.stream).poll_write(context, octets)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl AsyncTokioStream for LineByLine<TcpStream> {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;

    use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

    use super::*;

    #[tokio::test]
    async fn nothing_behind_a_line_is_read_before_the_handshake_begins() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream.write_all(b"220 go ahead\r\n250 injected\r\n").unwrap();
            let mut hello = [0; 3];
            stream.read_exact(&mut hello).unwrap();
            hello
        });
        let mut reader = BufReader::new(LineByLine::new(TcpStream::connect(address).await.unwrap()));
        let mut line = String::new();
        reader.read_line(&mut line).await.unwrap();
        assert_eq!((line.as_str(), reader.buffer()), ("220 go ahead\r\n", &b""[..]));
        let mut stream = reader.into_inner();
        stream.write_all(&[HANDSHAKE, 3, 1]).await.unwrap();
        let mut rest = [0; 14];
        assert_eq!(stream.read(&mut rest).await.unwrap(), 14, "expected whole reads from now on");
        assert_eq!(&rest, b"250 injected\r\n");
        assert_eq!(server.join().unwrap(), [HANDSHAKE, 3, 1]);
    }
}
