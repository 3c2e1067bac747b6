//! Installments of a document, as the account of a customer or a supplier has them: one item each.

use jiff::civil::Date;

use super::wire::AccountItem;

/// When the installments of a document are due, and when they were paid.
#[derive(Clone, Copy, Default)]
pub(super) struct Installments {
    is_open: bool,
    /// When the next open one is due.
    next: Option<Date>,
    /// When the last settled one was due.
    last: Option<Date>,
    /// When the last settled one was cleared.
    cleared: Option<Date>,
}

impl Installments {
    pub(super) fn add(&mut self, item: &AccountItem<'_>) {
        let due = item.net_due_date.0;
        if item.is_settled() {
            self.last = self.last.max(due);
            self.cleared = self.cleared.max(item.clearing_date.0);
        } else {
            self.is_open = true;
            self.next = self.next.into_iter().chain(due).min();
        }
    }

    /// The document is due with the next of them, and once all are settled, with the last.
    pub(super) fn due(self) -> Option<Date> {
        if self.is_open { self.next } else { self.last }
    }

    /// It is paid with the last of them.
    pub(super) fn paid(self) -> Option<Date> {
        if self.is_open { None } else { self.cleared }
    }
}
