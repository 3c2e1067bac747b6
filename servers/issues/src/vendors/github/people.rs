//! Who can be assigned.
//!
//! GitHub finds nobody by e-mail address and shows one only to whom its owner shows it. So the people who can be
//! assigned in the configured repositories are listed, by login; their profiles are read when a name or an address
//! was asked for. Both are kept for a while.

use std::sync::Arc;
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use content::Label;
use error::Result;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tool::Person;

use super::hub::Hub;
use super::place::Repository;
use super::{ask, delivery, wire};

/// How long people are taken for the same.
const FRESH: Duration = Duration::from_secs(10 * 60);

/// How long a list is served while a newer one is fetched.
const VALID: Duration = Duration::from_secs(60 * 60);

/// People of a repository that are listed, in pages of 100.
const PAGES: u32 = 5;

/// Profiles that are read; beyond, people are found by login alone.
const MOST_PROFILES: usize = 100;

/// Profiles that are read at a time.
const AT_ONCE: usize = 8;

/// The people of a source.
#[derive(Default)]
pub(super) struct People {
    assignable: Cached<Vec<wire::User>>,
    profiles: Cached<Vec<Person>>,
}

impl People {
    /// Everybody of this login, address or full name; at most ten.
    pub(super) async fn called(
        &self,
        hub: &Arc<Hub>,
        repositories: &[Repository],
        cx: &Cx,
        text: &str,
    ) -> Result<Vec<Person>> {
        let text = text.trim().trim_start_matches('@').to_lowercase();
        let assignable =
            self.assignable.shared(cx, |cx| list(Arc::clone(hub), repositories.to_vec(), cx)).await?;
        if let Some(user) = assignable.iter().find(|user| user.login.to_lowercase() == text) {
            return Ok(vec![person(user)]);
        }
        let logins = assignable.iter().map(|user| user.login.clone()).take(MOST_PROFILES).collect();
        let profiles = self.profiles.shared(cx, |cx| read(Arc::clone(hub), logins, cx)).await?;
        let is = |one: &&Person| {
            one.name.as_str().to_lowercase() == text
                || one.email.as_ref().is_some_and(|email| email.to_lowercase() == text)
        };
        Ok(profiles.iter().filter(is).take(10).cloned().collect())
    }
}

async fn list(hub: Arc<Hub>, repositories: Vec<Repository>, cx: Cx) -> Result<Fresh<Vec<wire::User>>> {
    let mut users: Vec<wire::User> = Vec::new();
    for repository in &repositories {
        let request = || ask::of("/repos/{owner}/{repo}/assignees", repository);
        // One repository that is gone does not hide the people of the others.
        let page = delivery::optional(hub.all::<wire::User>(&cx, request, PAGES).await)?;
        for user in page.into_iter().flat_map(|page| page.rows) {
            if !users.iter().any(|known| known.login == user.login) {
                users.push(user);
            }
        }
    }
    Ok(Fresh { value: users, fresh_for: FRESH, valid_for: VALID })
}

async fn read(hub: Arc<Hub>, logins: Vec<String>, cx: Cx) -> Result<Fresh<Vec<Person>>> {
    let profiles =
        stream::iter(logins).map(|login| {
            let (hub, cx) = (&hub, &cx);
            async move {
                delivery::optional(hub.get::<wire::User>(cx, ask::read("/users/{login}", &[&login])).await)
            }
        });
    let profiles: Vec<Option<wire::User>> = profiles.buffered(AT_ONCE).try_collect().await?;
    let value = profiles.iter().flatten().map(person).collect();
    Ok(Fresh { value, fresh_for: FRESH, valid_for: VALID })
}

fn person(user: &wire::User) -> Person {
    Person {
        id: user.login.clone(),
        name: Label::new(user.name.as_deref().unwrap_or(&user.login)),
        email: user.email.clone(),
    }
}
