//! Accounts, people and names.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use tool::MatchedBy;

use super::{CX, HOSTILE, Subject, all, cx, day, first, ids, is_open, unique};
use crate::book::{AccountQuery, BriefWant, OpportunityQuery};
use crate::model::{Account, AccountGap, CaseState, Noun, Section};

pub(super) async fn knows_its_people(s: &Subject<'_>) {
    let cx = cx();
    let by_mail = s.book.people(&cx, "ingrid.solheim@halden.example").await.unwrap();
    assert_eq!(by_mail.len(), 1, "{by_mail:?}");
    let by_id = s.book.people(&cx, &by_mail[0].id).await.unwrap();
    assert_eq!(by_id, by_mail, "an id out is an id in");
    assert_eq!(s.book.people(&cx, "ingrid solheim").await.unwrap(), by_mail, "names are told case aside");
    assert_eq!(s.book.people(&cx, "Ana Ruiz").await.unwrap().len(), 2, "two people of one name");
    assert!(s.book.people(&cx, "Nobody Ofthisname").await.unwrap().is_empty());
}

pub(super) async fn lists_accounts_by_name_without_loss(s: &Subject<'_>) {
    let cx = cx();
    let query = AccountQuery::default();
    let rows = all(|page| s.book.accounts(&cx, &query, page)).await;
    let listed = ids(rows.iter().map(|a| &a.id));
    assert_eq!(listed.len(), s.holdings().accounts.len(), "every account the system holds");
    let names: Vec<String> = rows.iter().map(|a| a.name.as_str().to_lowercase()).collect();
    assert!(names.is_sorted(), "by name: {names:?}");
    for account in &rows {
        assert!(account.url.starts_with("https://"), "{}", account.url);
        assert!(account.description.is_none(), "rows are rows");
        assert_eq!(
            s.book.recognize(&[Noun::Account], account.id.native()).as_deref(),
            Some(account.id.native())
        );
        assert_eq!(s.book.recognize(&[Noun::Account], &account.url).as_deref(), Some(account.id.native()));
        assert_eq!(s.book.recognize(&[Noun::Case], account.id.native()), None, "an account is no case");
    }
    let two: Vec<String> = listed.into_iter().take(2).collect();
    let query = AccountQuery { ids: two.clone(), full: true, ..AccountQuery::default() };
    let rows = s.book.accounts(&cx, &query, first(10)).await.unwrap().rows;
    assert_eq!(ids(rows.iter().map(|a| &a.id)), two.into_iter().collect());
}

