//! Texts with a value that somebody should not have written there.

use super::{Maker, Random, Sample};

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";
const CAPITALS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const URL: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const HEX: &str = "0123456789abcdef";

/// Every kind of planted value. The bar is a recall of 0.99 for each, of 0.9 for `phone`.
pub const PLANTED: &[Maker<Sample>] = &[
    ("email", |r| within(r, email)),
    ("card", |r| within(r, card)),
    ("iban", |r| within(r, iban)),
    ("ssn", |r| within(r, ssn)),
    ("vendor_key", |r| within(r, vendor_key)),
    ("jwt", |r| within(r, web_token)),
    ("private_key", private_key),
    ("assigned", assigned),
    ("url_password", url_password),
    ("phone", phone),
];

/// What people write around a value. Some of it is not ASCII, some is no sentence.
const AROUND: &[(&str, &str)] = &[
    ("", ""),
    ("Please use ", " from now on."),
    ("The customer wrote ", ", is that right?"),
    ("Für den Kunden gilt (", "), bitte prüfen – danke!"),
    ("| Müller | ", " | open |"),
    ("{\"value\":\"", "\"}"),
    ("see below:\n", "\nregards, Łukasz"),
    ("お客様: ", " です。"),
    ("<p>", "</p>"),
    ("old=", ", new=none"),
    ("a – ", " – b"),
    ("«", "»"),
    ("It was ", "."),
    ("\t", "\t42"),
];

fn within(random: &mut Random, value: fn(&mut Random) -> String) -> Sample {
    let (before, after) = random.pick(AROUND);
    let value = value(random);
    Sample { text: format!("{before}{value}{after}"), value }
}

fn email(random: &mut Random) -> String {
    let length = usize::try_from(random.between(2, 9)).unwrap_or(2);
    let first = random.text(LETTERS, length);
    let last = random.text(LETTERS, length + 1);
    let local = match random.between(0, 6) {
        0 => first,
        1 => format!("{first}.{last}"),
        2 => format!("{}{last}{}", &first[..1], random.digits(2)),
        3 => format!("{first}+{last}"),
        4 => format!("{first}_{last}"),
        5 => format!("{}.{}", first.to_uppercase(), last),
        _ => format!("{first}-{last}"),
    };
    let host = random.text(LETTERS, length);
    let top = random.pick(&["com", "de", "co.uk", "example", "io", "museum", "com.br", "xn--p1ai", "dev"]);
    match random.between(0, 4) {
        0 => format!("{local}@mail.{host}.{top}"),
        1 => format!("{local}@{host}-{}.{top}", random.digits(2)),
        _ => format!("{local}@{host}.{top}"),
    }
}

/// Prefix and length of test numbers that the networks publish.
const NETWORKS: &[(&str, usize)] = &[
    ("4", 16),
    ("4", 16),
    ("4", 16),
    ("51", 16),
    ("52", 16),
    ("53", 16),
    ("54", 16),
    ("55", 16),
    ("2223", 16),
    ("2599", 16),
    ("34", 15),
    ("37", 15),
    ("6011", 16),
    ("645", 16),
    ("65", 16),
    ("36", 14),
    ("3530", 16),
    ("3566", 16),
    ("62", 16),
    ("62", 19),
];

fn card(random: &mut Random) -> String {
    let (prefix, length) = random.pick(NETWORKS);
    let mut number = format!("{prefix}{}", random.digits(length - prefix.len() - 1));
    // The check digit is the one that makes the sum a multiple of ten.
    let doubled = |(place, digit): (usize, char)| {
        let digit = u64::from(digit.to_digit(10).unwrap_or(0));
        let twice = if place % 2 == 0 { digit * 2 } else { digit };
        twice / 10 + twice % 10
    };
    let sum: u64 = number.chars().rev().enumerate().map(doubled).sum();
    number.push_str(&((10 - sum % 10) % 10).to_string());
    let groups: &[usize] = match length {
        15 => &[4, 6, 5],
        14 => &[4, 6, 4],
        19 => &[4, 4, 4, 4, 3],
        _ => &[4, 4, 4, 4],
    };
    let separator = random.pick(&["", "", " ", " ", "-", "\u{A0}", "."]);
    grouped(&number, groups, separator)
}

