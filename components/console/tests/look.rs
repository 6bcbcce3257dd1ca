//! The stylesheet and the script of the pages.

use std::collections::BTreeMap;

const STYLE: &str = include_str!("../assets/console.css");
const SCRIPT: &str = include_str!("../assets/console.js");
const PASSKEYS: &str = include_str!("../assets/passkeys.js");

/// Pairs of colours: that of a text, and that of its background.
const TEXTS: [(&str, &str); 22] = [
    ("text", "page"),
    ("text", "card"),
    ("text", "sunk"),
    ("muted", "page"),
    ("muted", "card"),
    ("muted", "sunk"),
    ("accent", "page"),
    ("accent", "card"),
    ("accent", "sunk"),
    ("on-accent", "accent"),
    ("good", "on-good"),
    ("bad", "on-bad"),
    ("warn", "on-warn"),
    ("bad", "page"),
    ("bad", "card"),
    ("bad", "sunk"),
    // A button that destroys.
    ("card", "bad"),
    // Links in messages.
    ("accent", "on-good"),
    ("accent", "on-bad"),
    ("accent", "on-warn"),
    // Badges in a row under the pointer.
    ("good", "sunk"),
    ("warn", "sunk"),
];

/// Pairs of colours: that of the edge of a control or of a part of a chart, and that of its surroundings.
const EDGES: [(&str, &str); 5] =
    [("edge", "page"), ("edge", "card"), ("edge", "sunk"), ("accent", "sunk"), ("bad", "card")];

/// The light and the dark colour of each name.
fn colours() -> BTreeMap<&'static str, [&'static str; 2]> {
    let declarations = STYLE.split("--").filter_map(|rest| rest.split_once(": light-dark("));
    declarations
        .filter_map(|(name, rest)| {
            let (light, dark) = rest.split_once(')')?.0.split_once(", ")?;
            Some((name, [light, dark]))
        })
        .collect()
}

/// The relative luminance of a colour such as `#fff` or `#0b5cad` (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let digits: Vec<u32> = colour.trim_start_matches('#').chars().filter_map(|it| it.to_digit(16)).collect();
    let channels = match digits[..] {
        [r, g, b] => [r * 17, g * 17, b * 17],
        [r1, r2, g1, g2, b1, b2] => [r1 * 16 + r2, g1 * 16 + g2, b1 * 16 + b2],
        _ => panic!("expected a colour: {colour}"),
    };
    let [red, green, blue] = channels.map(|channel| {
        let share = f64::from(channel) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

fn contrast(first: &str, second: &str) -> f64 {
    let (first, second) = (luminance(first), luminance(second));
    (first.max(second) + 0.05) / (first.min(second) + 0.05)
}

/// Asserts a ratio of contrast in both themes.
fn assert_contrast(pairs: &[(&str, &str)], least: f64) {
    let colours = colours();
    for (first, second) in pairs {
        for (theme, (first_colour, second_colour)) in colours[first].iter().zip(colours[second]).enumerate() {
            let ratio = contrast(first_colour, second_colour);
            assert!(ratio >= least, "{first} on {second}, theme {theme}: {ratio:.2} is less than {least}");
        }
    }
}

#[test]
fn texts_are_legible_in_both_themes() {
    // WCAG 2.2, 1.4.3.
    assert_contrast(&TEXTS, 4.5);
}

#[test]
fn edges_of_controls_and_drawings_are_visible_in_both_themes() {
    // WCAG 2.2, 1.4.11.
    assert_contrast(&EDGES, 3.0);
}

#[test]
fn the_stylesheet_weighs_less_than_12_kib() {
    assert!(STYLE.len() < 12 * 1024, "{} octets", STYLE.len());
}

#[test]
fn no_file_loads_anything_or_turns_text_into_markup_or_code() {
    let words = [
        "http:",
        "https:",
        "url(",
        "@import",
        "@font-face",
        "import ",
        "eval(",
        "innerHTML",
        "document.write",
    ];
    for (file, word) in [STYLE, SCRIPT, PASSKEYS].into_iter().flat_map(|file| words.map(|word| (file, word)))
    {
        assert!(!file.contains(word), "expected no {word:?}");
    }
}

#[test]
fn who_wants_less_motion_gets_none() {
    let (before, rest) = STYLE.split_once("@media (prefers-reduced-motion: no-preference)").unwrap();
    let (_, after) = rest.split_once("\n}\n").unwrap();
    for part in [before, after] {
        assert!(!part.contains("transition:") && !part.contains("animation:"), "expected no motion");
    }
}

#[test]
fn buttons_and_boxes_are_large_enough_to_hit() {
    // At least 24 pixels, which are 1.5rem (WCAG 2.2, 2.5.8).
    let sizes = STYLE.split(['{', ';']).map(str::trim);
    let rules = sizes.filter_map(|rule| rule.strip_prefix("min-height: ")?.strip_suffix("rem"));
    let heights: Vec<f64> = rules.filter_map(|height| height.parse().ok()).collect();
    assert!(heights.len() >= 4, "{heights:?}");
    assert!(heights.iter().all(|height| *height >= 1.5), "{heights:?}");
    assert!(
        STYLE.contains(r#"[type="checkbox"], [type="radio"] { flex: none; width: 1.5rem; height: 1.5rem;"#)
    );
}
