//! Names of companies and people that do not exist.

/// Key, name, country, city, currency, industry.
pub(super) type Company =
    (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str);

/// Customers beside the written ones.
#[rustfmt::skip]
pub(super) const ACCOUNTS: [Company; 46] = [
    ("alpenglow", "Alpenglow Sport AG", "AT", "Innsbruck", "EUR", "Retail"),
    ("baltic-ferries", "Baltic Ferries Oy", "FI", "Helsinki", "EUR", "Travel"),
    ("librairie-lune", "Librairie de la Lune", "FR", "Lyon", "EUR", "Retail"),
    ("brezel", "Brezel & Co. GmbH", "DE", "Stuttgart", "EUR", "Food"),
    ("caldera", "Caldera Hoteles, S.A.", "ES", "La Laguna", "EUR", "Travel"),
    ("canal-bikes", "Canal Bikes B.V.", "NL", "Amsterdam", "EUR", "Mobility"),
    ("casa-verde", "Casa Verde Arredi S.r.l.", "IT", "Firenze", "EUR", "Retail"),
    ("delta-farmacie", "Delta Farmacie S.p.A.", "IT", "Bologna", "EUR", "Health"),
    ("dolomiti", "Dolomiti Skipass", "IT", "Bolzano", "EUR", "Events"),
    ("emeraude", "Émeraude Cosmétiques SAS", "FR", "Rennes", "EUR", "Retail"),
    ("fjell-fritid", "Fjell & Fritid AS", "NO", "Bergen", "EUR", "Retail"),
    ("zabawki", "Zabawki Gdańsk Sp. z o.o.", "PL", "Gdańsk", "EUR", "Retail"),
    ("leie-media", "Leie Media N.V.", "BE", "Gent", "EUR", "Media"),
    ("iberica-rail", "Ibérica Rail Tours, Lda.", "PT", "Lisboa", "EUR", "Travel"),
    ("jysk-moebler", "Østjysk Møbler A/S", "DK", "Aarhus", "EUR", "Retail"),
    ("kalmar-bryggeri", "Kalmar Bryggeri AB", "SE", "Kalmar", "EUR", "Food"),
    ("liffey-tickets", "Liffey Tickets DAC", "IE", "Dublin", "EUR", "Events"),
    ("malta-dive", "Malta Dive Centre", "MT", "Valletta", "EUR", "Travel"),
    ("oresund-optik", "Øresund Optik ApS", "DK", "København", "EUR", "Health"),
    ("knihy-vltava", "Knihy Vltava s.r.o.", "CZ", "Praha", "EUR", "Retail"),
    ("riga-wear", "Rīga Wear SIA", "LV", "Rīga", "EUR", "Retail"),
    ("rheinstrom", "Rheinstrom Energie AG", "DE", "Köln", "EUR", "Utilities"),
    ("thessalia", "Θεσσαλία Τρόφιμα Α.Ε.", "GR", "Λάρισα", "EUR", "Food"),
    ("zagreb-gym", "Zagreb Gym d.o.o.", "HR", "Zagreb", "EUR", "Sports"),
    ("opernkarten", "Wiener Opernkarten GmbH", "AT", "Wien", "EUR", "Events"),
    ("ashford-tools", "Ashford Tools Co.", "US", "Cleveland", "USD", "Retail"),
    ("cascade-news", "Cascade News Group", "US", "Spokane", "USD", "Media"),
    ("desert-solar", "Desert Solar, Inc.", "US", "Phoenix", "USD", "Utilities"),
    ("evergreen-vet", "Evergreen Veterinary Partners", "US", "Boise", "USD", "Health"),
    ("granite-gear", "Granite Peak Gear LLC", "US", "Salt Lake City", "USD", "Retail"),
    ("hudson-school", "Hudson School Supplies", "US", "Albany", "USD", "Retail"),
    ("lakeshore-arenas", "Lakeshore Arenas, Inc.", "US", "Milwaukee", "USD", "Events"),
    ("magnolia-home", "Magnolia Lane Home", "US", "Savannah", "USD", "Retail"),
    ("pacific-pods", "Pacific Pods Coffee", "US", "San Diego", "USD", "Food"),
    ("quill-ink", "Quill & Ink Stationers", "US", "Boston", "USD", "Retail"),
    ("redwood-rides", "Redwood Rides, Inc.", "US", "Oakland", "USD", "Mobility"),
    ("maple-telecom", "Maple Ridge Telecom", "CA", "Montréal", "USD", "Utilities"),
    ("andes-outdoor", "Andes Ñandú Outdoor SpA", "CL", "Santiago", "USD", "Retail"),
    ("hikari-denki", "光電機株式会社 (Hikari Denki)", "JP", "名古屋市", "JPY", "Retail"),
    ("minato-foods", "港フーズ株式会社", "JP", "横浜市", "JPY", "Food"),
    ("fuji-rail", "富士観光鉄道", "JP", "静岡市", "JPY", "Travel"),
    ("kyoto-tea", "京都茶舗 (Kyoto Tea House)", "JP", "京都市", "JPY", "Food"),
    ("umi-media", "海メディア", "JP", "福岡市", "JPY", "Media"),
    ("sapporo-snow", "札幌スノーパーク", "JP", "札幌市", "JPY", "Events"),
    ("dhow-market", "Dhow Market Co.", "KW", "Kuwait City", "KWD", "Marketplace"),
    ("desert-rose", "Desert Rose Perfumes وردة الصحراء", "KW", "Kuwait City", "KWD", "Retail"),
];

