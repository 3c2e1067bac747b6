//! How often anything may happen, as operators write it: in `[limits]`, and for a tenant.

use std::fmt;

use serde::de::{Error as _, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The limits of calls that a table changes; what it does not name stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CallsTable {
    /// All callers of a tenant together: 100 a second, 200 at once.
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) tenant: PaceTable,
    /// A caller: 20 a second, 40 at once, 8 under way.
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) caller: CallerTable,
    /// A workflow that its client names: 300 calls and 30 writes an hour.
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) workflow: WorkflowTable,
    /// One tool for one caller: no limit of reads; writes one a second, 5 at once.
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) tool: ToolTable,
    /// Budgets of a day (UTC): none.
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) day: DayTable,
}

/// A rate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct PaceTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per_second: Option<Most>,
    /// At once; twice what may come in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) burst: Option<u32>,
}

/// A caller's rate, and its calls under way.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CallerTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) per_second: Option<Most>,
    /// At once; twice what may come in a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) burst: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) in_flight: Option<Most>,
}

/// A workflow's calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct WorkflowTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) calls_per_hour: Option<Most>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) writes_per_hour: Option<Most>,
}

/// A tool's calls by one caller.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct ToolTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reads_per_second: Option<Most>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) writes_per_second: Option<Most>,
}

/// Budgets of a day by whose they are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct DayTable {
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) tenant: QuotaTable,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) caller: QuotaTable,
    #[serde(skip_serializing_if = "is_empty")]
    pub(crate) workflow: QuotaTable,
}

/// What may be used in a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct QuotaTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) calls: Option<Most<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rows: Option<Most<u64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bytes: Option<Most<u64>>,
}

/// A number from 1, or `"off"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Most<N = u32> {
    Off,
    Of(N),
}

impl<N: Copy> Most<N> {
    /// The number; `None` where it is off.
    pub(crate) fn number(self) -> Option<N> {
        match self {
            Self::Off => None,
            Self::Of(number) => Some(number),
        }
    }
}

/// Whether a table says nothing.
fn is_empty<T: Default + PartialEq>(table: &T) -> bool {
    *table == T::default()
}

impl<N: Serialize> Serialize for Most<N> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Off => to.serialize_str("off"),
            Self::Of(number) => number.serialize(to),
        }
    }
}

impl<'de, N: TryFrom<u64>> Deserialize<'de> for Most<N> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Read<N>(std::marker::PhantomData<N>);

        impl<N: TryFrom<u64>> Visitor<'_> for Read<N> {
            type Value = Most<N>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number from 1, or \"off\" for no limit")
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Most<N>, E> {
                let positive = Some(number).filter(|number| *number > 0).and_then(|n| N::try_from(n).ok());
                positive.map(Most::Of).ok_or_else(|| {
                    E::custom(format!(
                        "{number} is no limit: write a whole number from 1, or \"off\" for none"
                    ))
                })
            }

            fn visit_i64<E: serde::de::Error>(self, number: i64) -> Result<Most<N>, E> {
                self.visit_u64(u64::try_from(number).unwrap_or(0))
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Most<N>, E> {
                match text {
                    "off" => Ok(Most::Off),
                    _ => Err(E::custom("write a whole number from 1, or \"off\" for no limit")),
                }
            }
        }

        from.deserialize_any(Read(std::marker::PhantomData)).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_start_at_one_and_off_is_a_word() {
        let read = |text: &str| toml::from_str::<PaceTable>(text).map_err(|e| e.message().to_owned());
        assert_eq!(read("per_second = 20").unwrap().per_second, Some(Most::Of(20)));
        assert_eq!(read("per_second = \"off\"").unwrap().per_second, Some(Most::Off));
        for bad in ["per_second = 0", "per_second = -1", "per_second = \"no\"", "per_second = 5000000000"] {
            let problem = read(bad).unwrap_err();
            assert!(problem.contains("a whole number from 1, or \"off\""), "{bad}: {problem}");
        }
        assert!(read("per_secnd = 1").is_err());
    }

    #[test]
    fn a_table_is_written_as_it_was_read() {
        let text = r#"{"caller":{"per_second":"off","in_flight":3},"day":{"tenant":{"rows":1000000}}}"#;
        let table: CallsTable = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&table).unwrap(), text);
    }
}
