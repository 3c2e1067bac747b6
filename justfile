# Every recipe is one line; what needs more is a command of xtask.

# List the recipes
default:
    @just --list

# Everything that CI checks
ci:
    bash .ci/run

# Watch an agent work a backlog over the sandbox
demo *args:
    cargo demo {{args}}

# All tests
test *args:
    cargo test {{args}}

# The house rules
tidy *args:
    cargo xtask tidy {{args}}

# Accept the contracts and tables as they are now
bless:
    cargo xtask bless

# Speed and size beside floor and rivals
bench *args:
    cargo xtask bench {{args}}

# Format the code
fmt:
    cargo fmt

# The lints, as CI runs them
lint:
    cargo clippy --workspace --all-targets --locked -- -D warnings

# Licences, sources and banned crates
deny:
    cargo deny --offline check licenses bans sources

# The documentation, in a browser
doc:
    cargo doc --no-deps --open
