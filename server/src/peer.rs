//! Where a request comes from: its peer, or what the proxies say that were listed.

use crate::auth::cookie;
use crate::router::App;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use services::SignInFrom;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

/// The cookie by which a device is known again.
pub(crate) const DEVICE_COOKIE: &str = "orrery_device";
/// How long a device is known, in seconds.
pub(crate) const DEVICE_MAX_AGE: i64 = 400 * 24 * 3_600;

/// Networks whose word about where a request comes from is believed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies(Vec<(u128, u32)>);

impl Proxies {
    /// Reads addresses and networks such as `10.0.0.0/8`, with commas between them.
    ///
    /// # Errors
    /// The entry that is none.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut networks = Vec::new();
        for entry in text.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (address, bits) = entry.split_once('/').map_or((entry, None), |(a, b)| (a, Some(b)));
            let ip: IpAddr = address.trim_matches(['[', ']']).parse().map_err(|_| entry.to_owned())?;
            // An IPv4 network is one of the IPv6 addresses that stand for them.
            let (own, width) = if ip.is_ipv4() { (96, 32) } else { (0, 128) };
            let bits = match bits {
                Some(bits) => bits.parse().ok().filter(|b| *b <= width).ok_or_else(|| entry.to_owned())?,
                None => width,
            };
            networks.push((number(ip), own + bits));
        }
        Ok(Self(networks))
    }

    fn trusts(&self, ip: IpAddr) -> bool {
        let same = |(network, bits): &(u128, u32)| {
            let shift = 128 - bits;
            network.checked_shr(shift).unwrap_or(0) == number(ip).checked_shr(shift).unwrap_or(0)
        };
        self.0.iter().any(same)
    }

    /// The address of whoever asks: the last in the chain that no listed proxy vouches away.
    pub(crate) fn origin_of(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all("x-forwarded-for").iter().filter_map(|line| line.to_str().ok());
        let chain: Vec<&str> = lines.flat_map(|line| line.split(',')).map(str::trim).collect();
        let mut origin = peer;
        for hop in chain.into_iter().rev() {
            if !self.trusts(origin) {
                break;
            }
            match hop.trim_matches(['[', ']']).parse() {
                Ok(ip) => origin = ip,
                Err(_) => break,
            }
        }
        origin.to_canonical()
    }
}

fn number(ip: IpAddr) -> u128 {
    match ip {
        IpAddr::V4(v4) => u128::from(v4.to_ipv6_mapped()),
        IpAddr::V6(v6) => u128::from(v6),
    }
}

impl App {
    /// The IP address that a request comes from; empty where it is not known.
    pub(crate) fn address_of(&self, extensions: &Extensions, headers: &HeaderMap) -> String {
        self.ip_of(extensions, headers).map(|ip| ip.to_string()).unwrap_or_default()
    }

    /// The same as a number.
    pub(crate) fn ip_of(&self, extensions: &Extensions, headers: &HeaderMap) -> Option<IpAddr> {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip())?;
        Some(self.proxies.origin_of(peer, headers))
    }

    /// Who asks, as far as it is known without a sign-in.
    pub(crate) fn visitor(&self, extensions: &Extensions, headers: &HeaderMap) -> SignInFrom {
        let agent = headers.get(header::USER_AGENT).and_then(|v| v.to_str().ok()).unwrap_or_default();
        SignInFrom {
            agent: agent.to_owned(),
            address: self.address_of(extensions, headers),
            device: cookie(headers, DEVICE_COOKIE),
        }
    }
}

/// Whoever sends a form.
pub(crate) struct Visitor(pub(crate) SignInFrom);

impl FromRequestParts<App> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(app.visitor(&parts.extensions, &parts.headers)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn origin(proxies: &str, peer: &str, forwarded: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        Proxies::parse(proxies).unwrap().origin_of(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn only_listed_proxies_are_believed() {
        assert_eq!(origin("", "127.0.0.1", &["1.2.3.4"]), "127.0.0.1");
        assert_eq!(origin("10.0.0.0/8", "192.0.2.1", &["1.2.3.4"]), "192.0.2.1");
        assert_eq!(origin("10.0.0.0/8", "10.1.2.3", &["1.2.3.4"]), "1.2.3.4");
        assert_eq!(origin("10.0.0.0/8", "::ffff:10.1.2.3", &["1.2.3.4"]), "1.2.3.4");
        // What a visitor writes in front of it is not looked at.
        assert_eq!(origin("10.0.0.0/8", "10.1.2.3", &["6.6.6.6, 1.2.3.4, 10.9.9.9"]), "1.2.3.4");
        assert_eq!(origin("10.0.0.0/8", "10.1.2.3", &["6.6.6.6", "1.2.3.4"]), "1.2.3.4");
        assert_eq!(origin("fd00::/8", "fd00::1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(origin("10.0.0.0/8", "10.1.2.3", &["nonsense"]), "10.1.2.3");
        assert_eq!(origin("10.1.2.3", "10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(origin("0.0.0.0/0", "10.1.2.3", &["1.2.3.4"]), "1.2.3.4");
    }

    #[test]
    fn entries_are_addresses_or_networks() {
        for bad in ["proxy", "10.0.0.0/33", "::/129", "10.0.0.0/x"] {
            assert_eq!(Proxies::parse(bad).unwrap_err(), bad);
        }
    }
}
