//! The client behind proxies.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use users_core::{AddressList, ClientAddress, ProxyHeader};

/// The proxies that are believed, and the header in which they name the client.
///
/// A proxy adds the address of its own peer at the right end of the header. Whatever stands further left came with the request, so
/// anybody may have written it. The header is therefore read from the right, and only as far as trusted proxies wrote it: no octet left
/// of the first address that is not in the list is looked at.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    trusted: AddressList,
    header: ProxyHeader,
}

impl Proxies {
    pub(super) fn new(trusted: AddressList, header: ProxyHeader) -> Self {
        Self { trusted, header }
    }

    /// The client of a request from this peer: the peer, or the right-most address in the header that is not in the list if the peer is
    /// in the list. It is the peer when the header is missing, or has no such address. An entry without an address is skipped, such as
    /// `unknown`, `_hidden`, or an empty one (RFC 9110 section 5.6.1.2). In `Forwarded`, a malformed entry ends the reading: the proxy may
    /// have copied something from the client into it without quotes.
    ///
    /// A request that another component passed on has no address of a peer: it is `0.0.0.0`. It is believed like one from a trusted
    /// proxy, since clients cannot connect from there. Such a client is `None` if the header names none.
    pub(super) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> Option<ClientAddress> {
        let peer = known(peer);
        if peer.is_some_and(|peer| !self.trusted.contains(peer)) {
            return peer;
        }
        self.named(headers).or(peer)
    }

    fn named(&self, headers: &HeaderMap) -> Option<ClientAddress> {
        for line in headers.get_all(self.header.name()).iter().rev() {
            for element in FromTheRight::new(line.as_bytes(), self.header) {
                match Entry::read(element, self.header) {
                    Entry::Address(address) if !self.trusted.contains(address) => return Some(address),
                    Entry::Address(_) | Entry::Nobody => {}
                    Entry::Malformed => return None,
                }
            }
        }
        None
    }
}

/// The elements of a list (RFC 9110 section 5.6.1), the last one first.
struct FromTheRight<'a> {
    rest: Option<&'a [u8]>,
    /// True if a quoted string may contain commas, as in `Forwarded`.
    has_quotes: bool,
}

impl<'a> FromTheRight<'a> {
    fn new(line: &'a [u8], header: ProxyHeader) -> Self {
        Self { rest: Some(line), has_quotes: header == ProxyHeader::Forwarded }
    }
}

impl<'a> Iterator for FromTheRight<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let line = self.rest?;
        let mut is_quoted = false;
        for (place, octet) in line.iter().enumerate().rev() {
            let (before, from) = line.split_at(place);
            match octet {
                b'"' if self.has_quotes && !ends_with_escape(before) => is_quoted = !is_quoted,
                b',' if !is_quoted => {
                    self.rest = Some(before);
                    return from.get(1..);
                }
                _ => {}
            }
        }
        self.rest = None;
        Some(line)
    }
}

/// Returns true if the next octet belongs to a quoted pair (RFC 9110 section 5.6.4): the number of backslashes before it is odd.
fn ends_with_escape(text: &[u8]) -> bool {
    text.iter().rev().take_while(|octet| **octet == b'\\').count() % 2 == 1
}

/// The meaning of an element of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entry {
    Address(ClientAddress),
    /// It names no address.
    Nobody,
    /// It does not follow the grammar of `Forwarded`.
    Malformed,
}

impl Entry {
    fn read(element: &[u8], header: ProxyHeader) -> Self {
        let element = std::str::from_utf8(element).map(|element| element.trim_matches([' ', '\t']));
        let node = match (header, element) {
            (_, Ok("")) => return Self::Nobody,
            (ProxyHeader::XForwardedFor, Ok(element)) => Some(Cow::Borrowed(element)),
            (ProxyHeader::XForwardedFor, Err(_)) => None,
            (ProxyHeader::Forwarded, Ok(element)) => match forwarded_for(element) {
                Ok(node) => node,
                Err(Malformed) => return Self::Malformed,
            },
            (ProxyHeader::Forwarded, Err(_)) => return Self::Malformed,
        };
        node.and_then(|node| ip(&node)).and_then(known).map_or(Self::Nobody, Self::Address)
    }
}

/// The address, unless it is `0.0.0.0` or `::`, which nobody has.
fn known(ip: IpAddr) -> Option<ClientAddress> {
    Some(ClientAddress::from(ip)).filter(|address| !address.ip().is_unspecified())
}

