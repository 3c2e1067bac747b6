//! How people come to agree to a write: what their decisions are made, signed and heard of with.

mod bell;
mod desk;
mod link;
pub(crate) mod page;
mod sign;

pub(crate) use bell::Bell;
pub(crate) use desk::{Desk, is_requester};
pub(crate) use link::{Door, Pass};
pub(crate) use sign::Signer;

use outbound::{Kit, Route};
use tool::Seal;

use crate::cli::Failure;
use crate::config::Config;

/// By what means people agree to a write. The default is one process without a configuration.
#[derive(Clone)]
pub(crate) struct Means {
    /// Seals the questions that go through clients' hands.
    pub(crate) seal: Seal,
    /// Signs decisions, and tells those that it did not sign.
    pub(crate) signer: Signer,
    /// Rings for every request.
    pub(crate) bell: Option<Bell>,
    /// Whether anybody could decide on a request: on the page of this process, or from where the same store is reached.
    pub(crate) decidable: bool,
}

impl Means {
    /// What the configuration says. `sealing` is the seal of cursors, of its own keys or of nobody else's.
    pub(crate) fn of(config: &Config, sealing: &Seal, kit: &Kit, decidable: bool) -> Result<Self, Failure> {
        let page = config.approval_page()?;
        let bell = match (&page, &config.approvals.webhook) {
            (Some(page), Some(webhook)) => {
                let route = Route {
                    name: "approvals".to_owned(),
                    partner: "the webhook",
                    ca_file: webhook.ca_file.clone(),
                    proxy: webhook.proxy.clone(),
                };
                let (address, exchange) = (webhook.address()?, kit.exchange(&route)?);
                Some(Bell::new(address, webhook.secret.clone(), page.url.clone(), exchange, *kit.clock()))
            }
            _ => None,
        };
        Ok(Self { seal: sealing.clone(), signer: Signer::of(config, sealing), bell, decidable })
    }
}

impl Default for Means {
    fn default() -> Self {
        Self { seal: Seal::ephemeral(), signer: Signer::none(), bell: None, decidable: true }
    }
}

/// What a seal is bound to. Each part is preceded by its length, so that no two lists make the same bytes; the first
/// names the purpose, so that nothing made for one serves another.
pub(crate) fn binding(parts: &[&str]) -> Vec<u8> {
    let mut bound = Vec::new();
    for part in parts {
        bound.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bound.extend_from_slice(part.as_bytes());
    }
    bound
}

/// A text with nothing left out of it: what a reader would not see (direction marks, zero-width letters) stands as
/// its code. What people agree to is what is carried out, and neither hidden letters nor comments are cleaned from it.
pub(crate) fn exact(text: &str) -> String {
    let plain = |c: char| c == '\n' || c == '\t' || (' '..='~').contains(&c);
    let mut shown = String::with_capacity(text.len());
    for c in text.chars().filter(|c| *c != '\r') {
        let mut bytes = [0; 4];
        let alone: &str = c.encode_utf8(&mut bytes);
        if plain(c) || content::clean(alone).text == alone {
            shown.push(c);
        } else {
            shown.push_str(&format!("[U+{:04X}]", u32::from(c)));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_out_of_what_people_agree_to() {
        let text = "Grüße,\r\n\tpay\u{202E} <!-- all --> &#8238;\u{200B}";
        assert_eq!(exact(text), "Grüße,\n\tpay[U+202E] <!-- all --> &#8238;[U+200B]");
    }

    #[test]
    fn no_two_lists_are_bound_alike() {
        assert_ne!(binding(&["ab", "c"]), binding(&["a", "bc"]));
        assert_ne!(binding(&["a"]), binding(&["a", ""]));
    }
}
