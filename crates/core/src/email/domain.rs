//! The domain of an address.

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;
use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use crate::fold::nfc;

/// The domain as A-labels in lower case (RFC 5890 section 2.3.2.1): the form that DNS uses. `None` when no such domain can
/// exist.
///
/// The rules are those of RFC 5321 section 4.1.2 for letters, digits and hyphens, and those of IDNA2008 for other scripts. The crate
/// `idna` applies Unicode Technical Standard 46, which permits more than IDNA2008. [`is_as_sent`] and [`is_allowed`] refuse the
/// difference. A domain has at least two labels, and the last label is not a number (RFC 3696 section 2).
pub(super) fn to_ascii(domain: &str) -> Option<String> {
    let rules = Uts46::new();
    let ascii = rules
        .to_ascii(domain.as_bytes(), AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify)
        .ok()?
        .into_owned();
    let (unicode, valid) = rules.to_unicode(ascii.as_bytes(), AsciiDenyList::STD3, Hyphens::Check);
    valid.ok()?;
    let (_, top) = ascii.rsplit_once('.')?;
    let has_name = top.chars().any(|c| !c.is_ascii_digit());
    (has_name && is_as_sent(domain, &unicode, &ascii) && unicode.chars().all(is_allowed)).then_some(ascii)
}

/// Returns false when `idna` replaced characters, such as full-width letters (RFC 5891 section 5.2). Changes of case and of
/// composition do not count.
fn is_as_sent(domain: &str, unicode: &str, ascii: &str) -> bool {
    let sent: String = nfc(domain).chars().flat_map(char::to_lowercase).collect();
    let sent = nfc(&sent);
    sent.split('.').count() == ascii.split('.').count()
        && sent
            .split('.')
            .zip(unicode.split('.').zip(ascii.split('.')))
            .all(|(sent, (unicode, ascii))| sent == unicode || sent == ascii)
}

/// Returns true for letters, marks and digits, with the exceptions of RFC 5892 section 2.6. Symbols and emoji are refused.
fn is_allowed(character: char) -> bool {
    use GeneralCategory as Category;
    match character {
        '.' | '-' | '0'..='9' | 'a'..='z' => true,
        // RFC 5892 sections 2.6 (exceptions) and 2.8 (join controls, whose neighbours `idna` checks).
        '\u{b7}' | '\u{375}' | '\u{5f3}' | '\u{5f4}' | '\u{6fd}' | '\u{6fe}' | '\u{f0b}' | '\u{200c}'
        | '\u{200d}' | '\u{3007}' | '\u{30fb}' => true,
        // RFC 5892 sections 2.6 (exceptions) and 2.9 (old Hangul jamo).
        '\u{640}' | '\u{7fa}' | '\u{302e}' | '\u{302f}' | '\u{3031}'..='\u{3035}' | '\u{303b}' => false,
        '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97c}' | '\u{d7b0}'..='\u{d7fb}' => false,
        _ => matches!(
            CodePointMapData::<Category>::new().get(character),
            Category::LowercaseLetter
                | Category::OtherLetter
                | Category::ModifierLetter
                | Category::NonspacingMark
                | Category::SpacingMark
                | Category::DecimalNumber
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_becomes_the_form_of_dns() {
        for (domain, ascii) in [
            ("Example.COM", "example.com"),
            ("BÜCHER.example", "xn--bcher-kva.example"),
            ("bu\u{308}cher.example", "xn--bcher-kva.example"),
            ("xn--BCHER-kva.example", "xn--bcher-kva.example"),
            ("faß.de", "xn--fa-hia.de"),
            ("例子.公司", "xn--fsqu00a.xn--55qx5d"),
            ("उदाहरण.परीक्षा", "xn--p1b6ci4b4b3a.xn--11b5bs3a9aj6g"),
            ("paral·lel.cat", "xn--parallel-koa.cat"),
            ("3com.example", "3com.example"),
        ] {
            assert_eq!(to_ascii(domain).as_deref(), Some(ascii), "{domain}");
        }
    }

    #[test]
    fn a_character_that_no_domain_has_is_refused() {
        for bad in [
            "exam_ple.com",
            "exam`ple.com",
            "exam/ple.com",
            "b!.com",
            "a b.com",
            "exam\u{ad}ple.com",
            "ｅxample.com",
            "ｅｘａｍｐｌｅ.com",
            "example。com",
            "exam™ple.com",
            "☃.example",
            "i❤.example",
            "exam\u{200d}ple.com",
            "ⅷ.example",
            "exam\u{202e}ple.com",
        ] {
            assert_eq!(to_ascii(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_label_that_no_domain_has_is_refused() {
        let long = format!("{}.com", "a".repeat(64));
        for bad in [
            "xn--a.com",
            "xn--.com",
            "xn--example-.com",
            "xn--bcher-kvaü.com",
            "ab--cd.com",
            "-a.com",
            "a-.com",
            "a..com",
            ".com",
            "com",
            "a.com.",
            "127.0.0.1",
            "a.123",
            "\u{301}a.com",
            "",
            &long,
        ] {
            assert_eq!(to_ascii(bad), None, "{bad:?}");
        }
    }
}
