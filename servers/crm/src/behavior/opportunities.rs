//! Opportunities and the pipeline.

use std::collections::BTreeMap;

use error::Code;
use jiff::{SignedDuration, Timestamp};
use tool::{Money, Totals};

use super::{Subject, cx, day, ids, is_open};
use crate::book::{OpportunityQuery, PipelineQuery, StageChange};
use crate::listing;
use crate::model::{GroupBy, Noun, Opportunity, OpportunityGap, Standing};

pub(super) async fn lists_open_opportunities_soonest_first(s: &Subject<'_>) {
    let rows = s.opportunities(OpportunityQuery::default()).await;
    let listed = ids(rows.iter().map(|o| &o.id));
    let held = s.holdings();
    let open: Vec<_> = held.opportunities.iter().filter(|o| is_open(o)).collect();
    assert_eq!(listed.len(), open.len(), "every open opportunity the system holds");
    let days: Vec<_> = rows.iter().map(|o| listing::soonest_close(o).0).collect();
    assert!(days.is_sorted(), "soonest close first: {days:?}");
    for opportunity in &rows {
        let account = |key: &str| held.accounts.iter().find(|a| a.key == key).unwrap().name.clone();
        let linked = opportunity.account.as_ref().and_then(|a| a.name.as_ref()).map(|n| n.to_string());
        let known = open.iter().any(|o| {
            let amount = o.amount.as_ref().map(|amount| Money::parse(amount, &o.currency).unwrap());
            o.name == opportunity.name.as_str()
                && amount == opportunity.amount
                && Some(account(&o.account)) == linked
        });
        assert!(known, "name, worth and account are the company's: {opportunity:?}");
        assert_eq!(opportunity.standing, Standing::Open);
        let native = opportunity.id.native();
        assert_eq!(s.book.recognize(&[Noun::Opportunity], native).as_deref(), Some(native));
        assert_eq!(s.book.recognize(&[Noun::Opportunity], &opportunity.url).as_deref(), Some(native));
    }
    let one = s.book.opportunity(&cx(), rows[0].id.native()).await.unwrap();
    assert_eq!((one.id, one.stage), (rows[0].id.clone(), rows[0].stage.clone()));
}

pub(super) async fn filters_opportunities(s: &Subject<'_>) {
    let all = s.opportunities(OpportunityQuery { full: true, ..OpportunityQuery::default() }).await;
    let (native, _) = s.account().await;
    let expect = |what: &str, rows: &[Opportunity], keep: &dyn Fn(&Opportunity) -> bool| {
        let kept = ids(all.iter().filter(|o| keep(o)).map(|o| &o.id));
        assert_eq!(ids(rows.iter().map(|o| &o.id)), kept, "{what}");
    };
    let rows = s
        .opportunities(OpportunityQuery { account: Some(native.clone()), ..OpportunityQuery::default() })
        .await;
    assert!(!rows.is_empty());
    expect("of an account", &rows, &|o| o.account.as_ref().is_some_and(|a| a.is(&native)));

    let stage = all[0].stage.clone();
    let query =
        OpportunityQuery { stage: Some(stage.as_str().to_uppercase()), ..OpportunityQuery::default() };
    expect("in a stage", &s.opportunities(query).await, &|o| o.stage == stage);

    let min = Money::parse("100000", "EUR").unwrap();
    let query = OpportunityQuery { min_amount: Some(min), ..OpportunityQuery::default() };
    let worth =
        |o: &Opportunity| o.amount.is_some_and(|a| a.currency == min.currency && a.amount >= min.amount);
    expect("worth more, in that very currency", &s.opportunities(query).await, &worth);

    let query = OpportunityQuery { close_before: Some(day(45)), ..OpportunityQuery::default() };
    expect("closing soon", &s.opportunities(query).await, &|o| o.close.is_some_and(|c| c.0 < day(45)));

    let owner = all.iter().find_map(|o| o.owner.clone()).unwrap();
    let person = s.book.people(&cx(), owner.as_str()).await.unwrap().remove(0).id;
    let query = OpportunityQuery { owner: Some(person), ..OpportunityQuery::default() };
    expect("of a person", &s.opportunities(query).await, &|o| o.owner.as_ref() == Some(&owner));

    let since = Timestamp::now() - SignedDuration::from_hours(24 * 60);
    let query = OpportunityQuery { stale_since: Some(since), ..OpportunityQuery::default() };
    let rows = s.opportunities(query).await;
    assert!(rows.len() < all.len(), "not everything is stale");
    assert!(rows.iter().all(|o| o.last_activity.is_none_or(|at| at.0 < since)), "{rows:?}");
    let held = s.holdings();
    for quiet in held.opportunities.iter().filter(|o| is_open(o) && o.active_days.is_some_and(|d| d < -61)) {
        assert!(rows.iter().any(|o| o.name.as_str() == quiet.name), "{} is stale", quiet.name);
    }
    for gap in s.book.able().opportunity_empty {
        let query = OpportunityQuery { where_empty: Some(*gap), ..OpportunityQuery::default() };
        let rows = s.opportunities(query).await;
        expect("with a field empty", &rows, &|o| match gap {
            OpportunityGap::Owner => o.owner.is_none(),
            OpportunityGap::Amount => o.amount.is_none(),
            OpportunityGap::CloseDate => o.close.is_none(),
            OpportunityGap::NextStep => o.next_step.is_none(),
        });
    }
    let query = OpportunityQuery { ids: vec![all[0].id.native().to_owned()], ..OpportunityQuery::default() };
    expect("by id", &s.opportunities(query).await, &|o| o.id == all[0].id);
}

