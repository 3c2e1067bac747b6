//! `annotate_usage`.

use call::Cx;
use content::Label;
use error::{Error, Result};
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{Change, FieldChange, Mark, Meta, Output, Record, Sources, Tool, Undo, When, WriteKind, Written};

use crate::meter::{Meter, NewAnnotation};
use crate::model::{Annotation, Customer};
use crate::reference;

/// Annotates a customer's usage of a product: an explanation for a drop or peak, shown beside the weekly numbers.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AnnotateUsage {
    /// Id, domain, ERP or billing number, or exact name
    #[schemars(length(min = 1, max = 512))]
    customer: String,
    #[schemars(length(min = 1, max = 100))]
    product: String,
    #[schemars(length(min = 1, max = 2000))]
    text: String,
    /// A day of the week meant; the last whole week if absent
    week: Option<When>,
    /// Your own key: a second annotation with it is never made
    #[schemars(length(min = 1, max = 200))]
    external_key: Option<String>,
    #[schemars(length(max = 31))]
    source: Option<String>,
}

impl Output for Annotation {}

impl Tool for AnnotateUsage {
    type Port = Meter;
    type Out = Written<Annotation>;
    const META: Meta = Meta::write("annotate_usage", "Annotate usage", "usage:write", WriteKind::Additive);

    fn able(port: &Meter) -> bool {
        port.able().annotations
    }

    async fn run(self, cx: &Cx, sources: &Sources<Meter>) -> Result<Written<Annotation>> {
        if self.text.trim().is_empty() {
            return Err(Error::invalid("text", "must not be blank"));
        }
        let meant = reference::customer(cx, sources, self.source.as_deref(), &self.customer).await?;
        let port = &meant.source.port;
        tool::require(port.able().annotations, meant.source, "keep annotations")?;
        let named = Some(meant.source.name.as_str());
        let (_, product) =
            sources.place(cx, "product", named, &self.product, |source| source.port.products(cx)).await?;
        let mark = Mark::new(cx, self.external_key.as_deref())?;
        if let Some(found) = mark.found(cx, "annotation", port.find_marked(cx, &mark)).await? {
            return Ok(annotated(&meant.customer, found).replayed("it was made before; nothing was made now"));
        }
        let new = NewAnnotation {
            customer: meant.customer.id.native().to_owned(),
            product: product.key,
            day: self.week.map(|w| w.day(cx.now(), "week")).transpose()?,
            text: self.text,
        };
        Ok(annotated(&meant.customer, port.annotate(cx, &new, &mark).await?))
    }
}

fn annotated(customer: &Customer, annotation: Annotation) -> Written<Annotation> {
    let label = Label::new(&format!("{}, {}", customer.name, annotation.product));
    let record = Record { id: customer.id.clone(), label, url: Some(customer.url.clone()) };
    let text = Label::new(annotation.text.as_str());
    let field = FieldChange { field: "text".into(), before: None, after: Some(text) };
    let undo = Undo::Manual("a person can delete the annotation at the source".into());
    let version = annotation.id.native().to_owned();
    Written::committed("usage", annotation, Change { record, fields: vec![field] }, undo).version(version)
}
