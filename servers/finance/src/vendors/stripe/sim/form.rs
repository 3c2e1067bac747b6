//! Form fields as Stripe nests them: `metadata[key]=value`, `created[gte]=1`, `expand[]=customer`.

/// The parts of a name: `created[gte]` is `created`, `gte`; `expand[]` is `expand` and an empty part.
pub(super) fn parts(name: &str) -> (&str, Vec<&str>) {
    let Some((base, rest)) = name.split_once('[') else { return (name, Vec::new()) };
    (base, rest.trim_end_matches(']').split("][").collect())
}

/// Errors: the first parameter whose name is none of these.
pub(super) fn known(fields: &[(String, String)], names: &[&str]) -> Result<(), String> {
    let stranger = fields.iter().find(|(name, _)| !names.contains(&parts(name).0));
    stranger.map_or(Ok(()), |(name, _)| Err(parts(name).0.to_owned()))
}

/// The value of a plain field.
pub(super) fn value<'a>(fields: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

/// The members of a hash: `metadata[key]`.
pub(super) fn members<'a>(
    fields: &'a [(String, String)],
    wanted: &str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    fields.iter().filter_map(move |(name, value)| match parts(name) {
        (base, inner) if base == wanted => Some((*inner.first()?, value.as_str())),
        _ => None,
    })
}
