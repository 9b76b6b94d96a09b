//! Which machines sources and webhooks may reach. The network that the server stands in is closed to
//! them unless its addresses are listed: otherwise whoever describes one could look around in it. An
//! address is checked after its name was resolved, and the connection goes to that very address.

use domain::{Error, ErrorCode, Result};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Hosts inside the network that may be reached; hosts on the internet need no entry.
#[derive(Clone, Debug, Default)]
pub struct Hosts {
    names: Vec<String>,
    networks: Vec<(IpAddr, u8)>,
}

/// Why a host is not reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is neither a name nor an address.
    NoHost,
    /// Nobody knows an address of it.
    Unknown,
    /// It lies inside the server's own network and is not listed.
    Inside,
}

/// How far inside an address lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reach {
    Public,
    /// This machine or its network.
    Internal,
    /// Where clouds answer questions about the machine itself, and what is no address of a host. A
    /// name in the list does not open these.
    Guarded,
}

impl Hosts {
    /// Names, addresses and networks such as `10.1.0.0/16`, with commas between them.
    ///
    /// # Errors
    /// The entry that is none of these.
    pub fn parse(text: &str) -> std::result::Result<Self, String> {
        let mut hosts = Self::default();
        for entry in text.split(',').map(str::trim).filter(|e| !e.is_empty()) {
            let (address, bits) = entry.split_once('/').map_or((entry, None), |(a, b)| (a, Some(b)));
            match (address.trim_matches(['[', ']']).parse::<IpAddr>(), bits) {
                (Ok(ip), None) => hosts.networks.push((ip, width(ip))),
                (Ok(ip), Some(bits)) => {
                    let bits = bits.parse().ok().filter(|b| *b <= width(ip)).ok_or(entry)?;
                    hosts.networks.push((ip, bits));
                }
                (Err(_), None) if is_name(entry) => hosts.names.push(entry.to_ascii_lowercase()),
                _ => return Err(entry.to_owned()),
            }
        }
        Ok(hosts)
    }

    /// The addresses of a host that may be reached: connect to these and ask for no others.
    ///
    /// # Errors
    /// It has none, or may not be reached.
    pub async fn addresses(&self, host: &str, port: u16) -> std::result::Result<Vec<IpAddr>, Closed> {
        if !is_name(host) && host.parse::<IpAddr>().is_err() {
            return Err(Closed::NoHost);
        }
        let found = tokio::net::lookup_host((host, port)).await.map(|all| all.map(|a| a.ip()).collect::<Vec<_>>());
        let found = found.unwrap_or_default();
        if found.is_empty() {
            return Err(Closed::Unknown);
        }
        let mut allowed: Vec<IpAddr> = Vec::new();
        for ip in found {
            if self.allows(host, ip) && !allowed.contains(&ip) {
                allowed.push(ip);
            }
        }
        if allowed.is_empty() { Err(Closed::Inside) } else { Ok(allowed) }
    }

    /// The addresses of a source's host.
    ///
    /// # Errors
    /// It has none, or may not be reached.
    pub(crate) async fn resolve(&self, host: &str, port: u16) -> Result<Vec<IpAddr>> {
        self.addresses(host, port).await.map_err(|closed| match closed {
            Closed::NoHost => Error::invalid("A host is a name or an address.").field("settings.host"),
            Closed::Unknown => Error::new(ErrorCode::SourceUnavailable, format!("The host `{host}` is not known."))
                .hint("Check how it is written, and that the server can look names up."),
            Closed::Inside => Error::new(
                ErrorCode::RuleRefused,
                format!("`{host}` lies inside the server's own network, which sources may not reach unasked."),
            )
            .hint("Whoever runs the server can list it in ORRERY_SOURCE_HOSTS.")
            .field("settings.host"),
        })
    }

    fn allows(&self, host: &str, ip: IpAddr) -> bool {
        let ip = plain(ip);
        if self.networks.iter().any(|(network, bits)| holds(plain(*network), *bits, ip)) {
            return true;
        }
        match reach(ip) {
            Reach::Public => true,
            Reach::Internal => self.names.contains(&host.trim_end_matches('.').to_ascii_lowercase()),
            Reach::Guarded => false,
        }
    }
}

fn width(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (1..=253).contains(&text.len()) && text.chars().all(fits) && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// The address that is meant: an IPv4 address may be written as an IPv6 one.
fn plain(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
        IpAddr::V4(_) => ip,
    }
}

fn holds(network: IpAddr, bits: u8, ip: IpAddr) -> bool {
    let (one, two, width) = match (network, ip) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (u128::from(u32::from(a)), u128::from(u32::from(b)), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => (u128::from(a), u128::from(b), 128),
        _ => return false,
    };
    let shift = u32::from(width - bits.min(width));
    one.checked_shr(shift).unwrap_or(0) == two.checked_shr(shift).unwrap_or(0)
}

fn reach(ip: IpAddr) -> Reach {
    match ip {
        IpAddr::V4(v4) => reach_v4(v4),
        IpAddr::V6(v6) => reach_v6(v6),
    }
}

