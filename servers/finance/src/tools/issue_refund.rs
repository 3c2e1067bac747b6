//! `issue_refund`.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use rust_decimal::Decimal;
use schemars::JsonSchema;
use serde::Deserialize;
use tool::{
    Change, Consent, Fetch, FieldChange, Mark, Meant, Meta, Money, Record, Sources, Tool, Undo, WriteKind,
    Written, require,
};

use crate::ledger::{Ledger, NewRefund, Noun, PaymentQuery, RefundReason};
use crate::model::{Payment, PaymentStatus, Refund};
use crate::reference;

/// Refunds a charge: gives a customer's payment back, wholly or in part, as when they paid twice. Find the payment with
/// `find_payments` first.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct IssueRefund {
    /// Id or URL
    #[schemars(length(min = 1, max = 512))]
    payment: String,
    /// How much; all that is left if absent
    amount: Option<Money>,
    reason: Option<RefundReason>,
    /// For colleagues; customers do not see it
    #[schemars(length(max = 400))]
    note: Option<String>,
}

impl Tool for IssueRefund {
    type Port = Ledger;
    type Out = Written<Refund>;
    const META: Meta = Meta::write("issue_refund", "Issue a refund", "finance:write", WriteKind::Destructive)
        .consent(Consent::Approve)
        .money();

    fn able(port: &Ledger) -> bool {
        port.able().refunds
    }

    fn stakes(&self) -> tool::Stakes {
        tool::Stakes {
            money: self.amount.map_or(tool::Sum::Unknown, tool::Sum::of),
            ..tool::Stakes::default()
        }
    }

    async fn run(self, cx: &Cx, sources: &Sources<Ledger>) -> Result<Written<Refund>> {
        let meant = reference::document(cx, sources, Noun::Payment, &self.payment).await?;
        require(meant.source.port.able().refunds, meant.source, "refund payments")?;
        let mark = Mark::new(cx, None)?;
        let payment = payment(cx, &meant).await?;
        // Under the payment's own id: callers may have named it by another.
        let native = payment.id.native();
        let look = meant.source.port.find_refund(cx, native, &mark);
        if let Some(found) = mark.found(cx, "refund", look).await? {
            tool::settle_money(cx, found.amount)?;
            return Ok(refunded(payment, found).replayed("it was refunded before; nothing was paid now"));
        }
        let amount = amount(&payment, self.amount)?;
        tool::settle_money(cx, amount)?;
        meant
            .source
            .port
            .refund_caps()
            .hold(&Money { amount: given_back(&payment) + amount.amount, currency: amount.currency })?;
        if cx.is_preview() {
            return Ok(Written::preview("payment", change(payment, amount)));
        }
        let new = NewRefund { payment: native.to_owned(), amount, reason: self.reason, note: self.note };
        let refund = meant.source.port.refund(cx, &new, &mark).await?;
        Ok(refunded(payment, refund))
    }
}

async fn payment(cx: &Cx, meant: &Meant<'_, Ledger>) -> Result<Payment> {
    let query = PaymentQuery { ids: vec![meant.native.clone()], ..PaymentQuery::default() };
    let page = Fetch { token: None, limit: 1 };
    let mut found = meant.source.port.payments(cx, &query, page).await?.rows;
    found.pop().ok_or_else(|| {
        let message = "this payment does not exist or this account may not see it";
        Error::new(Code::NotFound, message).alternative_tool("find_payments")
    })
}

/// How much is to be given back, if that much can be.
fn amount(payment: &Payment, wanted: Option<Money>) -> Result<Money> {
    let refuse = |why: String| Err(Error::new(Code::Conflict, why));
    match payment.status {
        PaymentStatus::Paid | PaymentStatus::Refunded => {}
        PaymentStatus::Failed => return refuse("this payment failed: there is nothing to give back".into()),
        PaymentStatus::Pending => return refuse("this payment has not arrived yet".into()),
        PaymentStatus::Disputed => {
            return refuse("this payment is disputed: the customer's bank decides".into());
        }
    }
    let left = payment.collected.unwrap_or(payment.amount).amount - given_back(payment);
    let wanted = wanted.unwrap_or(Money { amount: left, ..payment.amount });
    if left <= Decimal::ZERO {
        return refuse("all of this payment was given back already".into());
    }
    if wanted.currency != payment.amount.currency {
        let problem = format!("the payment is in {}", payment.amount.currency);
        return Err(Error::invalid("amount", problem));
    }
    if wanted.amount <= Decimal::ZERO || wanted.amount > left {
        let left = Money::new(left, wanted.currency);
        return Err(Error::invalid("amount", format!("must be above zero and at most {left}")));
    }
    Ok(Money::new(wanted.amount, wanted.currency))
}

fn given_back(payment: &Payment) -> Decimal {
    payment.refunded.map_or(Decimal::ZERO, |money| money.amount)
}

/// The record that was meant is the payment; the refund is what came of it.
fn refunded(payment: Payment, refund: Refund) -> Written<Refund> {
    let change = change(payment, refund.amount);
    let undo = Undo::None("money given back stays given back; the customer would have to pay again".into());
    Written::committed("payment", refund, change, undo)
}

fn change(payment: Payment, refund: Money) -> Change {
    let whose = payment.customer.as_ref().map_or("", |customer| customer.name.as_str());
    let label = Label::new(&format!("{} {whose}", payment.amount));
    let record = Record { id: payment.id, label, url: Some(payment.url) };
    let field = FieldChange {
        field: "refund".into(),
        before: payment.refunded.map(|money| Label::new(&money.to_string())),
        after: Some(Label::new(&refund.to_string())),
    };
    Change { record, fields: vec![field] }
}
