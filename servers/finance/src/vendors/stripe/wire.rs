//! Stripe's bodies, as far as they are mapped (docs.stripe.com/api). Texts are borrowed from the body.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};

type Text<'a> = Cow<'a, str>;

/// A list or a page of a search.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: Deserialize<'de>")]
pub(super) struct List<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
    /// Of a search only.
    pub(super) next_page: Option<String>,
}

/// Another object: its id, or the object itself where Stripe expanded it.
#[derive(Clone, Debug)]
pub(super) enum Ref<'a, T> {
    Id(Text<'a>),
    Whole(Box<T>),
}

impl<T> Ref<'_, T> {
    pub(super) fn whole(&self) -> Option<&T> {
        match self {
            Self::Id(_) => None,
            Self::Whole(object) => Some(object),
        }
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Ref<'a, T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either<'a, T>(PhantomData<(&'a (), T)>);
        impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for Either<'a, T> {
            type Value = Ref<'a, T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an id or an object")
            }

            fn visit_borrowed_str<E: Error>(self, id: &'de str) -> Result<Self::Value, E> {
                Ok(Ref::Id(Cow::Borrowed(id)))
            }

            fn visit_str<E: Error>(self, id: &str) -> Result<Self::Value, E> {
                Ok(Ref::Id(Cow::Owned(id.to_owned())))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|object| Ref::Whole(Box::new(object)))
            }
        }
        from.deserialize_any(Either(PhantomData))
    }
}

/// A customer; a deleted one has nothing but its id.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Customer<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) email: Option<Text<'a>>,
    #[serde(default)]
    pub(super) deleted: bool,
    /// Keys are of the account's own making.
    #[serde(default)]
    pub(super) metadata: std::collections::BTreeMap<String, String>,
}

/// An invoice.
#[derive(Debug, Deserialize)]
pub(super) struct Invoice<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) number: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) customer: Ref<'a, Customer<'a>>,
    #[serde(borrow)]
    pub(super) customer_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) currency: Text<'a>,
    pub(super) total: i64,
    pub(super) amount_remaining: i64,
    #[serde(borrow)]
    pub(super) status: Option<Text<'a>>,
    pub(super) created: i64,
    pub(super) due_date: Option<i64>,
    #[serde(borrow)]
    pub(super) description: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) footer: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) lines: Option<List<Line<'a>>>,
    pub(super) livemode: bool,
}

/// A line of an invoice.
#[derive(Debug, Deserialize)]
pub(super) struct Line<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) amount: i64,
    #[serde(borrow)]
    pub(super) currency: Text<'a>,
    #[serde(borrow)]
    pub(super) description: Option<Text<'a>>,
}

/// An attempt to collect money.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Charge<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) amount: i64,
    /// What of it was collected: nothing yet of a bare authorization.
    pub(super) amount_captured: i64,
    pub(super) amount_refunded: i64,
    pub(super) captured: bool,
    #[serde(borrow)]
    pub(super) currency: Text<'a>,
    pub(super) created: i64,
    #[serde(borrow)]
    pub(super) customer: Option<Ref<'a, Customer<'a>>>,
    #[serde(borrow)]
    pub(super) billing_details: Option<Billing<'a>>,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
    pub(super) disputed: bool,
    #[serde(borrow)]
    pub(super) failure_code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) payment_intent: Option<Ref<'a, Reference<'a>>>,
    #[serde(borrow)]
    pub(super) payment_method_details: Option<Method<'a>>,
    #[serde(borrow)]
    pub(super) balance_transaction: Option<Ref<'a, Transaction>>,
    pub(super) livemode: bool,
}

/// Who paid, as they said themselves.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Billing<'a> {
    #[serde(borrow)]
    pub(super) name: Option<Text<'a>>,
}

/// How it was paid.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Method<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Text<'a>,
    #[serde(borrow)]
    pub(super) card: Option<Card<'a>>,
}

/// A card.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Card<'a> {
    #[serde(borrow)]
    pub(super) brand: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) last4: Option<Text<'a>>,
}

/// An object of which only the id matters.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Reference<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

impl<'a> Ref<'a, Reference<'a>> {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Whole(object) => &object.id,
        }
    }
}

impl<'a> Ref<'a, Customer<'a>> {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Whole(object) => &object.id,
        }
    }
}

/// A movement on the balance.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Transaction {
    pub(super) available_on: i64,
}

/// A payment intent, for its charge.
#[derive(Debug, Deserialize)]
pub(super) struct Intent<'a> {
    #[serde(borrow)]
    pub(super) latest_charge: Option<Ref<'a, Charge<'a>>>,
}

/// A transfer to the company's bank.
#[derive(Debug, Deserialize)]
pub(super) struct Payout<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) arrival_date: i64,
    /// By schedule. What is in any other is nobody's to ask.
    pub(super) automatic: bool,
    #[serde(borrow)]
    pub(super) status: Text<'a>,
}

/// What of an invoice was paid by which payment.
#[derive(Debug, Deserialize)]
pub(super) struct InvoicePayment<'a> {
    #[serde(borrow)]
    pub(super) invoice: Ref<'a, Reference<'a>>,
}

/// Money given back.
#[derive(Debug, Deserialize)]
pub(super) struct Refund<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    pub(super) amount: i64,
    #[serde(borrow)]
    pub(super) currency: Text<'a>,
    pub(super) created: i64,
    #[serde(borrow)]
    pub(super) charge: Option<Ref<'a, Charge<'a>>>,
    #[serde(borrow)]
    pub(super) status: Option<Text<'a>>,
    #[serde(default)]
    pub(super) metadata: std::collections::BTreeMap<String, String>,
}

/// An error body.
#[derive(Debug, Deserialize)]
pub(super) struct Failure<'a> {
    #[serde(borrow)]
    pub(super) error: Fault<'a>,
}

/// What went wrong; the message stays behind.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Fault<'a> {
    #[serde(borrow, rename = "type")]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) code: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) param: Option<Text<'a>>,
}

#[cfg(test)]
mod tests;
