//! Holds arguments against the tool's schema and against bounds that hold for every tool.

use std::sync::Arc;

use call::{BoxFuture, Cx, Layer, Next};
use error::{Code, Error, Result};
use serde_json::{Map, Value};
use tool::{Answer, Call};

use crate::offer::Offer;
use content::weigh;

/// Bytes all arguments of a call may have together. The longest text a tool takes is 32 KiB.
pub(super) const MOST_BYTES: usize = 128 * 1024;
/// How deep arguments may nest. The deepest input of a tool has four levels.
const MOST_LEVELS: usize = 16;

/// Refuses arguments that do not have the advertised shape; every problem is named with its path.
pub(crate) struct Validate {
    offer: Arc<Offer>,
}

impl Validate {
    pub(crate) fn new(offer: Arc<Offer>) -> Self {
        Self { offer }
    }

    fn check(&self, call: &mut Call) -> Result<()> {
        bounds(&call.arguments)?;
        match self.offer.spec(&call.tool) {
            Some(spec) => {
                // Here, so that every layer below reads the numbers that the tool will.
                spec.whole(&mut call.arguments);
                spec.check(&call.arguments)
            }
            None => Err(Error::internal("an unknown tool passed `visible`")),
        }
    }
}

impl Layer<Call, Answer> for Validate {
    fn handle<'a>(
        &'a self,
        cx: &'a Cx,
        mut ask: Call,
        next: Next<'a, Call, Answer>,
    ) -> BoxFuture<'a, Result<Answer>> {
        match self.check(&mut ask) {
            Ok(()) => next.run(cx, ask),
            Err(error) => Box::pin(async { Err(error) }),
        }
    }
}

fn bounds(arguments: &Map<String, Value>) -> Result<()> {
    let bytes = weigh(arguments);
    if bytes > MOST_BYTES {
        let message = format!("the arguments have {bytes} bytes, and {MOST_BYTES} may come");
        return Err(Error::new(Code::InvalidArgument, message).hint("shorten the longest text"));
    }
    if !arguments.values().all(|v| within(v, MOST_LEVELS)) {
        let message = format!("the arguments nest deeper than {MOST_LEVELS} levels");
        return Err(Error::new(Code::InvalidArgument, message));
    }
    Ok(())
}

fn within(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels > 0 && items.iter().all(|v| within(v, levels - 1)),
        Value::Object(members) => levels > 0 && members.values().all(|v| within(v, levels - 1)),
        _ => true,
    }
}
