//! A vendor on a raw socket, for what an HTTP library refuses to do.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// What the vendor does with a request it has read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    /// A good answer.
    None,
    /// Resets the connection without a byte.
    Reset,
    /// Closes it without a byte.
    Close,
    /// Resets in the middle of the body.
    ResetWithin,
    /// Announces more than it sends.
    Truncate,
    /// Chunks whose sizes are no numbers.
    Garbage,
    /// No HTTP at all.
    Nonsense,
    /// Sends a byte now and then.
    Trickle,
    /// Nothing, with the connection open.
    Silence,
    /// Half a body, then nothing, with the connection open.
    SilenceWithin,
    /// A good answer, but not soon.
    Late,
    /// 100 MiB of JSON, in chunks.
    Huge,
    /// As much, announced.
    Announced,
    /// 64 MiB of blanks, compressed to less than 1 MiB.
    Bomb,
}

/// A vendor that behaves as `fault` says for the nth request.
pub(super) struct Vendor {
    pub(super) address: SocketAddr,
    asked: Arc<AtomicU32>,
}

impl Vendor {
    pub(super) async fn start(fault: impl Fn(u32) -> Fault + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (asked, fault) = (Arc::new(AtomicU32::new(0)), Arc::new(fault));
        let counter = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (counter, fault) = (Arc::clone(&counter), Arc::clone(&fault));
                tokio::spawn(async move { connection(stream, &counter, &*fault).await });
            }
        });
        Self { address, asked }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests read whole.
    pub(super) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

async fn connection(mut stream: TcpStream, asked: &AtomicU32, fault: &(dyn Fn(u32) -> Fault + Send + Sync)) {
    while read_request(&mut stream).await {
        let number = asked.fetch_add(1, Ordering::SeqCst) + 1;
        if misbehave(&mut stream, fault(number)).await.is_err() {
            return;
        }
    }
}

/// Reads one request and its body; false at the end of the connection.
async fn read_request(stream: &mut TcpStream) -> bool {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte).await {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body).await.is_ok()
}

/// `Err` ends the connection.
async fn misbehave(stream: &mut TcpStream, fault: Fault) -> std::io::Result<()> {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let end = || Err(std::io::Error::other("the connection ends here"));
    match fault {
        Fault::None => {
            stream.write_all(format!("{HEAD}content-length: 11\r\n\r\n{{\"ok\":true}}").as_bytes()).await
        }
        Fault::Reset => {
            stream.set_zero_linger()?;
            end()
        }
        Fault::Close => end(),
        Fault::ResetWithin => {
            stream.write_all(format!("{HEAD}content-length: 100\r\n\r\n{{\"ok\":").as_bytes()).await?;
            stream.flush().await?;
            stream.set_zero_linger()?;
            end()
        }
        Fault::Truncate => {
            stream.write_all(format!("{HEAD}content-length: 100\r\n\r\n{{\"ok\":true}}").as_bytes()).await?;
            end()
        }
        Fault::Garbage => {
            let body = "transfer-encoding: chunked\r\n\r\nzz\r\n{\"ok\":true}\r\n0\r\n\r\n";
            stream.write_all(format!("{HEAD}{body}").as_bytes()).await?;
            end()
        }
        Fault::Nonsense => {
            stream.write_all(b"\x15\x03\x01\x00\x02\x02\x46").await?;
            end()
        }
        Fault::Trickle => {
            stream.write_all(format!("{HEAD}content-length: 1000000\r\n\r\n").as_bytes()).await?;
            loop {
                stream.write_all(b" ").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
        Fault::Silence => std::future::pending().await,
        Fault::SilenceWithin => {
            stream.write_all(format!("{HEAD}content-length: 11\r\n\r\n{{\"ok\":").as_bytes()).await?;
            std::future::pending().await
        }
        Fault::Late => {
            tokio::time::sleep(Duration::from_millis(600)).await;
            stream.write_all(format!("{HEAD}content-length: 11\r\n\r\n{{\"ok\":true}}").as_bytes()).await
        }
        Fault::Huge => {
            stream.write_all(format!("{HEAD}transfer-encoding: chunked\r\n\r\n").as_bytes()).await?;
            let mebibyte = vec![b' '; 1024 * 1024];
            for _ in 0..100 {
                stream.write_all(b"100000\r\n").await?;
                stream.write_all(&mebibyte).await?;
                stream.write_all(b"\r\n").await?;
            }
            stream.write_all(b"0\r\n\r\n").await
        }
        Fault::Announced => {
            stream.write_all(format!("{HEAD}content-length: 104857600\r\n\r\n").as_bytes()).await?;
            std::future::pending().await
        }
        Fault::Bomb => {
            let body = bomb(64 * 1024 * 1024);
            let head = format!("{HEAD}content-encoding: gzip\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(&body).await
        }
    }
}

/// Gzip (RFC 1952) of about `size` blanks: one literal, then matches of 258 bytes at distance one, in the fixed
/// code of deflate (RFC 1951, section 3.2.6): 13 bits for 258 bytes.
fn bomb(size: usize) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let (mut byte, mut filled) = (0u8, 0);
    let mut put = |bits: &str| {
        for bit in bits.bytes() {
            byte |= (bit - b'0') << filled;
            filled += 1;
            if filled == 8 {
                out.push(byte);
                (byte, filled) = (0, 0);
            }
        }
    };
    put("110"); // Last block; type 01, low bit first.
    put("01010000"); // A blank: 0x30 + 0x20.
    for _ in 0..size / 258 {
        put("11000101"); // Length 258.
        put("00000"); // Distance one.
    }
    put("0000000"); // End of block.
    put("0000000");
    // The checksum would follow; nobody reads that far.
    out.extend([0; 8]);
    out
}
