use clap::Parser as _;

use super::*;

fn parse(line: &str) -> Result<Line, clap::Error> {
    Line::try_parse_from(std::iter::once("chancery-shelf").chain(line.split_whitespace()))
}

#[test]
fn the_line_is_sound() {
    Line::command().debug_assert();
}

#[test]
fn common_flags_go_with_every_command_that_opens_the_house() {
    for command in ["stdio", "serve", "call get_item {}", "check"] {
        parse(&format!("{command} --sandbox --read-only --config c.toml --log-format json")).unwrap();
    }
    assert!(parse("tools --sandbox").is_err(), "the contract is the same everywhere");
}

#[test]
fn addresses_and_times_are_checked_where_they_are_typed() {
    let refused = |line| parse(line).err().map(|error| error.to_string()).unwrap_or_default();
    for port_alone in ["serve --listen 8080", "serve --admin localhost:9090", "sandbox jira --listen nowhere"]
    {
        assert!(refused(port_alone).contains("such as 127.0.0.1:8080"), "{port_alone}");
    }
    assert!(parse("serve --listen 127.0.0.1:0 --admin 127.0.0.1:0").is_ok());
    assert!(refused("audit query --since yesterday").contains("such as 2026-11-01T00:00:00Z"));
    assert!(parse("audit query --since 2026-11-01T00:00:00Z --dir a --dir b --text").is_ok());
    assert!(parse("audit verify --dir a --json").is_ok());
}

#[test]
fn a_key_has_a_subject_a_scope_and_an_end() {
    assert!(
        parse("keys create --subject a --scope shelf:read --scope shelf:write --role r --days 30").is_ok()
    );
    for bad in [
        "--scope shelf:read",
        "--subject a",
        "--subject a --scope s --days 0",
        "--subject a --scope s --days 367",
    ] {
        assert!(parse(&format!("keys create {bad}")).is_err(), "{bad}");
    }
    assert!(parse("keys list --json --config c.toml").is_ok() && parse("keys revoke abc").is_ok());
    assert!(parse("keys revoke").is_err());
}

#[test]
fn a_tenant_has_a_name_and_terms() {
    assert!(parse("tenants set acme --terms - --config c.toml").is_ok());
    assert!(parse("tenants set acme").is_err() && parse("tenants remove").is_err());
    assert!(parse("tenants list --json").is_ok() && parse("tenants remove acme").is_ok());
}
