//! Requests as this vendor wants them.

use std::fmt::Display;

use outbound::Request;

use super::judge::{judge, removal};
use super::place::{Place, Repository};

/// A read of `template`, its parameters filled in order.
pub(super) fn read(template: &'static str, parameters: &[&str]) -> Request {
    dressed(Request::get(template, parameters))
}

/// A read below `/repos/{owner}/{repo}`.
pub(super) fn of(template: &'static str, repository: &Repository) -> Request {
    read(template, &[&repository.owner, &repository.name])
}

/// A read about the issue or pull request of `place`: `/repos/{owner}/{repo}/issues/{number}` and below.
pub(super) fn at(template: &'static str, place: &Place) -> Request {
    let [owner, name, number] = place.parameters();
    read(template, &[&owner, &name, &number])
}

/// A `POST` that is sent once: GitHub takes no idempotency key.
pub(super) fn post(template: &'static str, parameters: &[&str]) -> Request {
    dressed(Request::post(template, parameters))
}

/// A `PATCH` of an issue, sent once.
pub(super) fn patch(template: &'static str, place: &Place) -> Request {
    let [owner, name, number] = place.parameters();
    dressed(Request::patch(template, &[&owner, &name, &number]))
}

/// A `POST` that adds labels to an issue. The same twice adds nothing.
pub(super) fn add_labels(place: &Place) -> Request {
    let [owner, name, number] = place.parameters();
    post("/repos/{owner}/{repo}/issues/{number}/labels", &[&owner, &name, &number]).idempotent()
}

/// A `DELETE` that takes a label off an issue. A second one finds it gone, which is as good.
pub(super) fn remove_label(place: &Place, label: &str) -> Request {
    let [owner, name, number] = place.parameters();
    let template = "/repos/{owner}/{repo}/issues/{number}/labels/{name}";
    dressed(Request::delete(template, &[&owner, &name, &number, label])).judge(removal).idempotent()
}

/// A page of a list.
pub(super) fn page(request: Request, number: u32, size: u32) -> Request {
    request.query("per_page", size).query("page", number)
}

/// Adds a query parameter, if there is one.
pub(super) fn maybe(request: Request, name: &str, value: Option<impl Display>) -> Request {
    match value {
        Some(value) => request.query(name, value),
        None => request,
    }
}

fn dressed(request: Request) -> Request {
    request.accept("application/vnd.github+json").judge(judge)
}
