//! What people write in tickets, comments and documents all day.

use super::{ENTERPRISE, PLANTED, Random};

const SENTENCES: &[&str] = &[
    "The customer cannot log in since the last release and asks for a call back before noon.",
    "We rolled the change back and the error rate is at its old level again.",
    "Please have a look at the attached log; the third line names the missing column.",
    "Die Lieferung ist am Freitag angekommen, zwei Kartons waren beschädigt.",
    "Le fournisseur propose une remise de 3 % à partir de cent pièces.",
    "As agreed in the meeting, finance approves first and purchasing orders afterwards.",
    "Steps: open the page, choose a project, press save; the spinner never ends.",
    "注文の確認をお願いします。明日までに返事が必要です。",
    "Root cause was a full disk on the primary (see dashboard), the replica took over after 40 s.",
    "Nobody has answered the vendor's question about the renewal yet: who owns the contract?",
    "{\"level\":\"warn\",\"service\":\"billing\",\"retries\":3,\"message\":\"upstream timed out\"}",
];

/// About `bytes` bytes of prose: mostly sentences, now and then an id, and a planted value in every fiftieth sentence.
#[must_use]
pub fn prose(random: &mut Random, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + 512);
    while text.len() < bytes {
        match random.between(0, 49) {
            0 => text.push_str(&random.pick(PLANTED).1(random).text),
            1..=6 => text.push_str(&random.pick(ENTERPRISE).1(random)),
            _ => text.push_str(random.pick(SENTENCES)),
        }
        text.push(if random.between(0, 5) == 0 { '\n' } else { ' ' });
    }
    text
}
