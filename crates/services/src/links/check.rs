//! Whether what is asked of a link can be.

use crate::Services;
use crate::policies::Reader;
use crate::tiles::columns_of;
use domain::query::Filter;
use domain::{Caller, Error, ErrorCode, Result};

/// The most conditions and sites of one link.
const MOST: usize = 20;
/// The longest that a link can last.
const LONGEST_MS: i64 = 10 * 366 * 24 * 3_600_000;

pub(super) fn label(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > 100 {
        return Err(Error::invalid("Say whom the link is for, in 1 to 100 characters.").field("label"));
    }
    Ok(text.to_owned())
}

/// When a link ends, in milliseconds.
pub(super) fn expiry(text: &str, now: i64) -> Result<i64> {
    let at: jiff::Timestamp = text.trim().parse().map_err(|_| {
        Error::invalid("This is not a time.").hint("Write it like 2030-01-31T18:00:00Z.").field("expires_at")
    })?;
    let at = at.as_millisecond();
    if at <= now || at - now > LONGEST_MS {
        return Err(Error::invalid("A link ends later than now, and within ten years.").field("expires_at"));
    }
    Ok(at)
}

/// Sites that may have a dashboard in a frame: scheme, host and port, nothing behind them.
pub(super) fn origins(list: &[String]) -> Result<Vec<String>> {
    if list.len() > MOST {
        return Err(Error::invalid(format!("A link names at most {MOST} sites.")).field("origins"));
    }
    let clean = |(i, text): (usize, &String)| {
        let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        let (host, port) = rest.split_once(':').map_or((rest, None), |(host, port)| (host, Some(port)));
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
        let is_host = !host.is_empty() && host.len() <= 253 && host.chars().all(fits);
        if !is_host || port.is_some_and(|port| port.parse::<u16>().is_err()) {
            return Err(Error::invalid("This is not the address of a site.")
                .hint("Write it like https://intranet.example.com, without a path.")
                .field(format!("origins[{i}]")));
        }
        Ok(text)
    };
    list.iter().enumerate().map(clean).collect()
}

/// The key that checks EdDSA signatures, as PEM.
pub(super) fn public_key(text: &str) -> Result<String> {
    let text = text.trim();
    let refuse = || {
        Error::invalid("This is not the public part of an Ed25519 key in PEM.")
            .hint("Print it with `openssl pkey -in key.pem -pubout`.")
            .field("public_key")
    };
    let is_public = text.len() < 2_000 && text.starts_with("-----BEGIN PUBLIC KEY-----");
    if !is_public || jsonwebtoken::DecodingKey::from_ed_pem(text.as_bytes()).is_err() {
        return Err(refuse());
    }
    Ok(text.to_owned())
}

impl Services {
    /// The conditions of a link name columns that the dashboard has.
    pub(super) async fn check_locked(&self, caller: &Caller, dashboard: &str, filters: &[Filter]) -> Result<()> {
        if filters.is_empty() {
            return Ok(());
        }
        if filters.len() > MOST {
            return Err(Error::invalid(format!("A link has at most {MOST} conditions.")).field("filters"));
        }
        let reader = Reader::of(caller);
        let layout = self.read_document(dashboard, |document, _| document.layout()).await?;
        for (i, filter) in filters.iter().enumerate() {
            for column in columns_of(filter) {
                let mut is_known = false;
                for tile in &layout.widgets {
                    // A tile that does not work knows no columns.
                    let Ok((loaded, ..)) = self.own_question(tile, &reader).await else { continue };
                    is_known |= loaded.column(column).is_some();
                }
                if !is_known {
                    return Err(Error::new(
                        ErrorCode::UnknownColumn,
                        format!("No tile of this dashboard has a column `{column}`."),
                    )
                    .field(format!("filters[{i}].column")));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sites_are_names_and_nothing_behind_them() {
        let list = |text: &str| origins(&[text.to_owned()]);
        assert_eq!(list("https://Intranet.Example.com/").unwrap(), ["https://intranet.example.com"]);
        assert_eq!(list("http://localhost:8080").unwrap(), ["http://localhost:8080"]);
        for bad in [
            "",
            "*",
            "https://*",
            "https://a.b/path",
            "ftp://a.b",
            "https://a b",
            "https://a;script-src *",
            "https://a:99999",
        ] {
            assert!(list(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_link_ends_later_than_now() {
        assert!(expiry("2020-01-01T00:00:00Z", 1_700_000_000_000).is_err());
        assert!(expiry("soon", 0).is_err());
        assert_eq!(expiry("1970-01-01T00:00:02Z", 1_000).unwrap(), 2_000);
    }
}
