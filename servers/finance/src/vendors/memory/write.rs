//! What was written into a ledger since it was opened.

use content::Label;
use error::{Code, Error, Result};
use jiff::Timestamp;
use rust_decimal::Decimal;
use tool::{Day, Mark, Moment, Money, RecordId};

use crate::ledger::{NewRefund, NewRequisition};
use crate::model::{Payment, PaymentStatus, Refund, RefundStatus, Requisition, RequisitionLine};

/// Each record with the marks it bears.
#[derive(Default)]
pub(super) struct Written {
    requisitions: Vec<(Mark, Requisition)>,
    refunds: Vec<(Mark, Refund)>,
}

impl Written {
    pub(super) fn requisition(&self, mark: &Mark) -> Option<Requisition> {
        let bears = |(m, _): &&(Mark, Requisition)| match &mark.external_key {
            Some(key) => m.external_key.as_ref() == Some(key),
            None => m.operation == mark.operation,
        };
        self.requisitions.iter().find(bears).map(|(_, r)| r.clone())
    }

    pub(super) fn draft(
        &mut self,
        source: &str,
        now: Timestamp,
        new: &NewRequisition,
        mark: &Mark,
    ) -> Requisition {
        let number = format!("{}", 10_000_000 + self.requisitions.len());
        let lines: Vec<RequisitionLine> = new
            .lines
            .iter()
            .enumerate()
            .map(|(at, line)| RequisitionLine {
                number: format!("{:05}", 10 * (at + 1)),
                text: Label::new(&line.text),
                quantity: line.quantity,
                unit: line.unit.as_deref().map(Label::new),
                value: Money::new(line.price.amount * line.quantity, line.price.currency),
                need: Some(Day(new.need)),
                supplier: line.supplier.as_deref().map(|s| RecordId::new(source, s)),
            })
            .collect();
        let total = lines.iter().map(|l| l.value.amount).sum();
        let requisition = Requisition {
            id: RecordId::new(source, &*number),
            title: Label::new(&new.title),
            total: Money::new(total, new.lines[0].price.currency),
            lines,
            released: false,
            warnings: Vec::new(),
            version: None,
            url: format!("https://{source}.example/{number}"),
            as_of: Moment(now),
        };
        self.requisitions.push((mark.clone(), requisition.clone()));
        requisition
    }

    pub(super) fn refund_of(&self, payment: &str, mark: &Mark) -> Option<Refund> {
        let bears = |(m, r): &&(Mark, Refund)| m.operation == mark.operation && r.payment.native() == payment;
        self.refunds.iter().find(bears).map(|(_, r)| r.clone())
    }

    pub(super) fn give_back(
        &mut self,
        payment: &Payment,
        new: &NewRefund,
        mark: &Mark,
        now: Timestamp,
    ) -> Result<Refund> {
        let current = self.current(payment);
        let given = current.refunded.map_or(Decimal::ZERO, |m| m.amount);
        if given + new.amount.amount > payment.amount.amount {
            return Err(Error::new(Code::InvalidArgument, "more than was paid"));
        }
        let id = RecordId::new(payment.id.source(), format!("re_{}", self.refunds.len()));
        let refund = Refund {
            url: format!("https://{}.example/{}", id.source(), id.native()),
            id,
            payment: payment.id.clone(),
            amount: new.amount,
            status: RefundStatus::Succeeded,
            at: Moment(now),
            as_of: Moment(now),
        };
        self.refunds.push((mark.clone(), refund.clone()));
        Ok(refund)
    }

    /// A payment with what was given back of it since.
    pub(super) fn current(&self, payment: &Payment) -> Payment {
        let mut payment = payment.clone();
        for (_, refund) in self.refunds.iter().filter(|(_, r)| r.payment == payment.id) {
            let given = payment.refunded.map_or(Decimal::ZERO, |m| m.amount);
            payment.refunded = Some(Money::new(given + refund.amount.amount, refund.amount.currency));
            payment.status = PaymentStatus::Refunded;
        }
        payment
    }
}