pub(super) async fn adds_the_pipeline_up_per_currency(s: &Subject<'_>) {
    let (from, before) = (day(-70), day(100));
    let mut sums: BTreeMap<Standing, (u64, Totals)> = BTreeMap::new();
    for o in
        s.holdings().opportunities.iter().filter(|o| day(o.close_days) >= from && day(o.close_days) < before)
    {
        let standing = match o.stage.as_str() {
            "won" => Standing::Won,
            "lost" => Standing::Lost,
            _ => Standing::Open,
        };
        let (count, totals) = sums.entry(standing).or_default();
        *count += 1;
        o.amount.iter().for_each(|amount| totals.add(Money::parse(amount, &o.currency).unwrap()));
    }
    for group_by in [GroupBy::Stage, GroupBy::Owner, GroupBy::Forecast] {
        if group_by == GroupBy::Forecast && !s.book.able().forecast {
            continue;
        }
        let shares = s.book.pipeline(&cx(), &PipelineQuery { from, before, group_by }).await.unwrap();
        assert!(shares.complete);
        let mut added: BTreeMap<Standing, (u64, Totals)> = BTreeMap::new();
        for share in &shares.shares {
            let (count, totals) = added.entry(share.standing).or_default();
            *count += share.count;
            share.totals.iter().for_each(|money| totals.add(money));
        }
        assert_eq!(added, sums, "{group_by:?}");
        assert!(shares.shares.iter().filter(|share| share.group.is_some()).count() > 1, "{shares:?}");
    }
}

pub(super) async fn moves_an_opportunity_there_and_back(s: &Subject<'_>) {
    let cx = cx();
    let opportunity = movable(s).await;
    let id = opportunity.id.native();
    let stages = s.book.stages(&cx, id).await.unwrap();
    let here =
        stages.iter().position(|stage| stage.name == opportunity.stage.as_str()).expect("its own stage");
    let there =
        stages.iter().find(|stage| stage.standing == Standing::Open && stage.id != stages[here].id).unwrap();
    let old = opportunity.amount.unwrap();
    let amount = Money::new(old.amount + rust_decimal::Decimal::ONE, old.currency);
    let change = StageChange { stage: there.clone(), amount: Some(amount), lost_reason: None };
    let moved = s.book.change_stage(&cx, id, &change, opportunity.updated.map(|at| at.0)).await.unwrap();
    assert_eq!((moved.before.stage, moved.before.amount), (opportunity.stage.clone(), Some(old)));
    assert_eq!((moved.after.stage.as_str(), moved.after.amount), (&*there.name, Some(amount)));
    let back = StageChange { stage: stages[here].clone(), amount: Some(old), lost_reason: None };
    let moved = s.book.change_stage(&cx, id, &back, None).await.unwrap();
    assert_eq!((moved.after.stage, moved.after.amount), (opportunity.stage, Some(old)));
}