/// An address, with or without a port. An IPv6 address may be in brackets, and is if it has a port.
fn ip(node: &str) -> Option<IpAddr> {
    if let Ok(address) = node.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(socket) = node.parse::<SocketAddr>() {
        return Some(socket.ip());
    }
    // `[2001:db8::1]`, and a port that is a name: `192.0.2.7:_hidden` (RFC 7239 section 6.3).
    let address = match node.rsplit_once(":_") {
        Some((address, port)) if is_name(port) => address,
        Some(_) => return None,
        None => node,
    };
    match address.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.parse().ok().map(IpAddr::V6),
        None => address.parse().ok().map(IpAddr::V4),
    }
}

/// The rest of a name after its underscore (RFC 7239 section 6.3).
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"._-".contains(&octet))
}

/// The text does not follow the grammar of `Forwarded`.
struct Malformed;

/// The value of `for` in an element of `Forwarded` (RFC 7239 section 4). `None` if it is missing. Pairs may be empty. The standard allows no
/// spaces around a semicolon, but some proxies write them.
///
/// # Errors
/// `for` appears twice, or anything in the element is malformed.
fn forwarded_for(element: &str) -> Result<Option<Cow<'_, str>>, Malformed> {
    const SPACES: [char; 2] = [' ', '\t'];
    let mut found = None;
    let mut rest = element;
    loop {
        rest = rest.trim_start_matches(SPACES);
        if !rest.is_empty() && !rest.starts_with(';') {
            let (name, after) = rest.split_once('=').ok_or(Malformed)?;
            let (value, after) = value(after).ok_or(Malformed)?;
            if name.eq_ignore_ascii_case("for") {
                if found.is_some() {
                    return Err(Malformed);
                }
                found = Some(value);
            } else if !is_token(name) {
                return Err(Malformed);
            }
            rest = after.trim_start_matches(SPACES);
        }
        if rest.is_empty() {
            return Ok(found);
        }
        rest = rest.strip_prefix(';').ok_or(Malformed)?;
    }
}

