//! Idempotent writes (docs.stripe.com/api/idempotent_requests).

use sandbox::{Answer, Ask};

use super::books::Books;
use super::refusal::shaped;

/// The answer to a write, kept under its key.
pub(super) struct Remembered {
    path: String,
    fields: Vec<(String, String)>,
    answer: Answer,
}

/// Keys may be this long.
const LONGEST: usize = 255;

/// Does a write, or repeats the answer that its key got before. Nothing is kept of a request that failed validation.
pub(super) fn once(
    books: &mut Books,
    ask: &Ask,
    handler: fn(&mut Books, &Ask) -> sandbox::Reply,
) -> sandbox::Reply {
    let Some(key) = ask.header("idempotency-key") else { return handler(books, ask) };
    let refuse = |message: &str| shaped(ask, 400, "idempotency_error", None, None, message);
    if key.is_empty() || key.len() > LONGEST {
        return Err(refuse("Idempotency-Key must be between 1 and 255 characters long."));
    }
    let slot = (ask.who().to_owned(), key.to_owned());
    let mut fields = ask.form();
    fields.sort();
    if let Some(known) = books.remembered.get(&slot) {
        if (&known.path, &known.fields) != (&ask.path, &fields) {
            let message = format!(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
            );
            return Err(refuse(&message));
        }
        return Ok(known.answer.clone().header("idempotent-replayed", "true"));
    }
    let answer = Answer::from(handler(books, ask));
    if !(400..=499).contains(&answer.status.as_u16()) {
        let kept = Remembered { path: ask.path.clone(), fields, answer: answer.clone() };
        books.remembered.insert(slot, kept);
    }
    Ok(answer)
}