pub(super) async fn filters_accounts(s: &Subject<'_>) {
    let (held, able) = (s.holdings(), s.book.able());
    let find = |query: AccountQuery| async move {
        all(|page| s.book.accounts(CX.get_or_init(cx), &query, page)).await
    };
    let names = |rows: &[Account]| -> BTreeSet<String> { rows.iter().map(|a| a.name.to_string()).collect() };
    let of = |keep: &dyn Fn(&sandbox::company::Account) -> bool| -> BTreeSet<String> {
        held.accounts.iter().filter(|a| keep(a)).map(|a| a.name.clone()).collect()
    };

    let one = held.accounts.first().unwrap();
    let found = find(AccountQuery { domain: Some(one.domain.clone()), ..AccountQuery::default() }).await;
    assert_eq!(names(&found), of(&|a| a.domain == one.domain), "by domain");
    let word = one.name.split_whitespace().next().unwrap().to_lowercase();
    let found = find(AccountQuery { name: Some(word.clone()), ..AccountQuery::default() }).await;
    assert!(found.iter().any(|a| a.name.as_str() == one.name), "by a word of the name: {word}");
    assert!(found.iter().all(|a| a.name.as_str().to_lowercase().contains(&word)), "{:?}", names(&found));

    let contact = held.contacts.iter().find(|c| c.email.is_some()).unwrap();
    let found = find(AccountQuery { contact_email: contact.email.clone(), ..AccountQuery::default() }).await;
    let at = |a: &sandbox::company::Account| {
        held.contacts.iter().any(|c| c.account == a.key && c.email == contact.email)
    };
    assert_eq!(names(&found), of(&at), "by a contact's address");

    let owner = held.accounts.iter().find_map(|a| a.owner.clone()).unwrap();
    let email = held.people.iter().find(|p| p.handle == owner).unwrap().email.clone();
    let person = s.book.people(&cx(), &email).await.unwrap().remove(0).id;
    let found = find(AccountQuery { owner: Some(person), ..AccountQuery::default() }).await;
    assert_eq!(names(&found), of(&|a| a.owner.as_ref() == Some(&owner)), "by owner");

    let busy: BTreeSet<String> =
        held.opportunities.iter().filter(|o| is_open(o)).map(|o| o.account.clone()).collect();
    // A vendor may count renewals as open business too, but never the other way round.
    for wanted in [true, false] {
        let query = AccountQuery { has_open_opportunities: Some(wanted), ..AccountQuery::default() };
        let found = names(&find(query).await);
        let (business, none) = (of(&|a| busy.contains(&a.key)), of(&|a| !busy.contains(&a.key)));
        match wanted {
            true => assert!(found.is_superset(&business), "{found:?}"),
            false => assert!(found.is_subset(&none), "{found:?}"),
        }
    }
    if able.segment {
        let query = AccountQuery { segment: Some("Enterprise".into()), ..AccountQuery::default() };
        assert_eq!(names(&find(query).await), of(&|a| a.segment == "enterprise"), "by segment, case aside");
    }
    if able.account_renewal {
        let query = AccountQuery { renewal_before: Some(day(90)), ..AccountQuery::default() };
        for account in find(query).await {
            assert!(account.renewal.is_none_or(|due| due.0 >= day(0) && due.0 < day(90)), "{account:?}");
        }
    }
    for gap in able.account_empty {
        let rows = find(AccountQuery { where_empty: Some(*gap), ..AccountQuery::default() }).await;
        let empty = rows.iter().all(|a| match gap {
            AccountGap::Owner => a.owner.is_none(),
            AccountGap::Domain => a.keys.domain.is_none(),
            AccountGap::Segment => a.segment.is_none(),
        });
        assert!(empty, "{gap:?} is empty in all of {rows:?}");
        if *gap == AccountGap::Owner {
            assert_eq!(names(&rows), of(&|a| a.owner.is_none()));
        }
    }
}

pub(super) async fn answers_to_names_domains_and_keys(s: &Subject<'_>) {
    let cx = cx();
    let (native, account) = s.account().await;
    let keys = [
        (Some(account.name.to_uppercase()), MatchedBy::Name),
        (Some(account.domain.clone()), MatchedBy::Domain),
        (account.erp_customer.clone(), MatchedBy::ErpCustomer),
        (account.billing_customer.clone(), MatchedBy::BillingCustomer),
    ];
    for (text, by) in keys.into_iter().filter_map(|(text, by)| Some((text?, by))) {
        let called = s.book.called(&cx, Noun::Account, &text).await.unwrap();
        let exact: Vec<_> = called.iter().filter(|c| c.matched.is_some()).collect();
        assert_eq!(exact.len(), 1, "{text}: {called:?}");
        assert_eq!((&exact[0].id, exact[0].matched), (&native, Some(by)), "{text}");
        assert_eq!(called[0].id, native, "the exact one comes first");
    }
    let word = account.name.split_whitespace().next().unwrap();
    let near = s.book.called(&cx, Noun::Account, word).await.unwrap();
    assert!(near.iter().any(|c| c.id == native), "{word} is near {}: {near:?}", account.name);
    assert!(s.book.called(&cx, Noun::Account, "No such customer anywhere").await.unwrap().is_empty());

    let held = s.holdings();
    let contact = held.contacts.iter().find(|c| c.email.is_some()).unwrap();
    let called = s.book.called(&cx, Noun::Contact, contact.email.as_ref().unwrap()).await.unwrap();
    assert_eq!(called.first().unwrap().matched, Some(MatchedBy::Id), "{called:?}");
    assert_eq!(called[0].label, format!("{} {}", contact.first_name, contact.last_name));
    let opportunity = unique(&held.opportunities, |o| &o.name, |o| is_open(o) && o.kind != "renewal");
    let called = s.book.called(&cx, Noun::Opportunity, &opportunity.name).await.unwrap();
    assert_eq!(called.first().unwrap().matched, Some(MatchedBy::Name), "{called:?}");
    let case = unique(&held.cases, |c| &c.subject, |_| true);
    let called = s.book.called(&cx, Noun::Case, &case.subject).await.unwrap();
    assert!(called.first().unwrap().matched.is_some(), "{called:?}");
    assert_eq!(s.book.recognize(&[Noun::Case], &called[0].url).as_deref(), Some(&*called[0].id));
}

