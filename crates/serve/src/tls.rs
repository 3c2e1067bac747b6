//! TLS 1.3 for the listener, with certificates and authorities that are renewed under it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use call::CancellationToken;
use error::{Error, Result};
use identity::Certificate;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;
use rustls::version::TLS13;
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// How often the files are looked at. A file system's notices do not cross mounts, a look does.
const LOOK: Duration = Duration::from_secs(5);

/// A certificate, its key and the authorities of clients, read from PEM files and read again when they change. Clones
/// share it.
#[derive(Clone)]
pub struct Tls {
    renewal: Arc<Renewal>,
}

impl Tls {
    /// Reads the certificate chain (leaf first) and its private key. With `client_authorities` a client may show a
    /// certificate that one of them signed; one that shows none is let through, for its token to tell who it is.
    ///
    /// # Errors
    /// `invalid_argument` naming the file that is missing or cannot be read, or when the two do not belong together.
    pub fn load(certificate: PathBuf, key: PathBuf, client_authorities: Option<PathBuf>) -> Result<Self> {
        let files = Files { certificate, key, client_authorities };
        // Before they are read: what changes meanwhile is read again.
        let seen = Mutex::new(Seen { stamp: files.stamp(), complaint: None });
        let current = ArcSwap::from_pointee(files.read()?);
        Ok(Self { renewal: Arc::new(Renewal { files, current, seen }) })
    }

    /// Looks after the files until `stop`. New connections get what is new, open ones keep what they have.
    pub async fn renew(self, stop: CancellationToken) {
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(LOOK) => {}
            }
            // Small local files, but a hung network mount must not hold up the runtime.
            let renewal = Arc::clone(&self.renewal);
            let _looked = tokio::task::spawn_blocking(move || renewal.look()).await;
        }
    }

    /// The server's side of a handshake.
    pub(crate) async fn accept<T>(&self, io: T) -> io::Result<TlsStream<T>>
    where
        T: AsyncRead + AsyncWrite + Unpin,
    {
        TlsAcceptor::from(self.renewal.current.load_full()).accept(io).await
    }
}

struct Renewal {
    files: Files,
    /// Replaced as a whole, with the sessions it remembers: none outlives the authority that vouched for its client.
    current: ArcSwap<ServerConfig>,
    seen: Mutex<Seen>,
}

impl Renewal {
    /// Takes what the files hold if they changed since they were last taken. Files that cannot be used leave the old
    /// ones in force, are complained of once and looked at again: what is wrong may be mended without a trace in their
    /// stamps (the mode of a key), or pass by itself (one of a pair is replaced before the other).
    fn look(&self) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = self.files.stamp();
        if seen.stamp == stamp {
            return;
        }
        match self.files.read() {
            Ok(config) => {
                self.current.store(Arc::new(config));
                *seen = Seen { stamp, complaint: None };
                tracing::info!(file = %self.files.certificate.display(), "the new files of [tls] are in force");
            }
            Err(error) => {
                let complaint = Some(error.to_string());
                if seen.complaint != complaint {
                    tracing::error!(%error, "the new files of [tls] cannot be used; the old ones stay in force");
                    seen.complaint = complaint;
                }
            }
        }
    }
}

/// The files that are in force, and what is wrong with newer ones.
struct Seen {
    stamp: Stamp,
    complaint: Option<String>,
}

struct Files {
    certificate: PathBuf,
    key: PathBuf,
    client_authorities: Option<PathBuf>,
}

/// Time of change and size of each file; `None` for one that is not there.
type Stamp = [Option<(SystemTime, u64)>; 3];

impl Files {
    fn stamp(&self) -> Stamp {
        [Some(&self.certificate), Some(&self.key), self.client_authorities.as_ref()].map(|path| {
            let meta = std::fs::metadata(path?).ok()?;
            Some((meta.modified().ok()?, meta.len()))
        })
    }

    fn read(&self) -> Result<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[&TLS13])
            .map_err(|e| Error::internal("TLS 1.3 cannot be set up").source(e))?;
        let builder = match &self.client_authorities {
            Some(file) => builder.with_client_cert_verifier(verifier(file, provider)?),
            None => builder.with_no_client_auth(),
        };
        let (chain, key) = (self.chain()?, self.private_key()?);
        // Refuses a key that is not the leaf's.
        let config = builder.with_single_cert(chain, key);
        let mut config = config.map_err(|e| unusable("tls.key", &self.key, &e))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>> {
        let chain = CertificateDer::pem_file_iter(&self.certificate)
            .and_then(Iterator::collect::<std::result::Result<Vec<_>, _>>)
            .map_err(|e| unusable("tls.certificate", &self.certificate, &e))?;
        if chain.is_empty() {
            return Err(unusable("tls.certificate", &self.certificate, &"it holds no certificate"));
        }
        Ok(chain)
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>> {
        let meta = std::fs::metadata(&self.key).map_err(|e| unusable("tls.key", &self.key, &e))?;
        secret::check_mode(&meta)
            .map_err(|(problem, cure)| unusable("tls.key", &self.key, &problem).hint(cure))?;
        PrivateKeyDer::from_pem_file(&self.key).map_err(|e| unusable("tls.key", &self.key, &e))
    }
}

/// The certificate the client showed. Its chain was verified in the handshake.
pub(crate) fn shown<T>(stream: &TlsStream<T>) -> Option<Arc<Certificate>> {
    let leaf = stream.get_ref().1.peer_certificates()?.first()?;
    match Certificate::read(leaf) {
        Ok(certificate) => Some(Arc::new(certificate)),
        Err(error) => {
            tracing::debug!(%error, "a client's certificate cannot be read");
            None
        }
    }
}

/// Takes certificates that an authority in `file` signed.
fn verifier(file: &Path, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ClientCertVerifier>> {
    let wrong = |why: &dyn std::fmt::Display| unusable("tls.client_ca_file", file, why);
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(file).map_err(|e| wrong(&e))? {
        roots.add(certificate.map_err(|e| wrong(&e))?).map_err(|e| wrong(&e))?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
    verifier.allow_unauthenticated().build().map_err(|e| wrong(&e))
}

fn unusable(setting: &str, path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::invalid(setting, format!("{} cannot be used: {why}", path.display()))
        .hint("name a PEM file with the certificate chain, leaf first, and one with its private key")
}

#[cfg(test)]
pub(crate) mod tests;
