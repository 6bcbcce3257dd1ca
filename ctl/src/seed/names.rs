//! The parts of generated names. The arithmetic in `seed.rs` relies on the number of parts.

/// Combined with [`FIRST_ENDS`], these make 400 first names.
pub(super) const FIRST_STARTS: [&str; 20] = [
    "Ma", "Le", "Jo", "An", "Ka", "Ti", "Sa", "No", "El", "Ra", "Mi", "Da", "Lu", "Ar", "Be", "Ni", "Ya",
    "Is", "Fa", "Ol",
];
pub(super) const FIRST_ENDS: [&str; 20] = [
    "ra", "na", "lin", "ren", "ris", "mir", "sa", "din", "ko", "ven", "mi", "ron", "ta", "vik", "les", "yan",
    "do", "bel", "ric", "leth",
];

/// Combined with [`LAST_ENDS`], these make 1,000 last names.
pub(super) const LAST_STARTS: [&str; 25] = [
    "Oka", "Ber", "Lind", "Mar", "Sor", "Hol", "Kra", "Wal", "Fen", "Gar", "Nor", "Pet", "Tor", "Var", "Zel",
    "Ada", "Bra", "Cor", "Dra", "Eri", "Hal", "Iva", "Jan", "Mel", "Ros",
];
pub(super) const LAST_ENDS: [&str; 40] = [
    "for", "gren", "berg", "mann", "sen", "son", "ski", "ova", "dez", "ini", "kov", "ley", "man", "mond",
    "nik", "pour", "quist", "rell", "shaw", "stad", "stein", "stone", "strom", "tano", "ter", "thal", "ton",
    "vald", "vance", "veld", "vic", "ville", "ward", "well", "wick", "wood", "worth", "yama", "zaki", "zio",
];

/// Reserved by RFC 2606: mail to these addresses reaches nobody.
pub(super) const DOMAINS: [&str; 30] = [
    "example.com",
    "example.net",
    "example.org",
    "mail.example.com",
    "post.example.net",
    "office.example.org",
    "alder.example",
    "birch.example",
    "cedar.example",
    "dune.example",
    "ember.example",
    "fjord.example",
    "grove.example",
    "harbor.example",
    "isle.example",
    "juniper.example",
    "kestrel.example",
    "lagoon.example",
    "meadow.example",
    "north.example",
    "orchard.example",
    "prairie.example",
    "quarry.example",
    "ridge.example",
    "summit.example",
    "tundra.example",
    "upland.example",
    "valley.example",
    "willow.example",
    "zephyr.example",
];

const AREAS: [&str; 12] = [
    "billing",
    "catalog",
    "content",
    "delivery",
    "inventory",
    "legal",
    "marketing",
    "orders",
    "payroll",
    "reports",
    "sales",
    "support",
];
const THINGS: [&str; 5] = ["records", "drafts", "archives", "settings", "exports"];
const ACTIONS: [&str; 5] = ["read", "write", "delete", "approve", "share"];
const CITIES: [&str; 20] = [
    "Accra", "Bergen", "Cairo", "Dakar", "Essen", "Florence", "Geneva", "Hanoi", "Izmir", "Jakarta", "Kyoto",
    "Lagos", "Madrid", "Nairobi", "Oslo", "Porto", "Quito", "Riga", "Seoul", "Turin",
];
const JOBS: [&str; 10] =
    ["analyst", "auditor", "buyer", "clerk", "editor", "lead", "manager", "planner", "reviewer", "trainer"];

/// The names of 300 permissions: each resource with each action, such as `billing-records:read`.
pub(super) fn permissions() -> Vec<String> {
    let resources = AREAS.iter().flat_map(|area| THINGS.map(|thing| format!("{area}-{thing}")));
    resources.flat_map(|resource| ACTIONS.map(|action| format!("{resource}:{action}"))).collect()
}

/// The names of 200 roles, such as `Oslo analyst`.
pub(super) fn roles() -> Vec<String> {
    CITIES.iter().flat_map(|city| JOBS.map(|job| format!("{city} {job}"))).collect()
}