/// Country, then what the account is made of: digits, letters, either.
const ACCOUNTS: &[(&str, &str)] = &[
    ("DE", "dddddddddddddddddd"),
    ("GB", "lllldddddddddddddd"),
    ("FR", "ddddddddddcccccccccccdd"),
    ("NL", "lllldddddddddd"),
    ("ES", "dddddddddddddddddddd"),
    ("IT", "lddddddddddcccccccccccc"),
    ("CH", "dddddcccccccccccc"),
    ("AT", "dddddddddddddddd"),
    ("BE", "dddddddddddd"),
    ("NO", "ddddddddddd"),
    ("PL", "dddddddddddddddddddddddd"),
    ("SE", "dddddddddddddddddddd"),
    ("PT", "ddddddddddddddddddddd"),
    ("AE", "ddddddddddddddddddd"),
    ("TR", "ddddddcccccccccccccccc"),
];

fn iban(random: &mut Random) -> String {
    let (country, account) = random.pick(ACCOUNTS);
    let part = |kind| match kind {
        'd' => random.digits(1),
        'l' => random.text(CAPITALS, 1),
        // Where a country allows letters, its banks mostly have digits.
        _ => random.text("0123456789012345678901234567890123456789ABCDEFGHIJ", 1),
    };
    let account: String = account.chars().map(part).collect();
    let check = 98 - remainder(&format!("{account}{country}00"));
    let number = format!("{country}{check:02}{account}");
    match random.between(0, 3) {
        0 => number,
        1 => grouped(&number, &[4; 9], "\u{A0}"),
        _ => grouped(&number, &[4; 9], " "),
    }
}

/// Of 97, letters counted from ten.
fn remainder(text: &str) -> u64 {
    let digits: String = text.chars().map(|c| c.to_digit(36).unwrap_or(0).to_string()).collect();
    digits.chars().fold(0, |rest, digit| (rest * 10 + u64::from(digit.to_digit(10).unwrap_or(0))) % 97)
}

fn grouped(text: &str, sizes: &[usize], separator: &str) -> String {
    let mut rest = text;
    let mut groups = Vec::new();
    for size in sizes {
        let (group, further) = rest.split_at((*size).min(rest.len()));
        if !group.is_empty() {
            groups.push(group);
        }
        rest = further;
    }
    groups.join(separator)
}

fn ssn(random: &mut Random) -> String {
    let area = match random.between(1, 898) {
        666 => 667,
        area => area,
    };
    let separator = random.pick(&["-", "-", "-", " "]);
    let (group, serial) = (random.between(1, 99), random.between(1, 9999));
    format!("{area:03}{separator}{group:02}{separator}{serial:04}")
}

fn vendor_key(random: &mut Random) -> String {
    let r = random;
    match r.between(0, 17) {
        0 => format!("AKIA{}", r.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
        1 => format!("ASIA{}", r.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)),
        2 => format!("ghp_{}", r.text(ALNUM, 36)),
        3 => format!("ghs_{}", r.text(ALNUM, 36)),
        4 => format!("github_pat_{}_{}", r.text(ALNUM, 22), r.text(ALNUM, 59)),
        5 => format!("glpat-{}", r.text(URL, 20)),
        6 => format!("xoxb-{}-{}-{}", r.digits(12), r.digits(13), r.text(ALNUM, 24)),
        7 => format!("xoxp-{}-{}-{}-{}", r.digits(11), r.digits(11), r.digits(12), r.text(HEX, 32)),
        8 => format!("sk_live_{}", r.text(ALNUM, 24)),
        9 => format!("rk_live_{}", r.text(ALNUM, 99)),
        10 => format!("AIza{}", r.text(URL, 35)),
        11 => format!("GOCSPX-{}", r.text(URL, 28)),
        12 => format!("ATATT3xFfGF0{}={}", r.text(URL, 180), r.text("0123456789ABCDEF", 8)),
        13 => format!("sk-proj-{}T3BlbkFJ{}", r.text(URL, 74), r.text(URL, 74)),
        14 => format!("sk-ant-api03-{}-{}AA", r.text(URL, 86), r.text(URL, 6)),
        15 => format!(
            "https://hooks.slack.com/services/T{}/B{}/{}",
            r.digits(9),
            r.digits(9),
            r.text(ALNUM, 24)
        ),
        16 => format!("npm_{}", r.text(ALNUM, 36)),
        _ => format!("SG.{}.{}", r.text(URL, 22), r.text(URL, 43)),
    }
    .replace("https://", "")
}

