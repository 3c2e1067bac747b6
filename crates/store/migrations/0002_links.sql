-- One-time links that were used. A link itself is nowhere but in the hands of whom it was made for.

CREATE TABLE chancery_links (
    tenant     TEXT   NOT NULL,
    -- A digest of the link.
    link       TEXT   NOT NULL,
    keep_until BIGINT NOT NULL,
    PRIMARY KEY (tenant, link)
);
CREATE INDEX chancery_links_keep ON chancery_links (keep_until);
