//! What the transport counts.

use metrics::{Counter, Gauge, Unit, counter, describe_counter, describe_gauge, gauge};

const CONNECTIONS: &str = "chancery_http_connections";
const TURNED_AWAY: &str = "chancery_http_connections_turned_away_total";
const IN_FLIGHT: &str = "chancery_http_requests_in_flight";
const REQUESTS: &str = "chancery_http_requests_total";

/// Gives the transport's metrics their help texts, in the recorder that is installed.
pub fn describe() {
    describe_gauge!(CONNECTIONS, Unit::Count, "Open connections of the MCP listener.");
    describe_counter!(TURNED_AWAY, Unit::Count, "Connections closed at once because the cap was reached.");
    describe_gauge!(IN_FLIGHT, Unit::Count, "MCP requests being answered.");
    describe_counter!(REQUESTS, Unit::Count, "MCP requests by class of HTTP status.");
}

/// Handles are looked up once: a lookup by name costs more than the count.
pub(super) struct Meters {
    pub(super) connections: Gauge,
    pub(super) turned_away: Counter,
    pub(super) in_flight: Gauge,
    requests: [Counter; 4],
}

impl Meters {
    pub(super) fn new() -> Self {
        Self {
            connections: gauge!(CONNECTIONS),
            turned_away: counter!(TURNED_AWAY),
            in_flight: gauge!(IN_FLIGHT),
            requests: ["2xx", "3xx", "4xx", "5xx"].map(|class| counter!(REQUESTS, "status" => class)),
        }
    }

    pub(super) fn answered(&self, status: http::StatusCode) {
        if let Some(class) = self.requests.get(usize::from(status.as_u16() / 100).wrapping_sub(2)) {
            class.increment(1);
        }
    }
}

/// One more, until dropped.
pub(super) struct OneMore(Gauge);

impl OneMore {
    pub(super) fn of(gauge: &Gauge) -> Self {
        gauge.increment(1.0);
        Self(gauge.clone())
    }
}

impl Drop for OneMore {
    fn drop(&mut self) {
        self.0.decrement(1.0);
    }
}
