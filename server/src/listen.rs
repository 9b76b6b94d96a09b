//! Accepting connections: small messages leave at once, and one that does not get to the end of its
//! first request's head in time is cut, so that nobody holds connections open by whispering.

use axum::serve::Listener;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Sleep;

/// How long the head of the first request may take.
const HEAD: Duration = Duration::from_secs(20);

/// A listener whose connections are [`Guest`]s.
pub(crate) struct Door(pub(crate) TcpListener);

impl Listener for Door {
    type Io = Guest<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        // Small live messages must not wait for more to come.
        if let Err(cause) = stream.set_nodelay(true) {
            tracing::debug!(%cause, "TCP_NODELAY");
        }
        (Guest::new(stream, HEAD), address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

/// A connection that has said nothing whole yet, or has.
pub(crate) struct Guest<S> {
    stream: S,
    /// Until the first head is whole: when it has to be.
    until: Option<Pin<Box<Sleep>>>,
    /// Bytes of the blank line that ends a head that were seen in a row.
    seen: usize,
}

const BLANK: &[u8] = b"\r\n\r\n";

impl<S> Guest<S> {
    fn new(stream: S, patience: Duration) -> Self {
        Self { stream, until: Some(Box::pin(tokio::time::sleep(patience))), seen: 0 }
    }

    /// Whether the head ends in these bytes.
    fn ends(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            self.seen = match byte {
                byte if *byte == BLANK[self.seen] => self.seen + 1,
                b'\r' => 1,
                _ => 0,
            };
            if self.seen == BLANK.len() {
                return true;
            }
        }
        false
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guest<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if self.until.is_none() {
            return read;
        }
        if read.is_ready() && self.ends(&buf.filled()[before..]) {
            self.until = None;
            return read;
        }
        let late = self.until.as_mut().is_some_and(|until| until.as_mut().poll(cx).is_ready());
        if late { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { read }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guest<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn whoever_whispers_is_cut_and_whoever_has_asked_may_wait() {
        let (mut client, server) = tokio::io::duplex(64);
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
        let mut guest = Guest::new(server, Duration::from_millis(20));
        let mut bytes = Vec::new();
        let cut = guest.read_to_end(&mut bytes).await.unwrap_err();
        assert_eq!(cut.kind(), io::ErrorKind::TimedOut);

        let (mut client, server) = tokio::io::duplex(64);
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r").await.unwrap();
        let mut guest = Guest::new(server, Duration::from_secs(3_600));
        let mut some = [0; 64];
        assert_eq!(guest.read(&mut some).await.unwrap(), 24);
        client.write_all(b"\n\r\nbody").await.unwrap();
        assert_eq!(guest.read(&mut some).await.unwrap(), 7);
        assert!(guest.until.is_none(), "from here on it may take its time");
    }

    #[test]
    fn the_end_of_a_head_is_found_wherever_it_is_cut() {
        let head = b"a\r\r\n\r\r\nb\r\n\r\n";
        for cut in 0..head.len() {
            let mut guest = Guest { stream: (), until: None, seen: 0 };
            assert!(!guest.ends(&head[..cut]), "{cut}");
            assert!(guest.ends(&head[cut..]), "{cut}");
        }
    }
}