fn web_token(random: &mut Random) -> String {
    let header = random.pick(&[
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJhbGciOiJSUzI1NiJ9",
        "eyJraWQiOiJhIiwiYWxnIjoiRVMyNTYifQ",
    ]);
    let length = usize::try_from(random.between(40, 400)).unwrap_or(40);
    format!("{header}.eyJ{}.{}", random.text(URL, length), random.text(URL, 43))
}

fn private_key(random: &mut Random) -> Sample {
    let label = random.pick(&[
        "RSA PRIVATE KEY",
        "PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
    ]);
    let end = random.pick(&["\n", "\\n", "\r\n"]);
    let lines = usize::try_from(random.between(3, 26)).unwrap_or(3);
    let body: Vec<String> = (0..lines).map(|_| random.text(ALNUM, 64)).collect();
    let value = body[0].clone();
    let body = body.join(end);
    let text = match random.between(0, 3) {
        0 => format!("My key:\n-----BEGIN {label}-----\n{}\n", body.replace(end, "\n")),
        _ => format!("key: -----BEGIN {label}-----{end}{body}{end}-----END {label}----- thanks"),
    };
    Sample { text, value }
}

fn assigned(random: &mut Random) -> Sample {
    let r = random;
    let password = format!("{}{}{}", r.text(CAPITALS, 1), r.text(LETTERS, 6), r.digits(2));
    let odd = format!("{}{}{}", r.text(LETTERS, 5), r.text("!#$%*?", 1), r.digits(3));
    let key = format!("a1{}", r.text(ALNUM, 30));
    let hex = format!("{}0a", r.text(HEX, 38));
    let (before, value, after) = match r.between(0, 13) {
        0 => ("password=", password, ""),
        1 => ("Password: ", password, "\n"),
        2 => ("DB_PASSWORD=", odd, "\nDB_HOST=db"),
        3 => ("{\"password\": \"", odd, "\"}"),
        4 => ("The new password is ", password, ", change it."),
        5 => ("api_key=", key, "&page=2"),
        6 => ("client_secret: ", key, ""),
        7 => ("Authorization: Bearer ", key, "\n"),
        8 => ("X-Api-Key: ", hex, "\nAccept: */*"),
        9 => ("aws_secret_access_key = ", key, ""),
        10 => ("pwd='", odd, "'"),
        11 => ("Passwort: ", password, " (bitte ändern)"),
        12 => ("access_token => \"", hex, "\""),
        _ => ("apiKey: '", key, "',"),
    };
    Sample { text: format!("{before}{value}{after}"), value }
}

fn url_password(random: &mut Random) -> Sample {
    let value = format!("{}{}", random.text(ALNUM, 8), random.text("!*-_.~$", 1));
    let scheme = random.pick(&["postgres", "https", "redis", "amqps", "mongodb+srv"]);
    Sample { text: format!("connect to {scheme}://app:{value}@db.internal:5432/main now"), value }
}

fn phone(random: &mut Random) -> Sample {
    let r = random;
    let value = match r.between(0, 7) {
        0 => format!("+49 30 {}", r.digits(6)),
        1 => format!("+1 (415) 555-0{}", r.digits(3)),
        2 => format!("+44 20 7946 0{}", r.digits(3)),
        3 => format!("+33 6 {} {} {} {}", r.digits(2), r.digits(2), r.digits(2), r.digits(2)),
        4 => format!("+81-3-{}-{}", r.digits(4), r.digits(4)),
        5 => format!("+9198{}", r.digits(8)),
        6 => return announced(r),
        _ => format!("+49/171/{}", r.digits(7)),
    };
    let (before, after) = r.pick(AROUND);
    Sample { text: format!("{before}{value}{after}"), value }
}

/// Without a country, beside a word that says so.
fn announced(r: &mut Random) -> Sample {
    let value = match r.between(0, 3) {
        0 => format!("0171 {}", r.digits(7)),
        1 => format!("(415) 555-0{}", r.digits(3)),
        2 => format!("415.555.0{}", r.digits(3)),
        _ => format!("0{}/{}", r.digits(3), r.digits(6)),
    };
    let before =
        r.pick(&["Tel.: ", "phone ", "Call me at ", "Mobile: ", "Telefon ", "fax no. ", "WhatsApp: "]);
    Sample { text: format!("{before}{value}, thanks"), value }
}
