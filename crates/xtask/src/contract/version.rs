//! Versions of servers, and how far a change moves them.

use std::{fmt, str::FromStr};

/// `1.4.2`. Nothing of ours has a pre-release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version {
    pub(crate) major: u64,
    minor: u64,
    patch: u64,
}

/// What a change asks of the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Size {
    /// Nobody notices.
    Patch,
    /// Those who look find something new.
    Minor,
    /// Something that worked may not work any more.
    Major,
}

impl Version {
    /// The first release of every server.
    pub(crate) const FIRST: Self = Self { major: 1, minor: 0, patch: 0 };

    /// The version that follows this one after changes of `size`. The rule is the same below 1.0.0.
    pub(crate) fn next(self, size: Size) -> Self {
        match size {
            Size::Patch => Self { patch: self.patch + 1, ..self },
            Size::Minor => Self { minor: self.minor + 1, patch: 0, ..self },
            Size::Major => Self { major: self.major + 1, minor: 0, patch: 0 },
        }
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers: Option<Vec<u64>> = text.split('.').map(number).collect();
        match numbers.as_deref() {
            Some(&[major, minor, patch]) => Ok(Self { major, minor, patch }),
            _ => Err(format!("`{text}` is no version: write three numbers, as in 1.4.2")),
        }
    }
}

/// Digits without a zero in front, so that every version is written in one way.
fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn each_size_has_its_next_version() {
        let next = |size| version("1.4.2").next(size).to_string();
        assert_eq!([next(Size::Patch), next(Size::Minor), next(Size::Major)], ["1.4.3", "1.5.0", "2.0.0"]);
        assert!(version("1.10.0") > version("1.9.9"));
        assert!(Size::Major > Size::Minor && Size::Minor > Size::Patch);
    }

    #[test]
    fn a_version_is_three_plain_numbers() {
        for text in ["1.4", "1.4.2.1", "v1.4.2", "1.4.2-rc.1", "1.04.2", "+1.4.2", "1..2", ""] {
            assert!(text.parse::<Version>().is_err(), "{text}");
        }
    }
}
