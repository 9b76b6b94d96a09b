//! The audit log: who did what, when, from where, and what became of it.

mod detail;

use crate::api::audit::{audit_log, words_of_audit};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed};
use detail::Detail;
use domain::audit::{AuditPage, AuditRecord, AuditRequest, MOST_COUNTED, OUTCOMES};
use domain::format::{Format, number};
use domain::names::to_label;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

/// Changes one part of what is asked.
type Change = fn(&mut AuditRequest, String);

/// The tab of the administration.
#[component]
pub(super) fn AuditLog() -> impl IntoView {
    let asked = RwSignal::new(AuditRequest::default());
    let first = Answer::of(move || audit_log(asked.get()));
    // What was asked for beyond the first page, and where it ends.
    let more = RwSignal::new(Vec::<AuditRecord>::new());
    let next = RwSignal::new(None::<String>);
    Effect::new(move |_| {
        let cursor = first.get().and_then(Result::ok).and_then(|page| page.next);
        more.set(Vec::new());
        next.set(cursor);
    });
    let (open, chosen) = (RwSignal::new(false), RwSignal::new(None::<AuditRecord>));
    let show = Callback::new(move |record: AuditRecord| {
        chosen.set(Some(record));
        open.set(true);
    });
    let deed = Deed::new();
    let go_on = move |()| {
        let Some(cursor) = next.get_untracked() else { return };
        let request = AuditRequest { cursor, ..asked.get_untracked() };
        deed.run(audit_log(request), move |page| {
            _ = more.try_update(|more| more.extend(page.items));
            _ = next.try_set(page.next);
        });
    };
    let body = move || match first.get() {
        None => view! { <Skeleton lines=8/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| first.refetch()/> }.into_any(),
        Some(Ok(page)) if page.items.is_empty() => empty(asked),
        Some(Ok(page)) => table(page, more, show),
    };
    let rest = move || {
        next.get()
            .map(|_| view! { <Button on_click=go_on busy=deed.busy attr:data-testid="audit-more">"Show more"</Button> })
    };
    view! {
        <div class="stack" data-testid="audit">
            <Filters asked/>
            <div class="toolbar">
                <p class="muted grow" role="status">{move || first.get().and_then(Result::ok).map(|page| counted(&page))}</p>
                <LinkButton href=Signal::derive(move || file(&asked.get(), "csv")) icon="download" external=true attr:download="">"Export CSV"</LinkButton>
                <LinkButton href=Signal::derive(move || file(&asked.get(), "ndjson")) icon="download" external=true attr:download="">"Export NDJSON"</LinkButton>
            </div>
            <div data-testid="audit-table">{body}</div>
            <div class="row">{rest}</div>
            <Drawer open title="What was done">
                {move || chosen.get().map(|record| view! { <Detail record/> })}
            </Drawer>
        </div>
    }
    .into_any()
}

#[component]
fn Filters(asked: RwSignal<AuditRequest>) -> impl IntoView {
    let words = Answer::of(words_of_audit);
    let kept = move || words.get().and_then(Result::ok).map(|words| words.kept_days);
    let set = move |change: Change| Callback::new(move |value: String| asked.update(|asked| change(asked, value)));
    let text = RwSignal::new(String::new());
    let user = RwSignal::new(String::new());
    let search = typed(300, set(|asked, value| asked.text = value));
    let who = typed(300, set(|asked, value| asked.user = value));
    let choices = move |all: &str, values: Vec<String>| {
        let known = values.into_iter().map(|value| Choice::new(value.clone(), to_label(&value)));
        std::iter::once(Choice::new("", all)).chain(known).collect::<Vec<_>>()
    };
    let known = move || words.get().and_then(Result::ok).unwrap_or_default();
    let actions = Signal::derive(move || choices("All actions", known().actions));
    let kinds = Signal::derive(move || choices("All things", known().kinds));
    let outcomes = choices("All outcomes", OUTCOMES.map(str::to_owned).to_vec());
    let part = move |read: fn(&AuditRequest) -> String| Signal::derive(move || asked.with(read));
    view! {
        <p class="muted">
            "What people and programs did here, and what they were refused. Nobody can change it."
            {move || kept().map(|days| format!(" It is kept for {days} days."))}
        </p>
        <div class="toolbar" data-testid="audit-filters">
            <SearchInput value=text on_input=move |v: String| { text.set(v.clone()); search.run(v); } label="Search the audit log"/>
            <TextInput value=user on_input=move |v: String| { user.set(v.clone()); who.run(v); } label="User" placeholder="Any user" max_length=100 attr:style="inline-size:10rem"/>
            <Select options=actions value=part(|r| r.action.clone()) on_change=set(|r, v| r.action = v) label="Action"/>
            <Select options=kinds value=part(|r| r.kind.clone()) on_change=set(|r, v| r.kind = v) label="Kind of thing"/>
            <Select options=outcomes value=part(|r| r.outcome.clone()) on_change=set(|r, v| r.outcome = v) label="Outcome"/>
            <DateInput value=part(|r| r.since.clone()) on_change=set(|r, v| r.since = v) label="From day"/>
            <DateInput value=part(|r| r.until.clone()) on_change=set(|r, v| r.until = v) label="To day"/>
        </div>
    }
    .into_any()
}