async fn movable(s: &Subject<'_>) -> Opportunity {
    let rows = s.opportunities(OpportunityQuery::default()).await;
    rows.into_iter().find(|o| o.amount.is_some()).expect("an open opportunity with an amount")
}

/// Most opportunities without an amount have a currency nevertheless: an amount in another one is another sum.
pub(super) async fn refuses_an_amount_in_another_currency(s: &Subject<'_>) {
    let cx = cx();
    let empty = OpportunityQuery { where_empty: Some(OpportunityGap::Amount), ..OpportunityQuery::default() };
    let mut all = vec![movable(s).await];
    all.extend(s.opportunities(empty).await.into_iter().next());
    for opportunity in all {
        let id = opportunity.id.native();
        let own = s.book.opportunity(&cx, id).await.unwrap().currency.expect("its currency");
        let other = if own.code() == "JPY" { "USD" } else { "JPY" };
        let amount = Some(Money::parse("5000000", other).unwrap());
        let stage = s.book.stages(&cx, id).await.unwrap().remove(0);
        let change = StageChange { stage, amount, lost_reason: None };
        let error = s.book.change_stage(&cx, id, &change, None).await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidArgument);
        let now = s.book.opportunity(&cx, id).await.unwrap();
        assert_eq!((now.stage, now.amount), (opportunity.stage, opportunity.amount), "nothing was changed");
    }
}

pub(super) async fn refuses_a_stale_move(s: &Subject<'_>) {
    let cx = cx();
    let opportunity = movable(s).await;
    let stages = s.book.stages(&cx, opportunity.id.native()).await.unwrap();
    let change = StageChange { stage: stages[0].clone(), amount: None, lost_reason: None };
    let long_ago = opportunity.updated.map(|at| at.0 - SignedDuration::from_hours(1000));
    let error = s.book.change_stage(&cx, opportunity.id.native(), &change, long_ago).await.unwrap_err();
    assert_eq!(error.code(), Code::Conflict);
    let now = s.book.opportunity(&cx, opportunity.id.native()).await.unwrap();
    assert_eq!(now.stage, opportunity.stage, "nothing was changed");
}

pub(super) async fn closes_as_lost_with_the_reason(s: &Subject<'_>) {
    let cx = cx();
    let opportunity = movable(s).await;
    let id = opportunity.id.native();
    let stages = s.book.stages(&cx, id).await.unwrap();
    let lost = stages.iter().find(|stage| stage.standing == Standing::Lost).expect("a lost stage");
    let reason = s.book.able().lost_reason.then(|| "Too expensive".to_owned());
    let change = StageChange { stage: lost.clone(), amount: None, lost_reason: reason.clone() };
    let closed = s.book.change_stage(&cx, id, &change, None).await.unwrap().after;
    assert_eq!(closed.standing, Standing::Lost);
    assert_eq!(closed.lost_reason.map(|r| r.to_string()), reason);
    let open = s.opportunities(OpportunityQuery::default()).await;
    assert!(open.iter().all(|o| o.id.native() != id), "what is lost is not open");
    let stage = stages.iter().find(|stage| stage.name == opportunity.stage.as_str()).unwrap();
    let back = StageChange { stage: stage.clone(), amount: None, lost_reason: None };
    let again = s.book.change_stage(&cx, id, &back, None).await.unwrap().after;
    assert_eq!(again.standing, Standing::Open);
}
