//! `health`: whether the server beside this process takes calls, for whoever probes by running a command.

use std::io::{self, Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use serde::Deserialize;

use super::http::ADMIN;
use super::{Done, Failure, print, server_table};
use crate::config;

/// What `health` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// Where `serve` has its admin listener: an address, or the URL that `serve` prints
    /// [default: `admin` in `[server]`, else 127.0.0.1:9090]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    admin: Option<SocketAddr>,
    /// The configuration [default: $CHANCERY_CONFIG]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// For each step of the question; the answer is a state in memory.
const PATIENCE: Duration = Duration::from_secs(2);

/// An answer is far shorter; whoever says more is not our server.
const LONGEST: u64 = 16 << 10;

/// Asks `/readyz` and says the outcome in one line. No client of `outbound`: probes come every few seconds, and that one
/// reads the platform's certificates first.
pub(crate) fn run(options: &Options) -> Done {
    let address = match options.admin {
        Some(address) => address,
        None => server_table(options.config.clone())?.admin.unwrap_or(ADMIN),
    };
    if address.port() == 0 {
        return Err(Failure::Usage(
            "the admin listener has no fixed port: name it with --admin, as `serve` prints it".to_owned(),
        ));
    }
    let reply = ask(reachable(address)).map_err(|e| {
        Failure::Failed(format!(
            "no answer from {address}: {e}. Is `serve` running, with its admin listener there?"
        ))
    })?;
    judge(&reply).map_err(|why| Failure::Failed(format!("{address}: {why}")))?;
    print("ready")
}

/// `127.0.0.1:9090`, or `http://127.0.0.1:9090` as `serve` announces it.
fn address(text: &str) -> Result<SocketAddr, String> {
    let bare = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
    config::address(bare)
}

/// Where a listener on `address` is found from the same machine.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

/// The whole answer, head and body.
fn ask(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let question = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(question.as_bytes())?;
    let mut reply = String::new();
    stream.take(LONGEST).read_to_string(&mut reply)?;
    Ok(reply)
}

/// The answer of `/readyz`.
#[derive(Deserialize)]
struct Ready {
    ready: bool,
    #[serde(default)]
    missing: Vec<String>,
}

fn judge(reply: &str) -> Result<(), String> {
    let body = reply.split_once("\r\n\r\n").map(|(_, body)| body);
    match body.and_then(|body| serde_json::from_str(body).ok()) {
        Some(Ready { ready: true, .. }) => Ok(()),
        Some(Ready { missing, .. }) => Err(format!("not ready: {}", missing.join(", "))),
        None => Err("the answer is none of `/readyz`; another program listens there".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    /// One server that answers `reply` once, and what it was asked.
    fn answering(reply: &'static str) -> (SocketAddr, std::thread::JoinHandle<String>) {
        let socket = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let serving = std::thread::spawn(move || {
            let (mut stream, _) = socket.accept().unwrap();
            let mut asked = vec![0; 1024];
            let read = stream.read(&mut asked).unwrap();
            stream.write_all(reply.as_bytes()).unwrap();
            String::from_utf8(asked[..read].to_vec()).unwrap()
        });
        (address, serving)
    }

    fn told(address: SocketAddr) -> Result<(), String> {
        match run(&Options { admin: Some(address), config: None }) {
            Ok(()) => Ok(()),
            Err(Failure::Failed(why) | Failure::Usage(why)) => Err(why),
        }
    }

    #[test]
    fn a_ready_server_is_asked_once_at_its_admin_listener() {
        let (address, serving) = answering("HTTP/1.1 200 OK\r\n\r\n{\"ready\":true}");
        told(address).unwrap();
        let asked = serving.join().unwrap();
        assert!(asked.starts_with(&format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\n")), "{asked}");
    }

    #[test]
    fn whoever_is_not_ready_says_for_want_of_what() {
        let (address, _serving) =
            answering("HTTP/1.1 503 x\r\n\r\n{\"ready\":false,\"missing\":[\"audit\",\"serving\"]}");
        assert_eq!(told(address).unwrap_err(), format!("{address}: not ready: audit, serving"));
        let (address, _serving) = answering("220 mail.example.com ESMTP\r\n");
        assert!(told(address).unwrap_err().contains("another program"));
    }

    #[test]
    fn nobody_there_is_no_health() {
        // Bound and dropped: nobody listens there now.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let why = told(address).unwrap_err();
        assert!(why.contains("no answer") && why.contains("Is `serve` running"), "{why}");
        assert!(told(SocketAddr::new(address.ip(), 0)).unwrap_err().contains("--admin"));
    }

    #[test]
    fn a_listener_on_every_address_is_asked_on_loopback() {
        let at = |text: &str| reachable(address(text).unwrap()).to_string();
        assert_eq!(at("0.0.0.0:9090"), "127.0.0.1:9090");
        assert_eq!(at("[::]:9090"), "[::1]:9090");
        assert_eq!(at("http://10.0.0.7:9090/"), "10.0.0.7:9090");
        assert!(address("localhost").is_err() && address("https://10.0.0.7:9090").is_err());
    }
}
