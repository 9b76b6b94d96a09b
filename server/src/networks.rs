//! Addresses and networks as they are written in settings.

use std::net::IpAddr;

/// Some networks. An address is one of a single host.
#[derive(Clone, Debug, Default)]
pub(crate) struct Networks(Vec<(IpAddr, u8)>);

impl Networks {
    /// Addresses and networks such as `10.1.0.0/16`, with commas between them.
    ///
    /// # Errors
    /// The entry that is neither.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let entries = text.split(',').map(str::trim).filter(|e| !e.is_empty());
        let network = |entry: &str| {
            let (address, bits) = entry.split_once('/').map_or((entry, None), |(a, b)| (a, Some(b)));
            let address: IpAddr = address.parse().ok()?;
            let most = if address.is_ipv4() { 32 } else { 128 };
            let bits = bits.map_or(Some(most), |b| b.parse().ok().filter(|b| *b <= most))?;
            Some((address, bits))
        };
        entries.map(|entry| network(entry).ok_or_else(|| entry.to_owned())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether an address is in one of them.
    pub(crate) fn contain(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|(network, bits)| match (network, address) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(*bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(*bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_their_networks() {
        let networks = Networks::parse("10.1.0.0/16, 192.0.2.7, 2001:db8::/32").unwrap();
        let has = |text: &str| networks.contain(text.parse().unwrap());
        assert!(has("10.1.2.3") && has("192.0.2.7") && has("2001:db8:5::1") && has("::ffff:10.1.2.3"));
        assert!(!has("10.2.0.1") && !has("192.0.2.8") && !has("2001:db9::1"));
        assert!(Networks::parse("0.0.0.0/0").unwrap().contain("203.0.113.5".parse().unwrap()));
        assert!(!Networks::default().contain("127.0.0.1".parse().unwrap()));
        assert_eq!(Networks::parse("10.0.0.0/8, proxy").unwrap_err(), "proxy");
        assert!(Networks::parse("10.0.0.0/33").is_err());
    }
}