pub(super) async fn text_never_widens(s: &Subject<'_>) {
    let cx = cx();
    for text in HOSTILE {
        let query = AccountQuery { name: Some(format!("zzqx {text}")), ..AccountQuery::default() };
        let rows = s.book.accounts(&cx, &query, first(5)).await.unwrap().rows;
        assert!(rows.is_empty(), "{text:?} found {rows:?}");
        let query = AccountQuery { contact_email: Some(text.into()), ..AccountQuery::default() };
        assert!(
            s.book.accounts(&cx, &query, first(5)).await.unwrap().rows.is_empty(),
            "{text:?} as an address"
        );
        let query = AccountQuery { domain: Some(text.into()), ..AccountQuery::default() };
        assert!(
            s.book.accounts(&cx, &query, first(5)).await.unwrap().rows.is_empty(),
            "{text:?} as a domain"
        );
        for noun in Noun::ALL {
            let called = s.book.called(&cx, *noun, &format!("zzqx {text}")).await.unwrap();
            assert!(called.is_empty(), "{text:?} is called {called:?}");
        }
        assert!(s.book.people(&cx, text).await.unwrap().is_empty(), "{text:?} is nobody");
        assert_eq!(s.book.recognize(Noun::ALL, text), None);
    }
}

pub(super) async fn briefs_on_an_account(s: &Subject<'_>) {
    let cx = cx();
    let (native, known) = s.account().await;
    let since = Timestamp::now() - SignedDuration::from_hours(24 * 90);
    let want = BriefWant { sections: Section::ALL.to_vec(), since, rows: 5 };
    let brief = s.book.brief(&cx, &native, &want).await.unwrap();
    assert_eq!(brief.account.name.as_str(), known.name);
    assert_eq!(brief.account.keys.domain.as_deref(), Some(&*known.domain));
    assert_eq!(brief.account.keys.erp_customer, known.erp_customer);
    assert_eq!(brief.account.description.is_some(), known.text.is_some());
    let of_account = OpportunityQuery { account: Some(native.clone()), ..OpportunityQuery::default() };
    let open = s.book.opportunities(&cx, &of_account, first(5)).await.unwrap().rows;
    let listed = brief.opportunities.expect("its opportunities");
    assert_eq!(
        listed.iter().map(|o| &o.id).collect::<Vec<_>>(),
        open.iter().map(|o| &o.id).collect::<Vec<_>>()
    );
    let people = s.holdings().contacts.iter().filter(|c| c.account == known.key).count();
    assert_eq!(brief.contacts.expect("its people").len(), people.min(5));
    let from = super::known(s, since);
    assert!(brief.activity.expect("what was done").iter().all(|a| a.at.0 >= from));
    assert!(brief.cases.expect("its cases").iter().all(|c| c.state != CaseState::Closed));
    assert_eq!(brief.renewals.is_some(), s.book.able().renewals);
    assert_eq!(brief.unavailable.is_empty(), s.book.able().renewals, "{:?}", brief.unavailable);
    let little = BriefWant { sections: vec![Section::Profile], ..want };
    let brief = s.book.brief(&cx, &native, &little).await.unwrap();
    assert!(brief.contacts.is_none() && brief.cases.is_none() && brief.unavailable.is_empty());
}
