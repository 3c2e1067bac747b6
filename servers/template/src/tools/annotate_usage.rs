//! `annotate_usage`.

use call::Cx;
use content::Label;
use error::Result;
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
        let day = self.week.map(|w| w.day(cx.now(), "week")).transpose()?;
        let (source, customer) = reference::customer(cx, sources, &self.customer).await?;
        let port = &source.port;
        tool::require(port.able().annotations, source, "keep annotations")?;
        let (_, product) = sources
            .place(cx, "product", Some(&source.name), &self.product, |source| source.port.products(cx))
            .await?;
        let mark = Mark::new(cx, self.external_key.as_deref())?;
        if let Some(found) = mark.found(cx, "annotation", port.find_marked(cx, &mark)).await? {
            return Ok(annotated(&customer, found).replayed("it was made before; nothing was made now"));
        }
        if cx.is_preview() {
            let week = day.map_or_else(|| "the last whole week".to_owned(), |day| format!("of {day}"));
            let change = change(&customer, &product.name, &week, &self.text);
            return Ok(Written::preview("usage", change));
        }
        let new = NewAnnotation {
            customer: customer.id.native().to_owned(),
            product: product.key,
            day,
            text: self.text,
        };
        Ok(annotated(&customer, port.annotate(cx, &new, &mark).await?))
    }
}

fn annotated(customer: &Customer, annotation: Annotation) -> Written<Annotation> {
    let week = format!("of {}", annotation.week.0);
    let change = change(customer, &annotation.product, &week, annotation.text.as_str());
    let undo = Undo::Manual("a person can delete the annotation at the source".into());
    let version = annotation.id.native().to_owned();
    Written::committed("usage", annotation, change, undo).version(version)
}

fn change(customer: &Customer, product: &Label, week: &str, text: &str) -> Change {
    let label = Label::new(&format!("{}, {product}", customer.name));
    let record = Record { id: customer.id.clone(), label, url: Some(customer.url.clone()) };
    let fields =
        [("week", week), ("text", text)].map(|(name, after)| FieldChange::new(name, Label::new(after)));
    Change { record, fields: fields.into() }
}
