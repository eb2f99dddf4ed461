//! What templates leave open: `<person>`, `<gain>`, `<mail>` and the like. Everybody and everything is invented.

use rand::{Rng, rngs::StdRng, seq::IndexedRandom};

const GIVEN: [&str; 40] = [
    "Amelia", "Brielle", "Carla", "Denise", "Evelyn", "Fiona", "Grace", "Hannah", "Ingrid",
    "Joyce", "Kathleen", "Lucia", "Marta", "Nadine", "Olivia", "Priya", "Rosalie", "Selma",
    "Tamara", "Vera", "Adrian", "Bernard", "Cedric", "Dmitri", "Elias", "Felix", "Gustav",
    "Henrik", "Ivan", "Jonas", "Kofi", "Leon", "Marcus", "Nils", "Oscar", "Pavel", "Rashid",
    "Samuel", "Tobias", "Walter",
];
const FAMILY: [&str; 32] = [
    "Ashcombe",
    "Bellweather",
    "Crawley",
    "Donnellan",
    "Eastmoor",
    "Fairburn",
    "Goldhurst",
    "Hargrove",
    "Ironwood",
    "Jessup",
    "Kingsley",
    "Larkspur",
    "Merriweather",
    "Northcott",
    "Oakenfold",
    "Penhallow",
    "Quarrington",
    "Redfern",
    "Silverton",
    "Thackeray",
    "Underhill",
    "Vanterpool",
    "Whitlock",
    "Yardley",
    "Okonjo",
    "Mendieta",
    "Lindqvist",
    "Kowalke",
    "Sorensen",
    "Baptista",
    "Demirkan",
    "Ivanchenko",
];
const TITLES: [&str; 10] =
    ["Mrs", "Mr", "Ms", "Dr", "Madam", "Sir", "Expert", "Coach", "mrs", "mr"];
const TRADES: [&str; 20] = [
    "fx",
    "trades",
    "forex",
    "invest",
    "crypto",
    "_options",
    "wealth",
    "profits",
    "capital",
    "_signals",
    "miner",
    "pips",
    "assets",
    "_finance",
    "earns",
    "trader",
    "investments",
    "_fxtrade",
    "btc",
    "money",
];
const FIRMS: [&str; 14] = [
    "Quantum Trace Recovery",
    "Hexa Cyber Agency",
    "Cipher Rescue",
    "Wizard Larry Tech",
    "Apex Funds Reclaim",
    "Blockhound Intelligence",
    "Rapid Digital Retrievers",
    "Lost Coin Wizards",
    "Iron Ledger Experts",
    "Geo Coin Tracers",
    "Spectral Hack Team",
    "Jet Webhackers",
    "Trust Geeks Firm",
    "Omega Asset Finders",
];
const KEYWORDS: [&str; 40] = [
    "AC repair in Dubai",
    "SEO Company in Bangalore",
    "Best Divorce Lawyer",
    "Packers and Movers Pune",
    "Digital Marketing Course",
    "Cheap Carpet Cleaning",
    "Custom Logo Design",
    "Hair Transplant Clinic",
    "Online Casino Bonus",
    "Java Training in Chennai",
    "Villa for Rent",
    "Printer Support Number",
    "Keto Gummies Shop",
    "Essay Writing Service",
    "Web Design Company",
    "Escorts in Mumbai",
    "Payday Loans Online",
    "Replica Watches",
    "Roof Repair Contractor",
    "Kitchen Remodeling",
    "Wholesale Handbags",
    "IPTV Subscription",
    "Mobile App Developers",
    "Airport Taxi Service",
    "Dental Implants Turkey",
    "Safety Shoes Supplier",
    "Steel Pipe Manufacturer",
    "Data Science Training",
    "Wedding Photographer",
    "Cruise Deals",
    "Plumber Near Me",
    "Umzug Berlin günstig",
    "Serrurier Paris",
    "Detective Agency",
    "Pest Control Services",
    "Antivirus Customer Care",
    "Used Cars for Sale",
    "CBD Oil Store",
    "Women's Fashion Online",
    "Spoken English Institute",
];
const BRANDS: [&str; 16] = [
    "Printex",
    "Norvax",
    "Quickledger",
    "Routero",
    "Mailora",
    "Skyjet",
    "Deltara",
    "Zentify AI",
    "Guardly",
    "Cloudwarden",
    "Betwinner77",
    "Luckora",
    "Panorama Mail",
    "Kanox",
    "Epsolon",
    "Avastor",
];
const SLOTS: [&str; 14] = [
    "NAGA88", "HOKI777", "DEWA99", "MACAN303", "ZEUS138", "RAJA77", "BOLA4D", "SAKTI500",
    "MEGA308", "WIN4D", "ASTRO17", "PUSAKA55", "LUNA777", "GARUDA88",
];
const CITIES: [&str; 16] = [
    "Dubai",
    "Bangalore",
    "London",
    "Lagos",
    "Houston",
    "Manila",
    "Toronto",
    "Berlin",
    "Istanbul",
    "Jakarta",
    "Lisbon",
    "Chennai",
    "Sydney",
    "Lyon",
    "Warsaw",
    "Delhi",
];
const TOPICS: [&str; 24] = [
    "certificates",
    "rate-limits",
    "backups",
    "lifetimes",
    "phishing kits",
    "passkeys",
    "log rotation",
    "the parser",
    "nftables",
    "indexes",
    "container escapes",
    "firmware",
    "session cookies",
    "DNS",
    "threads",
    "cross-validation",
    "the borrow checker",
    "OAuth",
    "query plans",
    "sandboxing",
    "caching",
    "the LIME example",
    "ransomware notes",
    "IPv6",
];
const MONTHS: [&str; 6] = ["January", "March", "May", "August", "October", "December"];
const MAIL_HOSTS: [&str; 8] = [
    "gmail.com",
    "gmail.com",
    "outlook.com",
    "proton.me",
    "yahoo.com",
    "mail.example",
    "zohomail.example",
    "mail.ru",
];
const SUFFIXES: [&str; 10] =
    ["com", "com", "net", "org", "xyz", "top", "site", "online", "shop", "example"];
