use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::*;

const HOUR: Duration = Duration::from_secs(3600);

/// A server of this test's own; killed with this value.
struct Server {
    folder: TempDir,
    process: Option<Child>,
}

impl Server {
    /// `None` where neither Redis nor Valkey is installed.
    fn start() -> Option<Self> {
        let mut server = Self { folder: TempDir::new().unwrap(), process: None };
        if server.run() {
            return Some(server);
        }
        eprintln!("SKIPPED: neither Redis nor Valkey is installed; set CHANCERY_REDIS_SERVER to the program");
        None
    }

    #[allow(clippy::disallowed_methods, reason = "a test starts the server that it needs")]
    fn run(&mut self) -> bool {
        let named = std::env::var("CHANCERY_REDIS_SERVER").ok();
        let programs = named.into_iter().chain(["redis-server", "valkey-server"].map(str::to_owned));
        for program in programs {
            let mut command = Command::new(program);
            command.args(["--port", "0", "--save", "", "--appendonly", "no", "--unixsocket"]);
            command.arg(self.socket()).arg("--dir").arg(self.folder.path()).stdout(Stdio::null());
            if let Ok(process) = command.spawn() {
                self.process = Some(process);
                self.await_socket();
                return true;
            }
        }
        false
    }

    fn await_socket(&self) {
        let patience = Instant::now() + Duration::from_secs(30);
        while std::os::unix::net::UnixStream::connect(self.socket()).is_err() {
            assert!(Instant::now() < patience, "the server did not start");
            std::thread::yield_now();
        }
    }

    fn socket(&self) -> std::path::PathBuf {
        self.folder.path().join("socket")
    }

    fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    fn url(&self) -> String {
        format!("redis+unix://{}", self.socket().display())
    }

    /// A replica that is patient with a busy machine and tries an absent server at every call.
    fn replica(&self) -> Shared {
        let settings =
            SharedSettings { replicas: 2, patience: Duration::from_secs(30), pause: Duration::ZERO };
        Shared::new(&self.url().into(), settings).unwrap()
    }

    /// How often the script was run.
    async fn runs(&self) -> u64 {
        let client = ::redis::Client::open(self.url()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let stats: String =
            ::redis::cmd("INFO").arg("commandstats").query_async(&mut connection).await.unwrap();
        let count = stats.split_once("cmdstat_evalsha:calls=").unwrap().1;
        count.split(',').next().unwrap().parse().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn granted(replica: &Shared, key: &str, rate: Rate, calls: u32) -> u32 {
    let mut granted = 0;
    for _ in 0..calls {
        granted += u32::from(replica.take(key, rate).await == Taken::Granted);
    }
    granted
}

#[tokio::test]
async fn replicas_share_one_burst_and_keys_do_not_meet() {
    let Some(server) = Server::start() else { return };
    let (here, there) = (server.replica(), server.replica());
    let rate = Rate { burst: 10, interval: HOUR };
    let mut all = 0;
    for _ in 0..10 {
        all += granted(&here, "k", rate, 1).await + granted(&there, "k", rate, 1).await;
    }
    assert_eq!(all, 10);
    let Taken::Refused { wait } = there.take("k", rate).await else { panic!("nothing is left") };
    assert!(wait <= HOUR && wait > HOUR / 2, "{wait:?}");
    assert_eq!(granted(&here, "\0other\r\n", rate, 1).await, 1);
    assert!(!here.is_alone());
}

#[tokio::test]
async fn calls_at_once_get_no_more_than_there_is() {
    let Some(server) = Server::start() else { return };
    let replicas = [std::sync::Arc::new(server.replica()), std::sync::Arc::new(server.replica())];
    let rate = Rate { burst: 60, interval: HOUR };
    let calls = (0..200).map(|n| {
        let replica = replicas[n % 2].clone();
        tokio::spawn(async move { replica.take("k", rate).await == Taken::Granted })
    });
    let mut all = 0;
    for call in calls.collect::<Vec<_>>() {
        all += u32::from(call.await.unwrap());
    }
    // Leased calls that nobody came for are given up, so it may be less, and is never more.
    assert!((1..=60).contains(&all), "{all}");
}

#[tokio::test]
async fn most_calls_need_no_round_trip() {
    let Some(server) = Server::start() else { return };
    let replica = server.replica();
    let rate = Rate { burst: 1000, interval: HOUR };
    assert_eq!(granted(&replica, "k", rate, 200).await, 200);
    let runs = server.runs().await;
    assert!(runs <= 50, "{runs} round trips for 200 calls");
    assert_eq!(granted(&replica, "flood", Rate { burst: 1, interval: HOUR }, 200).await, 1);
    assert!(server.runs().await <= runs + 2, "a flood is refused without asking");
}

#[tokio::test]
async fn while_the_server_is_away_each_replica_grants_its_part() {
    let Some(mut server) = Server::start() else { return };
    let (here, there) = (server.replica(), server.replica());
    let rate = Rate { burst: 10, interval: HOUR };
    assert_eq!(granted(&here, "before", rate, 1).await, 1);
    server.stop();
    for replica in [&here, &there] {
        assert_eq!(granted(replica, "k", rate, 20).await, 5);
        assert!(replica.is_alone());
    }
    assert!(server.run());
    assert_eq!(granted(&here, "after", rate, 1).await, 1);
    assert!(!here.is_alone(), "it shares again");
    assert_eq!(granted(&here, "k", rate, 20).await, 10, "the server knows of nothing granted without it");
}

#[test]
fn a_malformed_url_is_refused_without_repeating_it() {
    let error = Shared::new(&"redis://:hunter2@[".into(), SharedSettings::default()).unwrap_err();
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}