fn reach_v4(ip: Ipv4Addr) -> Reach {
    let [a, b, c, _] = ip.octets();
    match (a, b, c) {
        (10 | 127, ..) | (172, 16..=31, _) | (192, 168, _) => Reach::Internal,
        // Link-local, where clouds keep their metadata, and the shared and protocol ranges that some use.
        (169, 254, _) | (100, 64..=127, _) | (192, 0, 0) => Reach::Guarded,
        // No host at all: this network, benchmarks, documentation, multicast, reserved.
        (0 | 224..=255, ..) | (198, 18..=19, _) | (192, 0, 2) | (198, 51, 100) | (203, 0, 113) => Reach::Guarded,
        _ => Reach::Public,
    }
}

fn reach_v6(ip: Ipv6Addr) -> Reach {
    let s = ip.segments();
    let embedded = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        reach_v4(Ipv4Addr::new(a, b, c, d))
    };
    match s {
        [0, 0, 0, 0, 0, 0, 0, 1] => Reach::Internal,
        // Unspecified, and the old way to write IPv4 addresses.
        [0, 0, 0, 0, 0, 0, ..] => Reach::Guarded,
        // The clouds' metadata hides among the private addresses.
        [0xfd00, 0x0ec2, ..] => Reach::Guarded,
        [first, ..] if first & 0xfe00 == 0xfc00 => Reach::Internal,
        [first, ..] if first & 0xffc0 == 0xfe80 || first & 0xffc0 == 0xfec0 || first & 0xff00 == 0xff00 => {
            Reach::Guarded
        }
        // Through a gateway these lead to IPv4 addresses.
        [0x0064, 0xff9b, .., high, low] => embedded(high, low),
        [0x2002, high, low, ..] => embedded(high, low),
        [0x2001, 0, ..] | [0x2001, 0x0db8, ..] | [0x0100, 0, 0, 0, ..] => Reach::Guarded,
        _ => Reach::Public,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_inside_is_closed_unless_it_is_listed() {
        let none = Hosts::default();
        let some = Hosts::parse("10.1.0.0/16, db.internal, ::1, 169.254.1.1, fd12::/16").unwrap();
        for (host, ip, without, with) in [
            ("db.example.com", "93.184.216.34", true, true),
            ("db.example.com", "2606:2800:220:1::1", true, true),
            ("x", "10.1.2.3", false, true),
            ("x", "10.2.2.3", false, false),
            ("x", "127.0.0.1", false, false),
            ("db.internal", "127.0.0.1", false, true),
            ("DB.internal.", "192.168.7.7", false, true),
            ("evil.internal", "192.168.7.7", false, false),
            ("x", "172.16.0.1", false, false),
            ("x", "172.32.0.1", true, true),
            ("x", "::1", false, true),
            ("x", "::ffff:127.0.0.1", false, false),
            ("x", "::ffff:10.1.2.3", false, true),
            ("x", "::ffff:93.184.216.34", true, true),
            ("x", "169.254.169.254", false, false),
            ("db.internal", "169.254.169.254", false, false),
            ("x", "169.254.1.1", false, true),
            ("x", "100.100.100.200", false, false),
            ("x", "192.0.0.192", false, false),
            ("x", "fd00:ec2::254", false, false),
            ("x", "fd12::5", false, true),
            ("x", "fe80::1", false, false),
            ("x", "64:ff9b::7f00:1", false, false),
            ("x", "64:ff9b::5db8:d822", true, true),
            ("x", "2002:0a01:0203::1", false, false),
            ("x", "2001:0:53aa::1", false, false),
            ("x", "0.0.0.0", false, false),
            ("x", "::", false, false),
            ("x", "::127.0.0.1", false, false),
            ("x", "255.255.255.255", false, false),
            ("x", "224.0.0.1", false, false),
        ] {
            let ip: IpAddr = ip.parse().unwrap();
            assert_eq!((none.allows(host, ip), some.allows(host, ip)), (without, with), "{host} {ip}");
        }
    }

    #[test]
    fn entries_are_names_addresses_or_networks() {
        for bad in ["10.0.0.0/33", "10.0.0.0/x", "a b", "/var/run", "-x", "db/8", "::/129"] {
            assert_eq!(Hosts::parse(bad).unwrap_err(), bad);
        }
        assert!(Hosts::parse("").unwrap().networks.is_empty());
        assert!(Hosts::parse("0.0.0.0/0").unwrap().allows("x", "127.0.0.1".parse().unwrap()), "all is all");
    }

    #[tokio::test]
    async fn a_socket_file_is_no_host() {
        for bad in ["/var/run/postgresql", "a,b", "", "a b"] {
            assert_eq!(Hosts::default().resolve(bad, 5432).await.unwrap_err().code, ErrorCode::InvalidRequest, "{bad}");
        }
        let refused = Hosts::default().resolve("localhost", 5432).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::RuleRefused, Some("settings.host")));
        assert!(Hosts::parse("localhost").unwrap().resolve("localhost", 5432).await.is_ok());
    }
}
