//! Paths with `{named}` segments.

use http::Method;

use crate::{Answer, Ask};

pub(crate) type Handler = Box<dyn Fn(&Ask) -> Answer + Send + Sync>;

/// One line of a simulator's routing table.
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) guard: Guard,
    pub(crate) handler: Handler,
    segments: Vec<Segment>,
}

/// Who may enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard {
    /// Anyone; the handler may look itself.
    Open,
    /// Holders of a valid token.
    Token,
}

enum Segment {
    Literal(String),
    Named(String),
}

/// The best route for a request.
pub(crate) enum Found<'a> {
    Route(&'a Route, Vec<(String, String)>),
    OtherMethods(Vec<Method>),
    Nothing,
}

impl Route {
    pub(crate) fn new(method: Method, path: &str, guard: Guard, handler: Handler) -> Self {
        let segments = path.trim_start_matches('/').split('/').map(Segment::new).collect();
        Self { method, guard, handler, segments }
    }

    fn params(&self, asked: &[String]) -> Option<Vec<(String, String)>> {
        if asked.len() != self.segments.len() {
            return None;
        }
        let mut params = Vec::new();
        for (segment, text) in self.segments.iter().zip(asked) {
            match segment {
                Segment::Literal(literal) if literal == text => {}
                Segment::Named(name) if !text.is_empty() => params.push((name.clone(), text.clone())),
                _ => return None,
            }
        }
        Some(params)
    }

    /// Orders routes that match the same path: the earlier a literal stands, the better.
    fn precision(&self) -> Vec<bool> {
        self.segments.iter().map(|segment| matches!(segment, Segment::Literal(_))).collect()
    }

    fn takes(&self, method: &Method) -> bool {
        self.method == *method || (self.method == Method::GET && *method == Method::HEAD)
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        match text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) => Self::Named(name.to_owned()),
            None => Self::Literal(text.to_owned()),
        }
    }
}

/// Looks `path` (as sent) up in the table.
pub(crate) fn find<'a>(routes: &'a [Route], method: &Method, path: &str) -> Found<'a> {
    let asked: Vec<String> = path.trim_start_matches('/').split('/').map(percent_decoded).collect();
    let matching = || routes.iter().filter_map(|route| Some((route, route.params(&asked)?)));
    let best = matching().filter(|(route, _)| route.takes(method)).max_by_key(|(route, _)| route.precision());
    if let Some((route, params)) = best {
        return Found::Route(route, params);
    }
    let methods: Vec<Method> = matching().map(|(route, _)| route.method.clone()).collect();
    if methods.is_empty() { Found::Nothing } else { Found::OtherMethods(methods) }
}

/// Decodes `%XX`. A `+` stays a plus in a path, and a broken escape stays as it is.
fn percent_decoded(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some(&byte) = rest.first() {
        let (decoded, length) = escaped(rest).map_or((byte, 1), |value| (value, 3));
        bytes.push(decoded);
        rest = &rest[length..];
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn escaped(text: &[u8]) -> Option<u8> {
    let [b'%', high, low, ..] = text else { return None };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(paths: &[(Method, &str)]) -> Vec<Route> {
        let handler = || -> Handler { Box::new(|_: &Ask| Answer::empty(204)) };
        paths.iter().map(|(method, path)| Route::new(method.clone(), path, Guard::Open, handler())).collect()
    }

    fn found(routes: &[Route], method: Method, path: &str) -> Option<(usize, Vec<(String, String)>)> {
        let Found::Route(route, params) = find(routes, &method, path) else { return None };
        Some((routes.iter().position(|one| std::ptr::eq(one, route))?, params))
    }

    #[test]
    fn a_literal_beats_a_name_whatever_the_order() {
        let routes = routes(&[(Method::GET, "/issue/{key}"), (Method::GET, "/issue/createmeta")]);
        assert_eq!(found(&routes, Method::GET, "/issue/createmeta").map(|(at, _)| at), Some(1));
        assert_eq!(found(&routes, Method::GET, "/issue/PAY-1").map(|(at, _)| at), Some(0));
        assert!(found(&routes, Method::GET, "/issue/").is_none(), "a name is never empty");
    }

    #[test]
    fn names_are_decoded_as_one_segment() {
        let routes = routes(&[(Method::GET, "/projects/{id}/issues")]);
        let (_, params) = found(&routes, Method::GET, "/projects/group%2Fpay+%C3%BC%zz/issues").unwrap();
        assert_eq!(params, [("id".to_owned(), "group/pay+ü%zz".to_owned())]);
    }

    #[test]
    fn another_method_is_told_apart_from_nothing() {
        let routes = routes(&[(Method::PUT, "/a"), (Method::POST, "/a"), (Method::GET, "/b")]);
        assert!(matches!(find(&routes, &Method::GET, "/a"), Found::OtherMethods(m) if m.len() == 2));
        assert!(matches!(find(&routes, &Method::GET, "/c"), Found::Nothing));
        assert!(found(&routes, Method::HEAD, "/b").is_some());
    }
}