fn empty(asked: RwSignal<AuditRequest>) -> AnyView {
    if asked.with_untracked(|asked| *asked == AuditRequest::default()) {
        return view! { <EmptyState icon="history" title="Nothing was done yet" text="Signing in, sharing, changing and exporting things will stand here."/> }.into_any();
    }
    view! { <EmptyState icon="history" title="Nothing fits" text="Change or clear what is filtered by above."/> }
        .into_any()
}

fn table(page: AuditPage, more: RwSignal<Vec<AuditRecord>>, show: Callback<AuditRecord>) -> AnyView {
    let head = ["When", "Who", "What", "Outcome", "From"].map(Head::text);
    let head = head.into_iter().chain([Head::hidden("Details")]).collect::<Vec<_>>();
    view! {
        <Card flush=true>
            <Table caption="Audit log" head>
                {page.items.into_iter().map(|record| row(record, show)).collect_view()}
                {move || more.get().into_iter().map(|record| row(record, show)).collect_view()}
            </Table>
        </Card>
    }
    .into_any()
}

/// Who it was, in a word.
fn who(record: &AuditRecord) -> String {
    let unknown = || match record.surface.as_str() {
        "system" | "" => "The server".to_owned(),
        "cli" => "The command line".to_owned(),
        _ => "Nobody known".to_owned(),
    };
    record.user_name.clone().or_else(|| record.user_id.clone()).unwrap_or_else(unknown)
}

/// What was done with which thing.
fn what(record: &AuditRecord) -> String {
    let action = to_label(&record.action);
    match record.thing_kind.as_str() {
        "" => action,
        kind => format!("{action} · {}", to_label(kind).to_lowercase()),
    }
}

fn tone(outcome: &str) -> Tone {
    match outcome {
        "done" => Tone::Good,
        "refused" => Tone::Bad,
        _ => Tone::Neutral,
    }
}

fn row(record: AuditRecord, show: Callback<AuditRecord>) -> AnyView {
    let (who, what) = (who(&record), what(&record));
    let label = format!("Details of {what} by {who}");
    let from = if record.address.is_empty() { to_label(&record.surface) } else { record.address.clone() };
    let (at, thing, outcome) = (record.at.clone(), record.thing_id.clone(), record.outcome.clone());
    view! {
        <tr data-testid="audit-row">
            <td><Time iso=at/></td>
            <td>{who}</td>
            <td>{what} <div class="muted small mono truncate">{thing}</div></td>
            <td><Badge tone=tone(&outcome)>{to_label(&outcome)}</Badge> {(!record.code.is_empty()).then(|| view! { <div class="muted small mono">{record.code.clone()}</div> })}</td>
            <td class="mono small">{from}</td>
            <td class="actions">
                <Button size=Size::Small on_click=move |()| show.run(record.clone()) attr:aria-label=label>"Details"</Button>
            </td>
        </tr>
    }
    .into_any()
}

fn counted(page: &AuditPage) -> String {
    let count = number(page.total as f64, &Format::default(), false, &crate::session::locale());
    match page.total {
        1 => "1 deed".to_owned(),
        n if n >= MOST_COUNTED => format!("{count} deeds or more"),
        _ => format!("{count} deeds"),
    }
}

/// Where the same is as a file.
fn file(asked: &AuditRequest, format: &str) -> String {
    let mut params = ParamsMap::new();
    let parts = [
        ("user", &asked.user),
        ("action", &asked.action),
        ("kind", &asked.kind),
        ("outcome", &asked.outcome),
        ("since", &asked.since),
        ("until", &asked.until),
        ("text", &asked.text),
    ];
    params.insert("format", format.to_owned());
    for (name, value) in parts.into_iter().filter(|(_, value)| !value.is_empty()) {
        params.insert(name, value.clone());
    }
    format!("/api/v1/audit/export{}", params.to_query_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_asked_for_with_the_same_filters() {
        let asked = AuditRequest { text: "a&b=c".into(), user: "ada".into(), ..AuditRequest::default() };
        let address = file(&asked, "csv");
        assert!(address.starts_with("/api/v1/audit/export?"), "{address}");
        for part in ["format=csv", "user=ada", "text=a%26b%3Dc"] {
            assert!(address.contains(part), "{address}");
        }
        assert!(!address.contains("action="));
    }

    #[test]
    fn a_count_that_was_given_up_says_so() {
        let page = |total| AuditPage { total, ..AuditPage::default() };
        assert_eq!(counted(&page(1)), "1 deed");
        assert_eq!(counted(&page(MOST_COUNTED)), "10,000 deeds or more");
    }
}
