//! Markdown that people write, as elements. HTML in it is shown as text; addresses are limited.

use leptos::prelude::*;
use pulldown_cmark::{Alignment, Event, HeadingLevel, Options, Parser, Tag};

/// Deeper nesting is flattened: nobody reads it, and it must not exhaust the stack.
const DEPTH: usize = 16;

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Paragraph,
    Heading(u8),
    Quote,
    Code,
    List(Option<u64>),
    Item,
    Table,
    Head,
    Row,
    Cell(Alignment),
    Emphasis,
    Strong,
    Strike,
    Link(String),
    Image(String),
    /// A thing whose content is shown without it.
    Plain,
}

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Text(String),
    InlineCode(String),
    Break,
    Rule,
    Tick(bool),
    Element(Kind, Vec<Node>),
}

/// The scheme of an address, lower case; `None` for a relative one.
fn scheme(address: &str) -> Option<String> {
    let end = address.find([':', '/', '?', '#'])?;
    address[end..].starts_with(':').then(|| address[..end].to_ascii_lowercase())
}

/// An address that a link may have.
fn link_address(address: &str) -> Option<&str> {
    let address = address.trim();
    let clean = !address.chars().any(|c| c.is_control() || c == '\\');
    let known = scheme(address).is_none_or(|s| matches!(s.as_str(), "http" | "https" | "mailto"));
    (clean && known && !address.is_empty()).then_some(address)
}

/// An address that a picture may have.
fn image_address(address: &str) -> Option<&str> {
    let address = link_address(address)?;
    let known = scheme(address).map_or(!address.starts_with("//"), |s| s == "https");
    known.then_some(address)
}

fn kind(tag: Tag<'_>, columns: &mut Vec<Alignment>, column: &mut usize) -> Kind {
    match tag {
        Tag::Paragraph => Kind::Paragraph,
        Tag::Heading { level, .. } => Kind::Heading(match level {
            HeadingLevel::H1 => 2,
            HeadingLevel::H2 => 3,
            HeadingLevel::H3 => 4,
            HeadingLevel::H4 => 5,
            HeadingLevel::H5 | HeadingLevel::H6 => 6,
        }),
        Tag::BlockQuote(_) => Kind::Quote,
        Tag::CodeBlock(_) | Tag::HtmlBlock => Kind::Code,
        Tag::List(start) => Kind::List(start),
        Tag::Item => Kind::Item,
        Tag::Table(alignments) => {
            *columns = alignments;
            Kind::Table
        }
        Tag::TableHead | Tag::TableRow => {
            *column = 0;
            if matches!(tag, Tag::TableHead) { Kind::Head } else { Kind::Row }
        }
        Tag::TableCell => {
            *column += 1;
            Kind::Cell(columns.get(*column - 1).copied().unwrap_or(Alignment::None))
        }
        Tag::Emphasis => Kind::Emphasis,
        Tag::Strong => Kind::Strong,
        Tag::Strikethrough => Kind::Strike,
        Tag::Link { dest_url, .. } => link_address(&dest_url).map_or(Kind::Plain, |a| Kind::Link(a.to_owned())),
        Tag::Image { dest_url, .. } => image_address(&dest_url).map_or(Kind::Plain, |a| Kind::Image(a.to_owned())),
        _ => Kind::Plain,
    }
}

/// Reads the text into a tree.
fn parse(text: &str) -> Vec<Node> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut open: Vec<(Kind, Vec<Node>)> = vec![(Kind::Plain, Vec::new())];
    let (mut flattened, mut columns, mut column) = (0usize, Vec::new(), 0usize);
    for event in Parser::new_ext(text, options) {
        let node = match event {
            Event::Start(_) if open.len() > DEPTH => {
                flattened += 1;
                continue;
            }
            Event::Start(tag) => {
                open.push((kind(tag, &mut columns, &mut column), Vec::new()));
                continue;
            }
            Event::End(_) if flattened > 0 => {
                flattened -= 1;
                continue;
            }
            Event::End(_) => match open.pop() {
                Some((kind, children)) => Node::Element(kind, children),
                None => continue,
            },
            Event::Code(code) => Node::InlineCode(code.into_string()),
            Event::HardBreak => Node::Break,
            Event::SoftBreak => Node::Text(" ".into()),
            Event::Rule => Node::Rule,
            Event::TaskListMarker(done) => Node::Tick(done),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => Node::Text(text.into_string()),
            Event::FootnoteReference(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                Node::Text(text.into_string())
            }
        };
        let Some((_, siblings)) = open.last_mut() else { continue };
        match (siblings.last_mut(), node) {
            (Some(Node::Text(before)), Node::Text(more)) => before.push_str(&more),
            (_, node) => siblings.push(node),
        }
    }
    open.into_iter().next().map(|(_, nodes)| nodes).unwrap_or_default()
}

/// The words of a tree, for the text beside a picture.
fn words(nodes: &[Node]) -> String {
    nodes
        .iter()
        .map(|node| match node {
            Node::Text(text) | Node::InlineCode(text) => text.clone(),
            Node::Element(_, children) => words(children),
            Node::Break | Node::Rule | Node::Tick(_) => " ".into(),
        })
        .collect()
}