const STEMS: [&str; 16] = [
    "best-deals",
    "fastcash",
    "topbonus",
    "onlinehelp",
    "writerpro",
    "getnow",
    "cheapstore",
    "megaplay",
    "smartsolution",
    "royalservices",
    "primedownload",
    "healthplus",
    "easyjob",
    "claimgift",
    "hotmeet",
    "seobooster",
];
const COINS: [&str; 6] = ["BTC", "ETH", "USDT", "SOL", "XRP", "DOGE"];

/// Fills every slot of a text. Names in angle brackets that are no slots stay.
pub(super) fn fill(template: &str, rng: &mut StdRng) -> String {
    let mut out = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let filled =
            rest.find('>').and_then(|close| Some((slot(&rest[1..close], rng)?, close + 1)));
        let (text, used) = filled.unwrap_or_else(|| ("<".to_owned(), 1));
        out.push_str(&text);
        rest = &rest[used..];
    }
    out.push_str(rest);
    out
}

fn slot(name: &str, rng: &mut StdRng) -> Option<String> {
    let pick = |list: &[&str], rng: &mut StdRng| list.choose(rng).copied().unwrap_or("").to_owned();
    Some(match name {
        "given" => pick(&GIVEN, rng),
        "person" if rng.random_bool(0.2) => format!("{} {}", pick(&GIVEN, rng), pick(&GIVEN, rng)),
        "person" => format!("{} {}", pick(&GIVEN, rng), pick(&FAMILY, rng)),
        "title" => pick(&TITLES, rng),
        "firm" => pick(&FIRMS, rng),
        "keyword" => pick(&KEYWORDS, rng),
        "brand" | "Brand" | "product" => pick(&BRANDS, rng),
        "slot" => pick(&SLOTS, rng),
        "city" => pick(&CITIES, rng),
        "topic" => pick(&TOPICS, rng),
        "month" => pick(&MONTHS, rng),
        "coin2" => pick(&COINS, rng),
        "coin" => format!(
            "{}.{} {}",
            rng.random_range(0..9),
            rng.random_range(1..10),
            pick(&COINS[..2], rng)
        ),
        "amount" => money(rng.random_range(2..30) * 100, rng),
        "gain" => money(rng.random_range(12..400) * 100, rng),
        "big" => money(rng.random_range(12..600) * 1_000, rng),
        "days" => days(rng),
        "phone" => phone(rng),
        "mail" => mail(rng),
        "handle" => handle(rng),
        "HANDLE" => handle(rng).to_uppercase(),
        "host" => host(rng),
        "site" if rng.random_bool(0.5) => format!("https://{}", host(rng)),
        "site" => host(rng),
        "blog" => format!("{}.example", pick(&FAMILY, rng).to_lowercase()),
        "contact" => match rng.random_range(0..5) {
            0 => phone(rng),
            1 | 2 => mail(rng),
            3 => format!("@{}", handle(rng)),
            _ => handle(rng),
        },
        _ => return None,
    })
}