/// A token or a quoted string (RFC 9110 section 5.6.4) at the start of the text, and the rest of the text.
fn value(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (token, rest) = text.split_at(text.find([';', ' ', '\t']).unwrap_or(text.len()));
        // An address with a port or in brackets has to be quoted, but not every proxy does so.
        let is_plain = !token.is_empty() && !token.contains(['"', '\\', ',']);
        return is_plain.then_some((Cow::Borrowed(token), rest));
    };
    let mut plain = String::new();
    let mut characters = quoted.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '"' => return Some((Cow::Owned(plain), quoted.get(place + 1..)?)),
            '\\' => plain.push(characters.next()?.1),
            _ => plain.push(character),
        }
    }
    None
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|octet| octet.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&octet))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn proxies(header: ProxyHeader) -> Proxies {
        Proxies::new(AddressList::parse("10.0.0.0/8, 2001:db8:ffff::/48").unwrap(), header)
    }

    fn headers(name: &'static str, lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    fn client(peer: &str, header: ProxyHeader, lines: &[&[u8]]) -> Option<String> {
        let headers = headers(header.name(), lines);
        proxies(header).client(peer.parse().unwrap(), &headers).map(|it| it.to_string())
    }

    /// The client that a trusted proxy names in one line.
    fn named(header: ProxyHeader, line: &str) -> String {
        client(PROXY, header, &[line.as_bytes()]).unwrap()
    }

    use ProxyHeader::{Forwarded, XForwardedFor};

    #[test]
    fn only_a_trusted_peer_is_believed() {
        for (peer, expected) in [
            ("10.0.0.1", "192.0.2.7"),
            ("::ffff:10.0.0.1", "192.0.2.7"),
            ("2001:db8:ffff::1", "192.0.2.7"),
            ("11.0.0.1", "11.0.0.1"),
            ("2001:db8::1", "2001:db8::1"),
            // Another component passed the request on.
            ("0.0.0.0", "192.0.2.7"),
        ] {
            assert_eq!(client(peer, XForwardedFor, &[b"192.0.2.7"]).as_deref(), Some(expected), "{peer}");
        }
        assert_eq!(client("0.0.0.0", XForwardedFor, &[]), None);
        let none = Proxies::default();
        let headers = headers("x-forwarded-for", &[b"192.0.2.7"]);
        assert_eq!(none.client("10.0.0.1".parse().unwrap(), &headers).unwrap().to_string(), PROXY);
        assert_eq!(none.client("0.0.0.0".parse().unwrap(), &headers).unwrap().to_string(), "192.0.2.7");
    }

    #[test]
    fn the_other_header_is_never_read() {
        let headers = headers("forwarded", &[b"for=192.0.2.7"]);
        let peer = PROXY.parse().unwrap();
        assert_eq!(proxies(XForwardedFor).client(peer, &headers).unwrap().to_string(), PROXY);
        assert_eq!(proxies(Forwarded).client(peer, &headers).unwrap().to_string(), "192.0.2.7");
    }

    #[test]
    fn the_client_is_the_right_most_address_that_is_no_proxy() {
        for (line, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.9, 192.0.2.7", "192.0.2.7"),
            ("192.0.2.7, 10.0.0.2,10.0.0.3", "192.0.2.7"),
            ("forged, 192.0.2.7,\t2001:db8:ffff::2", "192.0.2.7"),
            (", , 192.0.2.7", "192.0.2.7"),
            // Ports, brackets and mapped addresses.
            ("192.0.2.7:52100", "192.0.2.7"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("2001:db8::1", "2001:db8::1"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("192.0.2.7, ::ffff:10.0.0.2, [::ffff:10.0.0.3]:80", "192.0.2.7"),
        ] {
            assert_eq!(named(XForwardedFor, line), expected, "{line}");
        }
    }

    #[test]
    fn without_an_address_it_is_the_peer() {
        for line in [
            "",
            "10.0.0.2",
            "unknown",
            ", ,",
            "unknown, 10.0.0.2",
            "192.0.2.7 192.0.2.8",
            "192.0.2.7:port",
            "192.0.2.7:99999",
            "192.0.2.256",
            "192.0.2.07",
            "0.0.0.0",
            "[::]:1",
            "[192.0.2.7]",
            "2001:db8::1:99999",
            "\"192.0.2.7\"",
            "for=192.0.2.7",
        ] {
            assert_eq!(named(XForwardedFor, line), PROXY, "{line}");
        }
        assert_eq!(client(PROXY, XForwardedFor, &[b"\xff"]).unwrap(), PROXY);
        assert_eq!(client(PROXY, XForwardedFor, &[]).unwrap(), PROXY);
    }

    #[test]
    fn an_entry_without_an_address_is_skipped() {
        for line in [
            "192.0.2.7, unknown",
            "192.0.2.7, unknown, 10.0.0.2",
            "192.0.2.7, garbage",
            "192.0.2.7,",
            "192.0.2.7, ,",
        ] {
            assert_eq!(named(XForwardedFor, line), "192.0.2.7", "{line}");
        }
        assert_eq!(client(PROXY, XForwardedFor, &[b"192.0.2.7, \xff"]).unwrap(), "192.0.2.7");
        for line in [
            "for=192.0.2.7, for=_hidden",
            "for=192.0.2.7, for=unknown, by=10.0.0.2",
            "for=192.0.2.7,",
            "for=192.0.2.7, for=\"\"",
        ] {
            assert_eq!(named(Forwarded, line), "192.0.2.7", "{line}");
        }
    }

    #[test]
    fn several_lines_are_one_list_in_their_order() {
        for (lines, expected) in [
            (&[&b"192.0.2.9"[..], b"192.0.2.7"][..], "192.0.2.7"),
            (&[b"192.0.2.7", b"10.0.0.2", b"10.0.0.3"], "192.0.2.7"),
            (&[b"192.0.2.9, 192.0.2.7", b"10.0.0.2"], "192.0.2.7"),
            (&[b"192.0.2.9", b"192.0.2.7", b""], "192.0.2.7"),
            (&[b"\xff\"", b"192.0.2.7"], "192.0.2.7"),
        ] {
            assert_eq!(client(PROXY, XForwardedFor, lines).unwrap(), expected, "{lines:?}");
        }
        let lines: [&[u8]; 2] = [b"for=\"192.0.2.9", b"for=192.0.2.7"];
        assert_eq!(client(PROXY, Forwarded, &lines).unwrap(), "192.0.2.7");
    }

    #[test]
    fn forwarded_is_read_as_its_standard_says() {
        for (line, expected) in [
            ("for=192.0.2.7", "192.0.2.7"),
            ("For=192.0.2.7;proto=http;by=203.0.113.43", "192.0.2.7"),
            ("proto=http;FOR=\"192.0.2.7:4711\"", "192.0.2.7"),
            ("for=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("for=\"[2001:db8:cafe::17]\"", "2001:db8:cafe::17"),
            ("for=\"192.0.2.7:_hidden\"", "192.0.2.7"),
            ("for=192.0.2.9, for=192.0.2.7;by=\"x, for=192.0.2.8\", for=10.0.0.2", "192.0.2.7"),
            ("for=\"1\\92.0.2.7\"", "192.0.2.7"),
            ("for=192.0.2.7;host=\"a\\\",for=192.0.2.8\"", "192.0.2.7"),
            ("for=192.0.2.7;", "192.0.2.7"),
            (";;for=192.0.2.7;;proto=http", "192.0.2.7"),
            // Some proxies add spaces, and leave out the quotes of a port or an address of IPv6.
            ("for=192.0.2.7 ;proto=http", "192.0.2.7"),
            ("for=192.0.2.7; proto=http", "192.0.2.7"),
            ("for=192.0.2.7:4711", "192.0.2.7"),
            ("for=[2001:db8::1]:80", "2001:db8::1"),
        ] {
            assert_eq!(named(Forwarded, line), expected, "{line}");
        }
        for line in [
            "",
            "192.0.2.7",
            "for=unknown",
            "for=_hidden",
            "for=\"_SEVKISEK\"",
            "for=192.0.2.7;for=192.0.2.8",
            "for=",
            "for=\"\"",
            "for=\"192.0.2.7",
            "for=192.0.2.7\"",
            "for=192.0.2.7;proto",
            // A malformed entry hides what stands left of it.
            "for=192.0.2.9, garbage",
            "for=192.0.2.9, for=192.0.2.7;host=a b",
            "for=192.0.2.9, for=192.0.2.7;for=192.0.2.8",
            "for = 192.0.2.7",
            "for=\"192.0.2.7\"x",
            "for=\"192.0.2.7:_\"",
            "for=\"192.0.2.7:_a b\"",
            "for=\"0.0.0.0\"",
        ] {
            assert_eq!(named(Forwarded, line), PROXY, "{line}");
        }
    }

    #[test]
    fn an_open_quote_of_a_client_does_not_hide_what_the_proxy_wrote() {
        for forged in ["for=\"", "for=192.0.2.9;by=\"", "for=\"\\", "\\", "\"", "for=\"\\\"", "\u{e4}\""] {
            for own in ["for=192.0.2.7", "for=\"192.0.2.7:80\"", "by=\"a,b\";for=192.0.2.7"] {
                assert_eq!(named(Forwarded, &format!("{forged}, {own}")), "192.0.2.7", "{forged} {own}");
            }
        }
    }

    /// The octets that a header may have.
    fn octets() -> impl Strategy<Value = Vec<u8>> {
        let any = prop_oneof![Just(b'\t'), 0x20..=0x7e_u8, 0x80..=0xff_u8];
        let marks = prop::sample::select(b",;\"\\=:[] ._".to_vec());
        prop::collection::vec(prop_oneof![any, marks], 0..40)
    }

    /// Text that resembles what proxies write.
    fn likely() -> impl Strategy<Value = Vec<u8>> {
        let words =
            ["192.0.2.9", "10.0.0.9", "for=", "by=\"", "\"", ", ", ";", "\\", "[2001:db8::9]:1", "unknown"];
        prop::collection::vec(prop::sample::select(words.to_vec()), 0..8)
            .prop_map(|words| words.concat().into_bytes())
    }

    fn forged() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![octets(), likely()]
    }

    proptest! {
        #[test]
        fn nothing_that_a_client_writes_changes_who_it_is(
            forged in prop::collection::vec(forged(), 0..3),
            is_own_line in any::<bool>(),
            is_forwarded in any::<bool>(),
            client_ip in any::<IpAddr>(),
            hops in 0..3_usize,
        ) {
            let real = ClientAddress::from(client_ip);
            prop_assume!(!real.ip().is_unspecified() && !proxies(XForwardedFor).trusted.contains(real));
            let header = if is_forwarded { Forwarded } else { XForwardedFor };
            let mut written = match (header, client_ip) {
                (XForwardedFor, ip) => ip.to_string(),
                (Forwarded, IpAddr::V4(ip)) => format!("for={ip}"),
                (Forwarded, IpAddr::V6(ip)) => format!("for=\"[{ip}]\";by=\"a\\\",b\""),
            };
            for _ in 0..hops {
                written.push_str(if is_forwarded { ", for=10.0.0.2" } else { ", 10.0.0.2" });
            }
            let mut lines = forged;
            match lines.last_mut().filter(|_| !is_own_line) {
                Some(last) => {
                    last.extend_from_slice(b", ");
                    last.extend_from_slice(written.as_bytes());
                }
                None => lines.push(written.into_bytes()),
            }
            let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
            prop_assert_eq!(client(PROXY, header, &lines), Some(real.to_string()));
        }

        #[test]
        fn no_header_stops_the_service_and_an_untrusted_peer_stays_the_client(
            lines in prop::collection::vec(forged(), 0..4),
            peer in any::<IpAddr>(),
        ) {
            for header in [XForwardedFor, Forwarded] {
                let lines: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
                let headers = headers(header.name(), &lines);
                let proxies = proxies(header);
                let found = proxies.client(peer, &headers);
                let of_peer = ClientAddress::from(peer);
                if !of_peer.ip().is_unspecified() && !proxies.trusted.contains(of_peer) {
                    prop_assert_eq!(found, Some(of_peer));
                } else if let Some(found) = found {
                    prop_assert!(found == of_peer || !proxies.trusted.contains(found));
                }
            }
        }
    }
}
