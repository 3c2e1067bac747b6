//! `get_account_brief`.

use call::Cx;
use error::Result;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Meta, Sources, Tool, When};

use crate::book::{Book, BriefWant};
use crate::brief;
use crate::model::{AccountBrief, Noun, Section};
use crate::reference;

/// Records of each section, at most.
const ROWS: u32 = 10;

/// Everything worth knowing before talking to one customer: profile, contacts, open opportunities, recent activity,
/// open cases and renewals, in one answer.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetAccountBrief {
    /// Id, URL, name, domain or ERP number
    #[schemars(length(max = 512))]
    account: String,
    /// All unless named
    #[schemars(length(min = 1, max = 6))]
    sections: Option<Vec<Section>>,
    /// Activity since; P90D if absent
    since: Option<When>,
}

impl Tool for GetAccountBrief {
    type Port = Book;
    type Out = AccountBrief;
    const META: Meta = Meta::read("get_account_brief", "Brief on an account", "crm:read");

    async fn run(self, cx: &Cx, sources: &Sources<Book>) -> Result<AccountBrief> {
        let since = self.since.unwrap_or_else(|| When::from("P90D")).resolve(cx.now(), "since")?;
        let sections = self.sections.unwrap_or_else(|| Section::ALL.to_vec());
        let meant = reference::record(cx, sources, "account", &[Noun::Account], &self.account).await?;
        let want = BriefWant { sections, since, rows: ROWS };
        let brief = meant.source.port.brief(cx, &meant.native, &want).await?;
        Ok(brief::fit(brief, cx.budget()))
    }
}
