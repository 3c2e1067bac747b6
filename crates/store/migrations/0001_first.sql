-- Written for PostgreSQL; SQLite takes any name of a type. Times are milliseconds since 1970, UTC.

CREATE TABLE chancery_operations (
    tenant      TEXT   NOT NULL,
    caller      TEXT   NOT NULL,
    tool        TEXT   NOT NULL,
    id          TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    state       TEXT   NOT NULL CHECK (state IN ('started', 'done', 'unknown')),
    -- Which claim holds a started operation, and until when unless it is renewed.
    claim       TEXT   NOT NULL,
    lease_until BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    -- Kept until the operation is done, so that it can be reconciled without its caller.
    arguments   BYTEA  NOT NULL,
    answer      BYTEA,
    begun_at    BIGINT NOT NULL,
    changed_at  BIGINT NOT NULL,
    keep_until  BIGINT NOT NULL,
    PRIMARY KEY (tenant, caller, tool, id)
);
CREATE INDEX chancery_operations_id ON chancery_operations (id);
CREATE INDEX chancery_operations_keep ON chancery_operations (keep_until);
CREATE INDEX chancery_operations_open ON chancery_operations (lease_until) WHERE state <> 'done';

CREATE TABLE chancery_plans (
    handle         TEXT   NOT NULL PRIMARY KEY,
    tenant         TEXT   NOT NULL,
    caller         TEXT   NOT NULL,
    tool           TEXT   NOT NULL,
    digest         TEXT   NOT NULL,
    arguments      BYTEA  NOT NULL,
    shown          BYTEA  NOT NULL,
    record_version TEXT,
    created_at     BIGINT NOT NULL,
    expires_at     BIGINT NOT NULL,
    -- Set when the plan is consumed: the operation it became, and the claim that made it so.
    operation      TEXT,
    claim          TEXT,
    keep_until     BIGINT NOT NULL
);
CREATE INDEX chancery_plans_keep ON chancery_plans (keep_until);

CREATE TABLE chancery_approvals (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant      TEXT   NOT NULL,
    requester   TEXT   NOT NULL,
    tool        TEXT   NOT NULL,
    operation   TEXT   NOT NULL,
    digest      TEXT   NOT NULL,
    shown       BYTEA  NOT NULL,
    plan        TEXT,
    state       TEXT   NOT NULL CHECK (state IN ('open', 'approved', 'denied')),
    approver    TEXT,
    reason      TEXT,
    signature   BYTEA,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL,
    decided_at  BIGINT,
    redeemed_at BIGINT,
    keep_until  BIGINT NOT NULL,
    UNIQUE (tenant, requester, tool, operation),
    CHECK (approver IS NULL OR approver <> requester)
);
CREATE INDEX chancery_approvals_open ON chancery_approvals (tenant, created_at) WHERE state = 'open';
CREATE INDEX chancery_approvals_keep ON chancery_approvals (keep_until);

CREATE TABLE chancery_budgets (
    tenant     TEXT   NOT NULL,
    level      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    -- Days since 1970, UTC.
    day        BIGINT NOT NULL,
    call_count BIGINT NOT NULL,
    row_count  BIGINT NOT NULL,
    byte_count BIGINT NOT NULL,
    PRIMARY KEY (tenant, level, name, day)
);
CREATE INDEX chancery_budgets_day ON chancery_budgets (day);

CREATE TABLE chancery_tenants (
    id         TEXT   NOT NULL PRIMARY KEY,
    -- Grows with every change of any tenant, so that a reader asks only for what is new.
    version    BIGINT NOT NULL UNIQUE,
    -- Absent once the tenant is removed; the row stays, so that readers learn of it.
    document   TEXT,
    changed_at BIGINT NOT NULL
);

CREATE TABLE chancery_counters (
    name  TEXT   NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO chancery_counters (name, value) VALUES ('tenants', 0);