/// First and last names by the currency of the region; any first goes with any last.
pub(super) fn people(currency: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match currency {
        "USD" => (
            &[
                "Avery", "Blake", "Carmen", "Devon", "Elena", "Frank", "Gloria", "Hector", "Iris", "Jamal",
                "Kelly",
            ],
            &[
                "Abbott", "Castillo", "Dawson", "Espinoza", "Fletcher", "Greene", "Huang", "Ibarra",
                "Jensen", "Kaminski",
            ],
        ),
        "JPY" => (
            &["Akira", "Hana", "Kenji", "Mio", "Naoki", "Riko", "翔太", "美咲", "大輔"],
            &["Inoue", "Kobayashi", "Matsuda", "Ogawa", "Shimizu", "渡辺", "中村", "小林"],
        ),
        "KWD" => (&["Abdullah", "Dalal", "Fahad", "Maha"], &["Al-Mutairi", "Al-Rashid", "Al-Enezi"]),
        _ => (
            &[
                "Agnès",
                "Bartosz",
                "Cédric",
                "Dóra",
                "Elif",
                "Fiona",
                "Giulia",
                "Håkon",
                "Inês",
                "Jürgen",
                "Kristýna",
                "Lars",
                "Márta",
            ],
            &[
                "Andersen",
                "Bianchi",
                "Černý",
                "Dubois",
                "Eriksen",
                "Fernández",
                "García-Núñez",
                "Hoffmann",
                "Jovanović",
                "Kowalski",
                "Łukasik",
                "Müller",
            ],
        ),
    }
}

/// Beginnings of suppliers' names.
pub(super) const SUPPLIER_NAMES: [&str; 17] = [
    "Alder",
    "Birkenfeld",
    "Castellan",
    "Dunmore",
    "Eider",
    "Fallow",
    "Glen Orme",
    "Havel",
    "Isar",
    "Juniper",
    "Kestrel Hill",
    "Linde",
    "Møller",
    "Norrland",
    "Okapi",
    "Perla",
    "Quarry",
];

/// What suppliers do, and what is ordered from them: name and price in euros from, to.
pub(super) type Trade = (&'static str, &'static [(&'static str, i64, i64)]);

/// Every trade.
pub(super) const TRADES: [Trade; 8] = [
    ("Logistics", &[("Parcel delivery of terminals", 4, 19), ("Pallet storage, month", 8, 30)]),
    ("Software", &[("Licence seat, year", 80, 900), ("Support contract, year", 2000, 18000)]),
    ("Print", &[("Stickers for shop doors, 1,000", 60, 240), ("Brochures, 500", 150, 700)]),
    ("Consulting", &[("Security test, day", 900, 1600), ("Audit preparation, day", 1000, 1900)]),
    (
        "Hardware",
        &[
            ("Rack server", 4200, 9800),
            ("Network switch, 48 ports", 1900, 5200),
            ("Laptop 14 inch", 1100, 2100),
        ],
    ),
    ("Facilities", &[("Office cleaning, month", 1400, 3600), ("Plants, month", 90, 300)]),
    ("Events", &[("Stand at a trade fair", 6000, 21000), ("Catering, person", 25, 80)]),
    ("Staffing", &[("Translator, day", 300, 620), ("Support agent, day", 240, 380)]),
];
