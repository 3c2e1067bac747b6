//! Tests of the whole: the stack on a paused clock, the client on real sockets.

mod fault;
mod faults;
mod http;
mod network;
mod stack;
mod tower;
mod url;

use std::time::Duration;

use ::url::Url;
use call::{Clock, Cx};
use tokio::time::Instant;

use crate::{Auth, Client, Kit, Profile, Secret, Settings};

const PROFILE: Profile = Profile::new("jira");

/// Settings for a vendor at `base`, with the canary as token.
fn settings(base: &str) -> Settings {
    let mut settings =
        Settings::new("jira-eu", "jira", Auth::Bearer { token: Secret::literal("canary-token") });
    settings.base_url = Some(Url::parse(base).unwrap());
    settings
}

fn client(settings: &Settings) -> Client {
    Kit::new(Clock::for_test()).client(settings, PROFILE).unwrap()
}

fn cx() -> Cx {
    Cx::for_test().with_deadline(Instant::now() + Duration::from_secs(10))
}
