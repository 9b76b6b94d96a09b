//! A notice in words: as HTML for mails, and as plain text beside it.

use super::Letter;
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html};
use std::fmt::Write as _;

/// The `cid:` of the chart in a mail.
pub(super) const CHART: &str = "chart";

/// Text as HTML shows it.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Markdown as HTML. What people write is text: HTML in it is shown as it stands, links lead to the
/// web or into Orrery, pictures from elsewhere are not fetched.
fn markdown(text: &str, base: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let mut links = Vec::new();
    let events = Parser::new_ext(text, options).filter_map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::HtmlBlock | Tag::Image { .. }) | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => None,
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let to = address(&dest_url, base);
            links.push(to.is_some());
            to.map(|to| Event::Start(Tag::Link { link_type, dest_url: CowStr::from(to), title, id }))
        }
        Event::End(TagEnd::Link) => links.pop().unwrap_or(false).then_some(Event::End(TagEnd::Link)),
        other => Some(other),
    });
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

fn address(to: &str, base: &str) -> Option<String> {
    if to.starts_with('/') && !to.starts_with("//") {
        return Some(format!("{base}{to}"));
    }
    let lower = to.to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)).then(|| to.to_owned())
}

/// The body of a mail as HTML: what mail programs show, which is little.
pub(super) fn html_of(letter: &Letter<'_>, has_chart: bool, unsubscribe: Option<&str>) -> String {
    let notice = letter.notice;
    let mut out = String::from(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"></head>\
         <body style=\"margin:0;padding:24px;font-family:system-ui,sans-serif;font-size:15px;line-height:1.5\">\
         <div style=\"max-width:640px;margin:0 auto\">",
    );
    _ = write!(out, "<h1 style=\"font-size:20px;line-height:1.3;margin:0 0 12px\">{}</h1>", escape(&notice.subject));
    out.push_str(&markdown(&notice.body, letter.base));
    if !notice.fields.is_empty() {
        out.push_str("<table role=\"presentation\" style=\"border-collapse:collapse;margin:12px 0\">");
        for (name, value) in &notice.fields {
            _ = write!(
                out,
                "<tr><td style=\"padding:2px 16px 2px 0\">{}</td><td style=\"padding:2px 0\"><b>{}</b></td></tr>",
                escape(name),
                escape(value)
            );
        }
        out.push_str("</table>");
    }
    if has_chart {
        _ = write!(
            out,
            "<p><img src=\"cid:{CHART}\" alt=\"Chart: {}\" width=\"640\" style=\"max-width:100%;height:auto\"></p>",
            escape(&notice.subject)
        );
    }
    if !letter.base.is_empty() {
        _ = write!(out, "<p><a href=\"{}\">Open in Orrery</a></p>", escape(&letter.link()));
    }
    if let Some(address) = unsubscribe {
        _ = write!(
            out,
            "<p style=\"font-size:13px;margin-top:24px\"><a href=\"{}\">No more mails of this kind</a></p>",
            escape(address)
        );
    }
    out.push_str("</div></body></html>");
    out
}

/// The same as plain text.
pub(super) fn text_of(letter: &Letter<'_>, unsubscribe: Option<&str>) -> String {
    let notice = letter.notice;
    let mut parts = vec![notice.subject.clone()];
    let body = notice.body.trim();
    parts.extend((!body.is_empty()).then(|| body.to_owned()));
    let fields: Vec<String> = notice.fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    parts.extend((!fields.is_empty()).then(|| fields.join("\n")));
    parts.extend((!letter.base.is_empty()).then(|| letter.link()));
    parts.extend(unsubscribe.map(|address| format!("No more mails of this kind: {address}")));
    parts.join("\n\n") + "\n"
}
