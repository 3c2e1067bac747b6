//! The statements, alike for both databases.

/// Locks the counter until the request is committed: calls at once, of whatever replica, are counted one after the
/// other.
pub(super) const TURN: &str = "INSERT INTO chancery_counters AS c (name, value) VALUES ('approvals', 1)
    ON CONFLICT (name) DO UPDATE SET value = c.value + 1
    RETURNING 1";

/// A refusal stands for as long as its row; what expired or was used makes room.
pub(super) const ASK: &str = "INSERT INTO chancery_approvals AS a
        (tenant, requester, tool, operation, id, digest, shown, plan, state, created_at, expires_at, keep_until)
    SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'open', $9, $10, $11
    WHERE (SELECT count(*) FROM chancery_approvals AS o
        WHERE o.tenant = $1 AND o.requester = $2 AND o.state = 'open' AND o.expires_at > $9) < $12
    ON CONFLICT (tenant, requester, tool, operation) DO UPDATE SET
        id = excluded.id, digest = excluded.digest, shown = excluded.shown, plan = excluded.plan, state = 'open',
        approver = NULL, reason = NULL, signature = NULL, decided_at = NULL, redeemed_at = NULL,
        created_at = excluded.created_at, expires_at = excluded.expires_at, keep_until = excluded.keep_until
    WHERE a.state <> 'denied' AND (a.expires_at <= $9 OR a.redeemed_at IS NOT NULL)
    RETURNING 1";

pub(super) const FIND: &str = "SELECT * FROM chancery_approvals
    WHERE tenant = $1 AND requester = $2 AND tool = $3 AND operation = $4";

pub(super) const OPEN: &str = "SELECT * FROM chancery_approvals
    WHERE tenant = $1 AND requester = $2 AND tool = $3 AND digest = $4 AND state = 'open' AND expires_at > $5
    ORDER BY created_at DESC, id LIMIT 1";

/// A row where there are more than so many.
pub(super) const HELD: &str = "SELECT 1 FROM chancery_approvals
    WHERE tenant = $1 AND requester = $2 AND state = 'open' AND expires_at > $3 LIMIT 1 OFFSET $4";

pub(super) const SHOW: &str = "SELECT * FROM chancery_approvals WHERE tenant = $1 AND id = $2";

pub(super) const WAITING: &str = "SELECT * FROM chancery_approvals
    WHERE tenant = $1 AND state = 'open' AND expires_at > $2 AND (created_at, id) > ($3, $4)
    ORDER BY created_at, id LIMIT $5";

pub(super) const DECIDE: &str = "UPDATE chancery_approvals
    SET approver = $3, state = $4, reason = $5, signature = $6, decided_at = $8
    WHERE tenant = $1 AND id = $2 AND state = 'open' AND expires_at > $7 AND requester <> $3
    RETURNING *";

pub(super) const REDEEM: &str = "UPDATE chancery_approvals SET redeemed_at = $6
    WHERE tenant = $1 AND requester = $2 AND tool = $3 AND operation = $4 AND digest = $5
        AND state = 'approved' AND redeemed_at IS NULL AND expires_at > $6
    RETURNING 1";
