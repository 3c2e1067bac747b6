//! A wire that is listened to.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// Passes connections on and keeps every byte that goes one way.
pub struct Tap {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    /// One in front of `target`, `http://127.0.0.1:1234/path`.
    pub async fn before(target: &str) -> Self {
        let target = authority(target).to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, heard) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<u8>>>::default());
        let ear = heard.clone();
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                let far = TcpStream::connect(&target).await.unwrap();
                let ((from, to), (back, home)) = (near.into_split(), far.into_split());
                tokio::spawn(pass(from, home, Some(ear.clone())));
                tokio::spawn(pass(back, to, None));
            }
        });
        Self { address, heard }
    }

    /// `url` by way of this tap.
    pub fn way(&self, url: &str) -> String {
        url.replace(authority(url), &self.address.to_string())
    }

    /// Everything that was sent to the target.
    pub fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, ear: Option<Arc<Mutex<Vec<u8>>>>) {
    let mut bytes = [0; 16 << 10];
    while let Ok(count @ 1..) = from.read(&mut bytes).await {
        if let Some(ear) = &ear {
            ear.lock().unwrap().extend_from_slice(&bytes[..count]);
        }
        if to.write_all(&bytes[..count]).await.is_err() {
            return;
        }
    }
}

fn authority(url: &str) -> &str {
    url.split("://").nth(1).and_then(|rest| rest.split('/').next()).expect("a URL")
}
