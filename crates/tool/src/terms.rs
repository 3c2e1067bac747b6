//! What a call is bound to, by whoever allowed it.

use std::collections::BTreeMap;
use std::sync::Arc;

use call::Cx;
use content::{Masks, Treatment};
use error::Result;

use crate::Money;

/// The terms on which a call was allowed. They travel in its [`Cx`]; a call without terms is bound to nothing.
#[derive(Clone, Default)]
pub struct Terms {
    /// The sources it may reach; all if absent.
    pub sources: Option<Arc<[String]>>,
    /// What becomes of fields, by class.
    pub masks: Masks,
    /// What becomes of single fields, which goes before their class.
    pub fields: Arc<BTreeMap<String, Treatment>>,
    /// Whom to ask again once the record is known; nobody if absent.
    pub settle: Option<Arc<dyn Settle>>,
}

/// Whoever allowed a call and wants to know more of it before anything is shown or sent.
pub trait Settle: Send + Sync {
    /// Asks whether the call is allowed with what is known now.
    ///
    /// # Errors
    /// The refusal.
    fn settle(&self, known: &Known) -> Result<()>;

    /// Whether the call was allowed on the condition that its place becomes known. Where it was not, a place that
    /// costs a question to the vendor need not be found out.
    fn wants_place(&self) -> bool;
}

/// What a tool found out about what a call will do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The place of the record: a project, repository, space, company or plant, by its key.
    pub place: Option<String>,
    /// The money that will be moved.
    pub money: Option<Money>,
}

impl Terms {
    /// The terms of a call.
    #[must_use]
    pub fn of(cx: &Cx) -> Option<&Self> {
        cx.attached()
    }
}

/// Tells in which place the record is that a call is about, before it is shown or changed.
///
/// # Errors
/// The place is not within the caller's reach.
pub fn settle_place(cx: &Cx, place: impl Into<String>) -> Result<()> {
    settle(cx, || Known { place: Some(place.into()), money: None })
}

/// Tells how much money a call moves, before it is moved.
///
/// # Errors
/// It is more than the caller may move.
pub fn settle_money(cx: &Cx, money: Money) -> Result<()> {
    settle(cx, || Known { place: None, money: Some(money) })
}

/// Whether [`settle_place`] has to be called even where finding out the place costs a question to the vendor.
#[must_use]
pub fn wants_place(cx: &Cx) -> bool {
    asking(cx).is_some_and(Settle::wants_place)
}

fn settle(cx: &Cx, known: impl FnOnce() -> Known) -> Result<()> {
    asking(cx).map_or(Ok(()), |asking| asking.settle(&known()))
}

fn asking(cx: &Cx) -> Option<&dyn Settle> {
    Terms::of(cx)?.settle.as_deref()
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use error::{Code, Error};

    use super::*;
    use crate::{Seal, Source, Sources};

    /// Allows one place, and keeps what it was told.
    #[derive(Default)]
    struct Keeper(Mutex<Vec<Known>>);

    impl Settle for Keeper {
        fn settle(&self, known: &Known) -> Result<()> {
            self.0.lock().unwrap().push(known.clone());
            match known.place.as_deref() {
                Some("floor") => Err(Error::new(Code::Permission, "not the floor")),
                _ => Ok(()),
            }
        }

        fn wants_place(&self) -> bool {
            true
        }
    }

    #[test]
    fn what_a_tool_finds_is_told_to_whoever_asks() {
        assert!(!wants_place(&Cx::for_test()));
        settle_place(&Cx::for_test(), "floor").unwrap();
        let keeper = Arc::new(Keeper::default());
        let terms = Terms { settle: Some(keeper.clone()), ..Terms::default() };
        let cx = Cx::for_test().with_attached(Arc::new(Terms::default())).with_attached(Arc::new(terms));
        assert!(wants_place(&cx), "the last terms count");
        settle_place(&cx, "shelf").unwrap();
        assert_eq!(settle_place(&cx, "floor").unwrap_err().code(), Code::Permission);
        assert_eq!(keeper.0.lock().unwrap().len(), 2);
    }

    #[test]
    fn a_source_out_of_reach_is_as_one_that_never_was() {
        let source = |name: &str| Source {
            name: name.into(),
            vendor: "wood",
            port: Arc::new(()),
            users: Default::default(),
        };
        let all = Sources::new(vec![source("cellar"), source("attic")], Seal::ephemeral());
        assert_eq!(all.named("roof").err().unwrap().code(), Code::InvalidArgument);
        let reach = all.within(&["cellar".to_owned(), "roof".to_owned()]);
        assert_eq!(reach.all().len(), 1);
        for name in ["attic", "roof"] {
            let error = reach.named(name).err().unwrap();
            assert_eq!(error.code(), Code::Permission);
            assert!(!format!("{:?}", error.wire("")).replace(name, "").contains("attic"), "{error:?}");
        }
    }
}
