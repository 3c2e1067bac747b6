#![doc = include_str!("../README.md")]

mod authenticator;
mod certificate;
mod challenge;
mod claims;
mod config;
mod fetch;
mod introspection;
mod jwt;
pub mod keys;
mod meters;
mod presented;
mod profile;
mod recent;
mod refusal;
mod resource;
mod revoked;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod turns;
mod verifier;

#[cfg(test)]
mod tests;

pub use authenticator::Authenticator;
pub use certificate::Certificate;
pub use challenge::Challenge;
pub use config::{
    CertificateConfig, ClientAuthentication, IdentityConfig, IntrospectionConfig, IssuerConfig, KeysConfig,
    LocalConfig, OneOrMore,
};
pub use meters::describe;
pub use presented::Presented;
pub use profile::Profile;
pub use refusal::{Flaw, Refusal};
pub use resource::Resource;
pub use verifier::{Finding, Identity, Verifier};
