//! Where a list of requests goes on.

use std::fmt;
use std::str::FromStr;

use error::Error;
use jiff::Timestamp;

use crate::handle;

/// A place in the list of what waits, behind a request that was asked for then. Whatever becomes of that request, the
/// list goes on there. As a text it fits into an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// Milliseconds since 1970.
    at: i64,
    id: String,
}

impl After {
    pub(super) fn new(at: Timestamp, id: &str) -> Self {
        Self { at: at.as_millisecond(), id: id.to_owned() }
    }

    /// What the list is sorted by.
    pub(super) fn key(&self) -> (i64, &str) {
        (self.at, &self.id)
    }
}

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at, self.id)
    }
}

impl FromStr for After {
    type Err = Error;

    /// `invalid_argument` for a text that was none.
    fn from_str(text: &str) -> Result<Self, Error> {
        let parts = text.split_once('-').filter(|(_, id)| handle::is_one(id));
        let place = parts.and_then(|(at, id)| Some(Self { at: at.parse().ok()?, id: id.to_owned() }));
        place.ok_or_else(|| Error::invalid("after", "is no place in this list"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_and_nothing_else_is_one() {
        let place = After::new(Timestamp::from_millisecond(1_763_719_200_250).unwrap(), &handle::fresh());
        assert_eq!(place.to_string().parse::<After>().unwrap(), place);
        let id = &place.id;
        let odd = ["-", "x-", "7--", "7-'"].map(|before| format!("{before}{id}"));
        for odd in odd.iter().map(String::as_str).chain(["", "-", "7", "7-", "7-short", id]) {
            assert!(odd.parse::<After>().is_err(), "{odd}");
        }
    }
}
