//! What documents say.

/// Title and body of minutes.
pub(super) const MINUTES: [(&str, &str); 7] = [
    (
        "Weekly operations",
        "## Numbers\n\nAvailability 99.97 %, two incidents.\n\n## Decisions\n\n- The nightly jobs start an hour later.\n- Runbooks without owner are given away next week.\n",
    ),
    (
        "Checkout guild",
        "## Topics\n\n1. Safari and frames\n2. Retries of the card form\n\n## Decisions\n\nNo new browser features before the season.\n",
    ),
    (
        "Sales forecast",
        "## Commit\n\nOn plan in EMEA, behind in the Americas.\n\n## Actions\n\n- Close dates in the past are corrected until Friday.\n",
    ),
    (
        "Procurement round",
        "## Contracts\n\nThree end next quarter; the buyers bring offers.\n\n## Late suppliers\n\nPenalties are claimed from now on.\n",
    ),
    ("Retrospective", "## Good\n\nThe release was calm.\n\n## Better\n\nFewer alerts that nobody acts on.\n"),
    (
        "Privacy board",
        "## Register\n\nOne new entry, closed.\n\n## Training\n\nNew colleagues until the end of the month.\n",
    ),
    (
        "Data and reports",
        "## Reports\n\nLarge merchants wait too long. A split by day is tried.\n\n## Open\n\nWho owns the old export?\n",
    ),
];

/// Title and body of designs and decisions.
pub(super) const DESIGNS: [(&str, &str); 10] = [
    (
        "Decision: one queue for each country",
        "## Context\n\nOne late country delayed all.\n\n## Decision\n\nA queue for each, workers shared.\n\n## Consequence\n\nMore queues to watch.\n",
    ),
    (
        "Design: reports by day",
        "## Goal\n\nNo report above 50,000 rows.\n\n## Approach\n\nSplit by day, joined on download.\n",
    ),
    (
        "Decision: keep the ledger append-only",
        "## Decision\n\nCorrections are new entries.\n\n## Why\n\nAuditors, and sleep.\n",
    ),
    (
        "Design: connection pools",
        "## Rule\n\nA request holds **one** connection. Checks inside of it borrow that one.\n\n## Limits\n\n100 a service, 500 a database.\n",
    ),
    ("Design: retries of webhooks", "## Schedule\n\nAfter 1, 5, 30 minutes, then hourly for three days.\n"),
    (
        "Decision: drop the old card form",
        "## Decision\n\nRemoved with 4.2.\n\n## Risk\n\nTwo merchants embed it.\n",
    ),
    ("Design: dark mode of the portal", "## Colors\n\nAmounts have a contrast of at least 7.\n"),
    ("Decision: time zones in reports", "## Decision\n\nThe merchant's zone, written in the header.\n"),
    (
        "Design: fraud features",
        "## Inputs\n\nAmount, country, age of the account.\n\n## Not used\n\nNames and nationality.\n",
    ),
    (
        "Load test of the season",
        "## Result\n\n| load | p99 |\n|---|---|\n| 1 x | 120 ms |\n| 3 x | 410 ms |\n",
    ),
];

/// Title, topic and rule of policies.
pub(super) const POLICIES: [(&str, &str, &str); 8] = [
    (
        "Access Control Policy",
        "access control",
        "Access is asked for, approved by the owner of the system, and reviewed twice a year.",
    ),
    ("Backup Policy", "backups", "Daily, kept for 35 days, restored once a quarter to see that it works."),
    (
        "Change Management Policy",
        "change management",
        "High risk needs two reviewers and a way back. No changes on Fridays after noon.",
    ),
    (
        "Vendor Risk Policy",
        "supplier risk",
        "Suppliers with personal data are assessed before the first order and each year.",
    ),
    ("Expenses Policy", "expenses", "Receipts within 14 days; meals up to 60 EUR a day."),
    (
        "Refund Approval Policy",
        "refunds",
        "Up to 500 EUR by support, up to 10,000 EUR by finance, above by the controller.",
    ),
    ("Complaints Policy", "complaints", "Answered within 15 working days, in the customer's language."),
    (
        "Whistleblowing Policy",
        "whistleblowing",
        "Reports are confidential, and nobody is punished for one made in good faith.",
    ),
];

/// Alert, symptom and steps of runbooks.
pub(super) const RUNBOOKS: [(&str, &str, &str); 8] = [
    (
        "ERR_UPSTREAM_SLOW",
        "answers are slow",
        "1. Compare with yesterday at the same hour.\n2. Look for batch jobs.\n3. Ask the provider.\n",
    ),
    (
        "ERR_TLS_EXPIRED",
        "connections are refused",
        "1. Read the certificate's end date.\n2. Renew it from the vault.\n3. Reload, do not restart.\n",
    ),
    (
        "ERR_QUEUE_LAG",
        "the queue grows",
        "1. Find consumers without progress.\n2. Replace them one by one.\n3. Watch until the queue is empty.\n",
    ),
    (
        "ERR_DISK_FULL",
        "disks are nearly full",
        "1. List the largest folders.\n2. Remove logs older than a week.\n3. Raise the limit if it happens again.\n",
    ),
    (
        "ERR_OUT_OF_MEMORY",
        "instances restart by themselves",
        "1. Save a heap dump.\n2. Restart one instance at a time.\n3. Compare the version with last week's.\n",
    ),
    (
        "ERR_SESSION_LOST",
        "users are signed out",
        "1. Compare the clocks of all hosts.\n2. Check the session store.\n",
    ),
    (
        "ERR_ROUTE",
        "one region cannot reach it",
        "1. Trace from both sides.\n2. Move traffic to the other region.\n3. Open a ticket at the provider.\n",
    ),
    (
        "ERR_SIGNIN_FLOOD",
        "many sign-ins fail",
        "1. Find the network.\n2. Block it for an hour.\n3. Tell Security and Privacy.\n",
    ),
];
