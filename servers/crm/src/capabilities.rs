//! What each system of customers is able to do: the tables in the vendors' READMEs.

use capabilities::{Ability, argument, check, field, value, values};

use crate::book::{Able, Book};

/// With `CHANCERY_BLESS=1` the tables are written, else they are compared.
#[tokio::test]
async fn tables_say_what_vendors_are_able_to_do() {
    let (catalog, vendors) = (crate::tools::catalog(), crate::vendors::all());
    check(env!("CARGO_MANIFEST_DIR"), catalog, &vendors, abilities).unwrap();
}

fn abilities(book: &Book) -> Vec<Ability> {
    let Able {
        segment,
        account_renewal,
        account_empty,
        opportunity_empty,
        forecast,
        activities,
        logs,
        // Precision, which is said in prose.
        times: _,
        renewals,
        renewal_value,
        severity,
        lost_reason,
        total,
    } = book.able();
    let mut all = vec![
        argument("find_accounts", "segment", segment),
        argument("find_accounts", "renewal_before", account_renewal),
        value("get_account_brief", "sections", "renewals", renewals),
        value("get_pipeline_summary", "group_by", "forecast", forecast),
        argument("list_upcoming_renewals", "min_value", renewal_value),
        field("list_upcoming_renewals", "value", renewal_value),
        argument("list_customer_cases", "severity", severity),
        argument("change_opportunity_stage", "lost_reason", lost_reason),
    ];
    let most = Able::ALL;
    all.extend(values("find_accounts", "where_empty", most.account_empty, account_empty));
    all.extend(values("list_open_opportunities", "where_empty", most.opportunity_empty, opportunity_empty));
    all.extend(values("list_recent_activity", "kinds", most.activities, activities));
    all.extend(values("log_customer_activity", "kind", most.logs, logs));
    let lists = [
        "find_accounts",
        "list_open_opportunities",
        "list_recent_activity",
        "list_upcoming_renewals",
        "list_customer_cases",
    ];
    all.extend(lists.map(|tool| field(tool, "total", total)));
    all
}
