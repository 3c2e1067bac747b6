//! A good token, changed at random.

use rand::{Rng as _, SeedableRng as _};
use serde_json::json;

use super::issuer::{Issuer, SigningKey, claims};
use super::{present, trusting};

/// Presents `count` random changes of a good token of `key`; the number that were taken, which must be none.
pub async fn accepted(key: &SigningKey, count: usize, seed: u64) -> usize {
    let authenticator = trusting(&Issuer::publishing(&[key]), json!({}));
    let good = key.sign(&claims(&json!({})));
    present(&authenticator, &good).await.expect("the good one");
    let mut taken = 0;
    for changed in mutations(&good, count, seed) {
        taken += usize::from(present(&authenticator, &changed).await.is_ok());
    }
    taken
}

/// `count` random changes of a good token; the same ones for the same `seed`.
pub fn mutations(good: &str, count: usize, seed: u64) -> impl Iterator<Item = String> {
    let mut dice = rand::rngs::StdRng::seed_from_u64(seed);
    std::iter::repeat_with(move || mutated(good, &mut dice))
        .filter(move |changed| changed != good)
        .take(count)
}

/// One to three bytes replaced, removed, doubled or swapped.
fn mutated(good: &str, dice: &mut rand::rngs::StdRng) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
    let mut bytes = good.as_bytes().to_vec();
    for _ in 0..dice.random_range(1..=3) {
        let at = dice.random_range(0..bytes.len());
        match dice.random_range(0..4) {
            0 => bytes[at] = LETTERS[dice.random_range(0..LETTERS.len())],
            1 => drop(bytes.remove(at)),
            2 => bytes.insert(at, bytes[at]),
            _ => {
                let other = dice.random_range(0..bytes.len());
                bytes.swap(at, other);
            }
        }
    }
    String::from_utf8(bytes).unwrap()
}
