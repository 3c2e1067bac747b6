//! Clients that show a certificate (RFC 8705).

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use call::{Caller, Scopes};
use error::{Error, Result};
use rustls_pki_types::CertificateDer;

use crate::config::role_claim;
use crate::presented::sha256;
use crate::refusal::Flaw;
use crate::{CertificateConfig, Refusal};

/// A client certificate whose chain was verified by whoever terminated TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// `uri:...` and `dns:...`, then `sha256:...`.
    names: Vec<String>,
    thumbprint: String,
}

impl Certificate {
    /// Reads the leaf of a verified chain, DER. The names are its alternative ones (RFC 5280, section 4.2.1.6); the
    /// subject's common name is not looked at (RFC 9525, section 2).
    ///
    /// # Errors
    /// `invalid_argument` if it is no certificate.
    pub fn read(der: &[u8]) -> Result<Self> {
        let der = CertificateDer::from(der);
        let leaf = webpki::EndEntityCert::try_from(&der)
            .map_err(|_| Error::invalid("certificate", "is no X.509 certificate"))?;
        let thumbprint = BASE64_URL_SAFE_NO_PAD.encode(sha256(&der));
        let uris = leaf.valid_uri_names().map(|name| format!("uri:{name}"));
        let hosts = leaf.valid_dns_names().map(|name| format!("dns:{name}"));
        let mut names: Vec<String> = uris.chain(hosts).collect();
        names.push(format!("sha256:{thumbprint}"));
        Ok(Self { names, thumbprint })
    }

    /// SHA-256 of the certificate in base64url: `x5t#S256` (RFC 8705, section 3.1).
    #[must_use]
    pub fn thumbprint(&self) -> &str {
        &self.thumbprint
    }
}

/// Certificates and whose they are.
pub(crate) struct Certificates(Vec<(String, Arc<Caller>)>);

impl Certificates {
    pub(crate) fn new(configured: &[CertificateConfig]) -> Result<Self> {
        let entry = |(at, config): (usize, &CertificateConfig)| {
            let known = ["uri:", "dns:", "sha256:"].iter().any(|kind| config.name.starts_with(kind));
            if !known {
                let problem = "must begin with `uri:`, `dns:` or `sha256:`";
                return Err(Error::invalid(format!("identity/certificates/{at}/name"), problem));
            }
            let subject = config.subject.clone().unwrap_or_else(|| config.name.clone());
            let caller = Caller {
                tenant: config.tenant.clone(),
                scopes: Scopes::Some(config.scopes.clone()),
                claims: role_claim(&config.roles),
                ..Caller::new(subject, "mtls")
            };
            Ok((config.name.clone(), Arc::new(caller)))
        };
        configured.iter().enumerate().map(entry).collect::<Result<_>>().map(Self)
    }

    /// Whose certificate it is; the first entry that fits counts.
    pub(crate) fn caller(&self, certificate: &Certificate) -> Result<Arc<Caller>, Refusal> {
        let fits = |(name, _): &&(String, Arc<Caller>)| certificate.names.contains(name);
        self.0.iter().find(fits).map(|(_, caller)| Arc::clone(caller)).ok_or(Flaw::Certificate.into())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
