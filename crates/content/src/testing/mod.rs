//! A corpus to hold redaction against, from a seed: texts with a planted value, and texts full of a company's own ids.
//!
//! Written from the standards and the vendors' documents, and apart from the matchers: it shares no table and no
//! function with them, lest both have the same misunderstanding.

mod enterprise;
mod planted;
mod prose;

pub use enterprise::ENTERPRISE;
pub use planted::PLANTED;
pub use prose::prose;

/// Random numbers from a seed (SplitMix64, Steele et al. 2014): the same on every machine.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `least` to `most`, both among them.
    pub fn between(&mut self, least: u64, most: u64) -> u64 {
        least + self.number() % (most - least + 1)
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.between(0, of.len() as u64 - 1)).unwrap_or(0)]
    }

    /// So many characters of an alphabet.
    pub fn text(&mut self, alphabet: &str, count: usize) -> String {
        let alphabet: Vec<char> = alphabet.chars().collect();
        (0..count).map(|_| self.pick(&alphabet)).collect()
    }

    /// So many digits.
    pub fn digits(&mut self, count: usize) -> String {
        self.text("0123456789", count)
    }
}

/// A text and the value that must not leave it.
#[derive(Clone, Debug)]
pub struct Sample {
    /// The text.
    pub text: String,
    /// The value in it.
    pub value: String,
}

/// A kind of text and how one is made.
pub type Maker<T> = (&'static str, fn(&mut Random) -> T);
