//! Addresses and networks, which an operator writes as a list in a variable, and the owner of an API key one by one.

use std::fmt;
use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::ClientAddress;
use crate::schema::{inline_schema, string};

/// Addresses and networks in CIDR notation (RFC 4632 section 3.1), separated by commas: `192.0.2.7, 10.0.0.0/8, 2001:db8::/32`. An empty
/// list has none.
///
/// A network of IPv4-mapped IPv6 addresses is the network of IPv4, as for [`ClientAddress`]. Every other network of IPv6 has no address
/// of IPv4: `0.0.0.0/0, ::/0` are all addresses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AddressList(Vec<IpNet>);

/// An entry of a list that is no address and no network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AddressListError {
    /// The entry is something else.
    #[error(
        "{0:?} is no address and no network: write it as 192.0.2.7, 10.0.0.0/8 or 2001:db8::/32, with commas between several"
    )]
    Unreadable(String),
    /// The address of a network has bits outside of the network. The longer or the shorter network may be meant.
    #[error("{given} is not the first address of its network: write {network}, or the address alone")]
    NotFirst {
        /// The entry.
        given: String,
        /// The network that contains it.
        network: String,
    },
}

impl AddressList {
    /// The variables that hold such a list.
    pub const VARIABLES: [&str; 3] = ["trusted_proxies", "blocked_addresses", "admin_addresses"];

    /// Reads a list.
    ///
    /// # Errors
    /// An entry is no address and no network.
    pub fn parse(text: &str) -> Result<Self, AddressListError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(|entry| network(entry.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// Returns true if the list contains the address or a network of it.
    #[must_use]
    pub fn contains(&self, address: ClientAddress) -> bool {
        self.0.iter().any(|network| network.contains(&address.ip()))
    }

    /// Returns true if the list is empty.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// An address, or a network in CIDR notation (RFC 4632 section 3.1), as a client writes it: `192.0.2.7`, `10.0.0.0/8`, `2001:db8::/32`. A
/// network of IPv4-mapped IPv6 addresses is the network of IPv4, as for [`ClientAddress`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network(IpNet);

/// The text is no address and no network, or the address of the network has bits outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "must be an address such as 192.0.2.7, or the first address of a network and its length such as 10.0.0.0/8"
)]
pub struct NetworkError;

inline_schema! {
    Network => string("An IP address, or a network in CIDR notation (RFC 4632).", "10.0.0.0/8")
        .min_length(Some(2))
        .max_length(Some(Network::MAX_CHARACTERS))
}

impl Network {
    /// The longest text: an IPv4-mapped IPv6 address with a length.
    pub const MAX_CHARACTERS: usize = 49;
}

impl TryFrom<String> for Network {
    type Error = NetworkError;

    fn try_from(text: String) -> Result<Self, NetworkError> {
        network(&text).map(Self).map_err(|_| NetworkError)
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

/// An address stands alone, without its length.
impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.prefix_len() == self.0.max_prefix_len() { self.0.addr().fmt(f) } else { self.0.fmt(f) }
    }
}

fn network(entry: &str) -> Result<IpNet, AddressListError> {
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Ok(address.to_canonical().into());
    }
    let network: IpNet = entry.parse().map_err(|_| AddressListError::Unreadable(entry.to_owned()))?;
    if network.trunc() != network {
        let (given, network) = (entry.to_owned(), network.trunc().to_string());
        return Err(AddressListError::NotFirst { given, network });
    }
    Ok(canonical(network))
}

/// A network of IPv4-mapped addresses as the network of IPv4.
fn canonical(network: IpNet) -> IpNet {
    /// The length of the prefix `::ffff:0:0/96`, in bits.
    const MAPPED: u8 = 96;
    match (network.addr().to_canonical(), network.prefix_len().checked_sub(MAPPED)) {
        (IpAddr::V4(address), Some(length)) if network.addr().is_ipv6() => {
            Ipv4Net::new(address, length).map_or(network, IpNet::V4)
        }
        _ => network,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> AddressList {
        AddressList::parse(text).unwrap()
    }

    fn address(text: &str) -> ClientAddress {
        text.parse::<IpAddr>().unwrap().into()
    }

    #[test]
    fn a_list_has_addresses_and_networks_of_both_families() {
        let list = list(" 192.0.2.7,10.0.0.0/8 , 2001:db8::/32,2001:db9::1");
        for inside in
            ["192.0.2.7", "10.0.0.0", "10.255.255.255", "2001:db8::", "2001:db8:ffff::1", "2001:db9::1"]
        {
            assert!(list.contains(address(inside)), "{inside}");
        }
        for outside in ["192.0.2.8", "11.0.0.0", "2001:db9::2", "2001:dba::", "::", "0.0.0.0"] {
            assert!(!list.contains(address(outside)), "{outside}");
        }
    }

    #[test]
    fn an_empty_list_contains_no_address() {
        for text in ["", "  "] {
            assert!(list(text).is_empty());
            assert!(!list(text).contains(address("192.0.2.7")));
        }
        assert!(!list("192.0.2.7").is_empty());
    }

    #[test]
    fn a_mapped_address_is_the_address_of_ipv4_in_the_list_and_of_the_client() {
        for text in ["::ffff:10.0.0.0/104", "10.0.0.0/8"] {
            for client in ["10.1.2.3", "::ffff:10.1.2.3"] {
                assert!(list(text).contains(address(client)), "{text} {client}");
            }
            assert!(!list(text).contains(address("11.0.0.1")));
        }
        assert_eq!(list("::ffff:192.0.2.7"), list("192.0.2.7/32"));
        assert_eq!(list("::ffff:0:0/96"), list("0.0.0.0/0"));
        assert!(!list("::/0").contains(address("192.0.2.7")), "expected networks of IPv6 to have no IPv4");
        assert!(list("::/0").contains(address("2001:db8::1")));
    }

    #[test]
    fn anything_else_is_refused_by_its_name() {
        for (text, named) in [
            ("localhost", "\"localhost\""),
            ("10.0.0.0/8,", "\"\""),
            ("10.0.0.0/8,,192.0.2.7", "\"\""),
            ("10.0.0.0/33", "\"10.0.0.0/33\""),
            ("10.0.0/8", "\"10.0.0/8\""),
            ("10.0.0.0/8 192.0.2.7", "\"10.0.0.0/8 192.0.2.7\""),
            ("[2001:db8::1]", "\"[2001:db8::1]\""),
            ("192.0.2.7:80", "\"192.0.2.7:80\""),
        ] {
            let told = AddressList::parse(text).unwrap_err().to_string();
            assert!(told.starts_with(&format!("{named} is no address")), "{told}");
        }
        let told = AddressList::parse("10.1.2.3/8").unwrap_err().to_string();
        assert_eq!(
            told,
            "10.1.2.3/8 is not the first address of its network: write 10.0.0.0/8, or the address alone"
        );
    }
    #[test]
    fn a_network_is_shown_in_one_form() {
        let shown = |text: &str| Network::try_from(text.to_owned()).map(String::from);
        for (text, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            ("192.0.2.7/32", "192.0.2.7"),
            ("10.0.0.0/8", "10.0.0.0/8"),
            ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
            ("2001:DB8:0::/32", "2001:db8::/32"),
            ("::1", "::1"),
        ] {
            assert_eq!(shown(text).as_deref(), Ok(expected), "{text}");
        }
        for wrong in ["", "localhost", "10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/8,::1", " ::1", "192.0.2.7:80"]
        {
            assert_eq!(shown(wrong), Err(NetworkError), "{wrong:?}");
        }
    }
}
