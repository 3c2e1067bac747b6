//! Chance that falls the same on every machine and every day.

/// A sequence that begins from a name: SplitMix64 (Steele, Lea, Flood 2014), which no crate's next version changes.
pub(super) struct Dice(u64);

impl Dice {
    /// The dice of a section.
    pub(super) fn of(section: &str) -> Self {
        let seed = section
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Self(seed)
    }

    /// Below `n`; 0 for none.
    pub(super) fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap_or(0) % n.max(1)
    }

    /// From `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// True this often in a hundred.
    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of them.
    pub(super) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        *self.among(from)
    }

    /// One of them, left where it is.
    pub(super) fn among<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// An amount worth about `low` to `high` euros, in the minor units of `currency`, rounded as people do.
    pub(super) fn minor(&mut self, low: i64, high: i64, currency: &str) -> i64 {
        let cents = self.between(low * 100, high * 100);
        match currency {
            "JPY" => cents * 160 / 100 / 100 * 100,
            "KWD" => cents * 33 / 100 * 10,
            "USD" => cents * 110 / 100,
            _ => cents,
        }
    }

    /// The same, as a decimal text.
    pub(super) fn amount(&mut self, low: i64, high: i64, currency: &str) -> String {
        let minor = self.minor(low, high, currency);
        decimal(minor, currency)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Minor units as a decimal text: `1200.00`, yen `98000`, dinars `1.250` (ISO 4217).
pub(super) fn decimal(minor: i64, currency: &str) -> String {
    let (digits, unit) = match currency {
        "JPY" => return minor.to_string(),
        "KWD" => (3, 1000),
        _ => (2, 100),
    };
    format!("{}.{:0digits$}", minor / unit, minor % unit)
}
