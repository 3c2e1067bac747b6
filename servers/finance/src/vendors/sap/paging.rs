//! Pages of a port out of rows of SAP.

use error::{Code, Error, Result};
use jiff::Timestamp;
use tool::{Count, Fetch, Rows, Total};

/// Rows looked at in one go where a filter is not SAP's to apply.
const SIFTED: usize = 200;

/// Where a page begins, and how many rows SAP is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Rows before it, as SAP counts them.
    pub(super) skip: usize,
    /// Rows to ask for.
    pub(super) most: usize,
    limit: usize,
    sifts: bool,
}

impl Place {
    /// The place of a page. `sifts` tells that some rows will be dropped here: then more are asked for.
    pub(super) fn of(page: &Fetch, sifts: bool) -> Result<Self> {
        let gone = || Error::new(Code::CursorExpired, "this page does not exist any more");
        let skip = match &page.token {
            Some(token) => token.parse().map_err(|_| gone())?,
            None => 0,
        };
        let limit = page.limit as usize;
        Ok(Self { skip, most: if sifts { limit.max(SIFTED) } else { limit }, limit, sifts })
    }

    /// Whether the number of all rows is worth asking for: once, and only where SAP's number is ours.
    pub(super) fn counts(&self) -> bool {
        self.skip == 0 && !self.sifts
    }

    /// The page of what nothing can match.
    pub(super) fn nothing<T>(&self, as_of: Timestamp) -> Rows<T> {
        self.page(Vec::new(), false, Some(0), as_of)
    }

    /// The page, out of rows of which `None` are dropped.
    pub(super) fn page<T>(
        &self,
        rows: Vec<Option<T>>,
        more: bool,
        count: Option<u64>,
        as_of: Timestamp,
    ) -> Rows<T> {
        let seen = rows.len();
        let (mut kept, mut used) = (Vec::new(), 0);
        for row in rows {
            if kept.len() == self.limit {
                break;
            }
            used += 1;
            kept.extend(row);
        }
        let goes_on = more || used < seen;
        let total = count.filter(|_| self.counts()).map(|count| Total { count, kind: Count::Exact });
        Rows { rows: kept, next: goes_on.then(|| (self.skip + used).to_string()), total, as_of }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fetch(token: Option<&str>, limit: u32) -> Fetch {
        Fetch { token: token.map(str::to_owned), limit }
    }

    #[test]
    fn sifted_rows_are_neither_lost_nor_given_twice() {
        let place = Place::of(&fetch(Some("10"), 2), true).unwrap();
        assert_eq!((place.skip, place.most), (10, SIFTED));
        let page = place.page(
            vec![None, Some('a'), None, Some('b'), None, Some('c')],
            false,
            None,
            Timestamp::UNIX_EPOCH,
        );
        assert_eq!((page.rows, page.next.as_deref()), (vec!['a', 'b'], Some("14")));
        let rest = Place::of(&fetch(Some("14"), 2), true).unwrap();
        let page = rest.page(vec![None, Some('c')], false, None, Timestamp::UNIX_EPOCH);
        assert_eq!((page.rows, page.next), (vec!['c'], None));
    }

    #[test]
    fn a_token_that_is_none_is_told() {
        let error = Place::of(&fetch(Some("x"), 2), false).unwrap_err();
        assert_eq!(error.code(), Code::CursorExpired);
    }
}
