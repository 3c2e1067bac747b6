#![doc = include_str!("README.md")]

mod judge;
mod map;
#[cfg(feature = "sandbox")]
mod sim;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod wire;

use std::sync::Arc;

use call::{BoxFuture, Cx, Operation};
use content::Label;
use error::Result;
use outbound::{Client, Kit, NoKeys, Profile, Reply, Request, Settings, Vendor};
use tool::{Fetch, Mark, Place, Rows};

use crate::meter::{Able, DropQuery, Meter, NewAnnotation, UsageMeter, UsageQuery};
use crate::model::{Annotation, Customer, ProductUsage, UsageDrop};

/// The warehouse.
pub const VENDOR: Vendor<Meter> = Vendor {
    name: "warehouse",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulator,
    #[cfg(feature = "sandbox")]
    demo: "",
};

/// What is true of every warehouse.
const PROFILE: Profile = Profile { quota: judge::quota, ..Profile::new("warehouse") };

/// What ids of customers begin with.
const CUSTOMER: &str = "cst_";

/// One warehouse account.
struct Warehouse {
    source: String,
    client: Client,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Meter>> {
    settings.vendor_keys::<NoKeys>()?;
    settings.mapping::<NoKeys>()?;
    Ok(Arc::new(Warehouse { source: settings.name.clone(), client: kit.client(settings, PROFILE)? }))
}

impl Warehouse {
    async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        self.client.send(cx, request.judge(judge::judge)).await
    }

    async fn sold(&self, cx: &Cx) -> Result<Vec<Place>> {
        let reply = self.send(cx, Request::get("/v1/products", &[])).await?;
        let all: wire::Products<'_> = reply.json()?;
        let place = |p: wire::Counted<'_>| Place { key: p.key.into_owned(), name: Label::new(&p.name) };
        Ok(all.products.into_iter().map(place).collect())
    }

    async fn one(&self, cx: &Cx, id: &str) -> Result<Customer> {
        let reply = self.send(cx, Request::get("/v1/customers/{id}", &[id])).await?;
        Ok(map::customer(&self.source, reply.json()?))
    }

    async fn called(&self, cx: &Cx, text: &str) -> Result<Vec<Customer>> {
        let reply = self.send(cx, Request::get("/v1/customers", &[]).query("q", text)).await?;
        let found: wire::Customers<'_> = reply.json()?;
        Ok(found.customers.into_iter().map(|c| map::customer(&self.source, c)).collect())
    }

    async fn counted(&self, cx: &Cx, query: &UsageQuery) -> Result<Vec<ProductUsage>> {
        // A change needs five weeks, however few are asked for.
        let weeks = query.weeks.clamp(5, 26);
        let request = Request::get("/v1/usage", &[]).query("customer", &query.customer).query("weeks", weeks);
        let request = filtered(request, "product", query.product.as_deref());
        let reply = self.send(cx, request).await?;
        Ok(map::products(&self.source, &reply.json()?, query.weeks, cx.now()))
    }

    async fn dropped(&self, cx: &Cx, query: &DropQuery, page: Fetch) -> Result<Rows<UsageDrop>> {
        let request =
            Request::get("/v1/drops", &[]).query("at_least", query.at_least).query("limit", page.limit);
        let request = filtered(request, "customer", query.customer.as_deref());
        let request = filtered(request, "product", query.product.as_deref());
        let request = filtered(request, "page", page.token.as_deref());
        let reply = self.send(cx, request).await?;
        let drops: wire::Drops<'_> = reply.json()?;
        let rows = drops.drops.into_iter().map(|row| map::drop(&self.source, row, cx.now())).collect();
        Ok(Rows { rows, next: drops.next, total: None, as_of: cx.now() })
    }

    async fn noted(&self, cx: &Cx, new: &NewAnnotation, mark: &Mark) -> Result<Annotation> {
        let NewAnnotation { customer, product, day, text } = new;
        let request = Request::post("/v1/annotations", &[])
            .header("idempotency-key", &key(mark))
            .json(&wire::NewAnnotation { customer, product, day: *day, text })
            // The same key twice is one annotation.
            .idempotent();
        let reply = self.send(cx, request).await?;
        Ok(map::annotation(&self.source, &reply.json()?))
    }

    async fn marked(&self, cx: &Cx, mark: &Mark) -> Result<Option<Annotation>> {
        let request = Request::get("/v1/annotations", &[]).query("idempotency_key", key(mark));
        let reply = self.send(cx, request).await?;
        let found: wire::Annotations<'_> = reply.json()?;
        Ok(found.annotations.first().map(|a| map::annotation(&self.source, a)))
    }

    /// The customer's id in a URL of this warehouse.
    fn id_in<'r>(&self, reference: &'r str) -> Option<&'r str> {
        if !reference.contains("://") {
            return Some(reference);
        }
        let site = self.client.base_url().as_str().trim_end_matches('/');
        reference.strip_prefix(site)?.strip_prefix("/customers/")
    }
}

fn filtered(request: Request, name: &str, value: Option<&str>) -> Request {
    match value {
        Some(value) => request.query(name, value),
        None => request,
    }
}

/// The key that keeps an annotation from being made twice: 26 characters, whatever the caller's own key looks like.
fn key(mark: &Mark) -> String {
    match &mark.external_key {
        Some(own) => Operation::derive(&["external_key"], own).id,
        None => mark.operation.clone(),
    }
}

impl UsageMeter for Warehouse {
    fn able(&self) -> Able {
        Able::ALL
    }

    fn recognize(&self, reference: &str) -> Option<String> {
        let id = self.id_in(reference.trim())?;
        let rest = id.strip_prefix(CUSTOMER)?;
        let plain = rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        (plain && (1..=64).contains(&rest.len())).then(|| id.to_owned())
    }

    fn products<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>> {
        Box::pin(self.sold(cx))
    }

    fn customer<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Customer>> {
        Box::pin(self.one(cx, id))
    }

    fn customers<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Customer>>> {
        Box::pin(self.called(cx, text))
    }

    fn usage<'a>(&'a self, cx: &'a Cx, query: &'a UsageQuery) -> BoxFuture<'a, Result<Vec<ProductUsage>>> {
        Box::pin(self.counted(cx, query))
    }

    fn drops<'a>(
        &'a self,
        cx: &'a Cx,
        query: &'a DropQuery,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<UsageDrop>>> {
        Box::pin(self.dropped(cx, query, page))
    }

    fn annotate<'a>(
        &'a self,
        cx: &'a Cx,
        new: &'a NewAnnotation,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Annotation>> {
        Box::pin(self.noted(cx, new, mark))
    }

    fn find_marked<'a>(&'a self, cx: &'a Cx, mark: &'a Mark) -> BoxFuture<'a, Result<Option<Annotation>>> {
        Box::pin(self.marked(cx, mark))
    }
}