fn money(amount: u32, rng: &mut StdRng) -> String {
    let grouped = format!("{},{:03}", amount / 1_000, amount % 1_000);
    let grouped = if amount < 1_000 { amount.to_string() } else { grouped };
    match rng.random_range(0..7) {
        0 | 1 => format!("${grouped}"),
        2 => format!("€{amount}"),
        3 => format!("{grouped} dollars"),
        4 if amount >= 1_000 => format!("{}k", amount / 1_000),
        5 => format!("{amount} USD"),
        _ => format!("${amount}"),
    }
}

fn days(rng: &mut StdRng) -> String {
    let n = rng.random_range(2..15);
    match rng.random_range(0..4) {
        0 => format!("{n} days"),
        1 => format!("{n} weeks"),
        2 => "one week".into(),
        _ => "a month".into(),
    }
}

/// Numbers of the range kept for fiction.
fn phone(rng: &mut StdRng) -> String {
    let last = rng.random_range(100..200);
    match rng.random_range(0..4) {
        0 => format!("+1 (555) 555-0{last}"),
        1 => format!("+1 555 555 0{last}"),
        2 => format!("1-888-555-0{last}"),
        _ => format!("+15555550{last}"),
    }
}

fn mail(rng: &mut StdRng) -> String {
    let host = MAIL_HOSTS.choose(rng).copied().unwrap_or("mail.example");
    format!("{}{}@{host}", handle(rng).replace('_', ""), rng.random_range(10..9_999))
}

fn handle(rng: &mut StdRng) -> String {
    let given = GIVEN.choose(rng).copied().unwrap_or("Ann").to_lowercase();
    let family = FAMILY.choose(rng).copied().unwrap_or("Ash").to_lowercase();
    let trade = TRADES.choose(rng).copied().unwrap_or("fx");
    match rng.random_range(0..6) {
        0 => format!("{given}{trade}"),
        1 => format!("{given}_{trade}"),
        2 => format!("{trade}with{given}").trim_start_matches('_').to_owned(),
        3 => format!("{given}.{family}"),
        4 => format!("_{given}{family}_"),
        _ => format!("{given}{family}{trade}{}", rng.random_range(1..99)),
    }
}

fn host(rng: &mut StdRng) -> String {
    let stem = STEMS.choose(rng).copied().unwrap_or("site");
    let suffix = SUFFIXES.choose(rng).copied().unwrap_or("example");
    format!("{stem}{}.{suffix}", rng.random_range(10..999))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    #[test]
    fn slots_are_filled_and_markup_stays() {
        let mut rng = StdRng::seed_from_u64(5);
        let text = fill("<person> a < b <a href=\"http://<host>\">x</a> <code>", &mut rng);
        assert!(!text.contains("<person>") && !text.contains("<host>"));
        assert!(
            text.contains("a < b <a href=\"http://") && text.ends_with("x</a> <code>"),
            "{text}"
        );
    }
}
