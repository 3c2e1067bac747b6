//! From words to a query.

use std::collections::VecDeque;

use super::lexer::{Word, words};
use super::{Clause, How, Kind, Query};

/// Clauses that a query may have.
const MOST: usize = 10;

/// Reads a query over these fields. Errors: Stripe's sentence about what is wrong.
pub(in super::super::super) fn parse(text: &str, fields: &[(&str, Kind)]) -> Result<Query, String> {
    let why = |why: String| {
        format!(
            "We were unable to parse your search query ({why}). Try using the format `metadata[\"key\"]:\"value\"` to query for metadata or key:\"value\" to query for other fields."
        )
    };
    let mut words: VecDeque<Word> = words(text.trim()).map_err(why)?.into();
    let (mut clauses, mut joined) = (Vec::new(), None);
    loop {
        clauses.push(clause(&mut words, fields).map_err(why)?);
        match joint(&mut words).map_err(why)? {
            None => break,
            Some(is_any) if joined.is_some_and(|known| known != is_any) => {
                return Err("You cannot use both AND and OR in a single query.".into());
            }
            Some(is_any) => joined = Some(is_any),
        }
    }
    if clauses.len() > MOST {
        return Err(format!("A query can have up to {MOST} clauses."));
    }
    Ok(Query { is_any: joined == Some(true), clauses })
}

/// What joins the clause before to the next one: `Some(true)` for OR, `None` at the end.
fn joint(words: &mut VecDeque<Word>) -> Result<Option<bool>, String> {
    match words.pop_front() {
        None => return Ok(None),
        Some(Word::Gap) => {}
        Some(other) => return Err(format!("expected a space, found {other:?}")),
    }
    let is_any = match words.front() {
        Some(Word::Bare(word)) if word.eq_ignore_ascii_case("and") => false,
        Some(Word::Bare(word)) if word.eq_ignore_ascii_case("or") => true,
        _ => return Ok(Some(false)),
    };
    words.pop_front();
    match words.pop_front() {
        Some(Word::Gap) => Ok(Some(is_any)),
        _ => Err("something must follow AND and OR".into()),
    }
}

fn clause(words: &mut VecDeque<Word>, fields: &[(&str, Kind)]) -> Result<Clause, String> {
    let negated = words.pop_front_if(|word| *word == Word::Not).is_some();
    let Some(Word::Bare(field)) = words.pop_front() else { return Err("expected a field".into()) };
    let known = fields.iter().find(|(name, _)| *name == field);
    let (_, kind) = *known.ok_or_else(|| format!("Field `{field}` is an unsupported search field"))?;
    let key = match kind {
        Kind::Metadata => Some(key(words)?),
        _ => None,
    };
    let how = match words.pop_front() {
        Some(Word::Sign(sign)) => {
            how(sign, kind).ok_or_else(|| format!("`{sign}` does not go with `{field}`"))?
        }
        _ => return Err(format!("expected an operator after `{field}`")),
    };
    let value = value(words, kind)?;
    if how == How::Contains && value.chars().count() < 3 {
        return Err("a substring must have three characters or more".into());
    }
    Ok(Clause { negated, field, key, how, value })
}

fn key(words: &mut VecDeque<Word>) -> Result<String, String> {
    match (words.pop_front(), words.pop_front(), words.pop_front()) {
        (Some(Word::Open), Some(Word::Quoted(key)), Some(Word::Close)) => Ok(key),
        _ => Err("expected a key, as in metadata[\"key\"]".into()),
    }
}

fn how(sign: &str, kind: Kind) -> Option<How> {
    Some(match (sign, kind) {
        (":", _) => How::Is,
        ("~", Kind::Text | Kind::Metadata) => How::Contains,
        (">", Kind::Number) => How::Above,
        ("<", Kind::Number) => How::Below,
        (">=", Kind::Number) => How::AtLeast,
        ("<=", Kind::Number) => How::AtMost,
        _ => return None,
    })
}

/// Strings stand in quotes; numbers, flags and null may stand bare.
fn value(words: &mut VecDeque<Word>, kind: Kind) -> Result<String, String> {
    match (words.pop_front(), kind) {
        (Some(Word::Quoted(text)), Kind::Number) if text.parse::<i64>().is_err() => {
            Err("expected a number".into())
        }
        (Some(Word::Quoted(text)), _) => Ok(text),
        (Some(Word::Bare(text)), Kind::Number) if text.parse::<i64>().is_ok() => Ok(text),
        (Some(Word::Bare(text)), Kind::Flag) if matches!(&*text, "true" | "false") => Ok(text),
        (Some(Word::Bare(text)), _) if text == "null" => Ok(text),
        _ => Err("expected a value in quotes".into()),
    }
}