fn draw_all(nodes: Vec<Node>) -> AnyView {
    nodes.into_iter().map(draw).collect_view().into_any()
}

fn draw(node: Node) -> AnyView {
    match node {
        Node::Text(text) => text.into_any(),
        Node::InlineCode(code) => view! { <code>{code}</code> }.into_any(),
        Node::Break => view! { <br/> }.into_any(),
        Node::Rule => view! { <hr/> }.into_any(),
        Node::Tick(done) => {
            let label = if done { "Done" } else { "Open" };
            view! { <input type="checkbox" disabled=true checked=done aria-label=label/> }.into_any()
        }
        Node::Element(kind, children) => draw_element(kind, children),
    }
}

fn draw_element(kind: Kind, children: Vec<Node>) -> AnyView {
    if let Kind::Image(address) = &kind {
        let words = words(&children);
        return view! { <img src=address.clone() alt=words loading="lazy" referrerpolicy="no-referrer"/> }.into_any();
    }
    if kind == Kind::Table {
        let (head, rows): (Vec<Node>, Vec<Node>) =
            children.into_iter().partition(|node| matches!(node, Node::Element(Kind::Head, _)));
        return view! { <table class="table"><thead>{draw_all(head)}</thead><tbody>{draw_all(rows)}</tbody></table> }
            .into_any();
    }
    let inner = draw_all(children);
    match kind {
        Kind::Paragraph => view! { <p>{inner}</p> }.into_any(),
        Kind::Heading(2) => view! { <h2>{inner}</h2> }.into_any(),
        Kind::Heading(3) => view! { <h3>{inner}</h3> }.into_any(),
        Kind::Heading(4) => view! { <h4>{inner}</h4> }.into_any(),
        Kind::Heading(5) => view! { <h5>{inner}</h5> }.into_any(),
        Kind::Heading(_) => view! { <h6>{inner}</h6> }.into_any(),
        Kind::Quote => view! { <blockquote>{inner}</blockquote> }.into_any(),
        Kind::Code => view! { <pre><code>{inner}</code></pre> }.into_any(),
        Kind::List(None) => view! { <ul>{inner}</ul> }.into_any(),
        Kind::List(Some(start)) => view! { <ol start=start.to_string()>{inner}</ol> }.into_any(),
        Kind::Item => view! { <li>{inner}</li> }.into_any(),
        Kind::Head | Kind::Row => view! { <tr>{inner}</tr> }.into_any(),
        Kind::Cell(Alignment::Right) => view! { <td class="num">{inner}</td> }.into_any(),
        Kind::Cell(_) => view! { <td>{inner}</td> }.into_any(),
        Kind::Emphasis => view! { <em>{inner}</em> }.into_any(),
        Kind::Strong => view! { <strong>{inner}</strong> }.into_any(),
        Kind::Strike => view! { <del>{inner}</del> }.into_any(),
        Kind::Link(address) => {
            let away = scheme(&address).is_some() || address.starts_with("//");
            let (target, rel) = if away { (Some("_blank"), Some("noopener noreferrer")) } else { (None, None) };
            view! { <a href=address target=target rel=rel>{inner}</a> }.into_any()
        }
        Kind::Plain | Kind::Table | Kind::Image(_) => inner,
    }
}

/// Text with Markdown in it.
#[component]
pub fn Markdown(#[prop(into)] text: Signal<String>) -> impl IntoView {
    view! { <div class="markdown">{move || draw_all(parse(&text.read()))}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_text() {
        let nodes = parse("a <b onclick=x>b</b>");
        assert_eq!(words(&nodes), "a <b onclick=x>b</b>");
        assert!(matches!(&parse("<script>alert(1)</script>")[0], Node::Element(Kind::Code, _)));
    }

    #[test]
    fn only_known_addresses_become_links() {
        assert_eq!(link_address("https://a.example/x"), Some("https://a.example/x"));
        assert_eq!(link_address("/dashboards/a?b=c:d"), Some("/dashboards/a?b=c:d"));
        assert_eq!(link_address("mailto:a@b.example"), Some("mailto:a@b.example"));
        for bad in [
            "javascript:alert(1)",
            " JaVaScRiPt:alert(1)",
            "java\nscript:alert(1)",
            "data:text/html,x",
            "",
            "vbscript:x",
        ] {
            assert_eq!(link_address(bad), None, "{bad}");
        }
        assert_eq!(image_address("http://a.example/x.png"), None);
        assert_eq!(image_address("//a.example/x.png"), None);
        assert_eq!(image_address("/x.png"), Some("/x.png"));
        assert_eq!(
            parse("[x](javascript:y)"),
            parse("x")
                .into_iter()
                .map(|n| match n {
                    Node::Element(k, c) => Node::Element(k, vec![Node::Element(Kind::Plain, c)]),
                    other => other,
                })
                .collect::<Vec<_>>()
        );
    }

    #[test]
    fn deep_nesting_is_flattened() {
        let deep = format!("{}x", "> ".repeat(5_000));
        assert_eq!(words(&parse(&deep)).trim(), "x");
    }
}
