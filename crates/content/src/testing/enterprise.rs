//! A company's own ids and numbers: nobody is to be protected from them, and an agent cannot work without them.

use super::{Maker, Random};

const HEX: &str = "0123456789abcdef";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// Every kind of id, in the words it comes with. The bar is one text in a hundred with anything found.
pub const ENTERPRISE: &[Maker<String>] = &[
    ("ticket_key", |r| {
        let key = r.text(CAPITALS, 3);
        format!("{key}-{} blocks {key}-{} and INC00{}", r.between(1, 99_999), r.between(1, 999), r.digits(8))
    }),
    ("order_number", |r| {
        let number = format!("{}{}", r.between(1, 9), r.digits(15));
        let short = r.digits(10);
        let around =
            r.pick(&["Order ", "order no. ", "PO-", "SO_", "order id: ", "#", "/orders/", "Bestellung "]);
        format!("{around}{number} replaces order {short}")
    }),
    ("uuid", |r| format!("trace {} of request {}", uuid(r), uuid(r))),
    ("commit", |r| format!("commit {} (was {}) is on main", r.text(HEX, 40), r.text(HEX, 7))),
    ("digest", |r| format!("image web@sha256:{} and md5 {}", r.text(HEX, 64), r.text(HEX, 32))),
    ("invoice", |r| {
        let year = r.between(2015, 2030);
        format!("INV-{year}-{} / RE {year} {} {} / {}", r.digits(6), r.digits(4), r.digits(4), r.digits(10))
    }),
    ("phone_like", |r| {
        let (a, b, c) = (r.digits(3), r.digits(4), r.digits(4));
        format!("Part {a}-{b}, seat {b}-{c}, TEL-{b}-{c}, meter 0{a} {b} {c}, device 0{}", r.digits(10))
    }),
    ("sap_document", |r| {
        let (a, b, c) = (r.digits(8), r.digits(8), r.digits(10));
        format!("FI 51{a}, PO 45{b}, delivery 00{a}, material 00000000{c}, batch {c}, GL 0000{}", r.digits(6))
    }),
    ("date", |r| {
        let (y, m, d) = (r.between(1990, 2035), r.between(1, 12), r.between(1, 28));
        let (h, n, s) = (r.between(0, 23), r.between(0, 59), r.between(0, 59));
        format!(
            "{y}-{m:02}-{d:02}T{h:02}:{n:02}:{s:02}.{}+0{}:00, {d:02}.{m:02}.{y} {h:02}:{n:02}, {y}{m:02}{d:02}{h:02}{n:02}{s:02}",
            r.digits(3),
            r.between(0, 9)
        )
    }),
    ("epoch", |r| format!("ts=17{} ns 17{} s 17{}", r.digits(11), r.digits(17), r.digits(8))),
    ("address_of_machine", |r| {
        let part = |r: &mut Random| r.between(0, 255);
        let (a, b, c, d) = (part(r), part(r), part(r), part(r));
        format!("{a}.{b}.{c}.{d}:8443, fe80::{}:{}, v{a}.{b}.{c}", r.text(HEX, 4), r.text(HEX, 4))
    }),
    ("record_id", |r| {
        format!("0065g00000{} 001{} sys_id {}", r.text(ALNUM, 8), r.text(ALNUM, 12), r.text(HEX, 32))
    }),
    ("money", |r| {
        let (a, b) = (r.between(1, 999), r.between(100, 999));
        format!("EUR {a}.{b}.000,00 and $ {a},{b},{b}.50; {a} {b} {b} units, {}%", r.between(1, 99))
    }),
    ("barcode", |r| {
        format!(
            "40{} (EAN), SKU {}, ISBN 978-3-{}-{}-{}",
            r.digits(11),
            r.digits(12),
            r.digits(2),
            r.digits(6),
            r.digits(1)
        )
    }),
    ("diff", |r| {
        let line = r.between(100, 999);
        format!(
            "@@ -{line},7 +{line},9 @@\n+20240501 {}\n+  retries: {}\ngit@github.com:acme/web.git",
            r.digits(4),
            r.digits(2)
        )
    }),
    ("code", |r| {
        let name = r.pick(&["token", "password", "secret", "api_key"]);
        format!(
            "{name} = settings.{name}; {name}: required, see docs. if {name} == null {{ return {} }}",
            r.digits(3)
        )
    }),
    ("handle", |r| {
        format!(
            "@{} pushed icon@2x.png, types @types/node@{}.1.0 by Jane",
            r.text("abcdef", 6),
            r.between(1, 20)
        )
    }),
];

fn uuid(r: &mut Random) -> String {
    let parts = [8, 4, 4, 4, 12].map(|count| r.text(HEX, count));
    parts.join("-")
}
