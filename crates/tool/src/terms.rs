//! What a call is bound to, by whoever allowed it.

use std::sync::Arc;

use call::Cx;
use content::Masks;
use error::Result;

use crate::Money;

/// The terms on which a call was allowed. They travel in its [`Cx`]; a call without terms is bound to nothing.
#[derive(Clone, Default)]
pub struct Terms {
    /// The sources it may reach; all if absent.
    pub sources: Option<Arc<[String]>>,
    /// What becomes of fields, by class.
    pub masks: Masks,
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
