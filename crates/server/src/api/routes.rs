//! Every path of the API: who may ask, what with, and what is answered. What is not in this table is
//! neither served nor documented, and what is in it is both.

use centime_answers::report::Kind as ReportKind;
use centime_answers::schema;
use http::Method;
use serde_json::{Value, json};

use super::query::Parameter;
use super::questions::{ENTRIES_MAX, ENTRIES_USUAL, GROUPS_MAX, MODELS_MAX};

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    Health,
    Readiness,
    Metrics,
    Document,
    Events,
    Report,
    Entries,
    Entry,
    Prices,
    Budgets,
    SetBudget,
    Budget,
    Plans,
    SetPlan,
    Plan,
    Users,
    SetUser,
    Alerts,
    Me,
    Keys,
    NewKey,
    Key,
}

/// A path and what it is.
pub(super) struct Route {
    /// The path; `{id}` at its end is any segment.
    pub(super) path: &'static str,
    pub(super) resource: Resource,
    /// What it does, in a few words.
    pub(super) says: &'static str,
    /// What it may be asked with.
    pub(super) parameters: &'static [Parameter],
    /// The kind and the schema of its answer.
    pub(super) answer: (&'static str, fn() -> Value),
    /// What else it may answer, by status.
    pub(super) refusals: &'static [u16],
}

const JSON: &str = "application/json";

/// Every route.
pub(super) const ROUTES: &[Route] = &[
    Route {
        path: "/healthz",
        resource: Resource::Health,
        says: "Whether the process lives",
        parameters: &[],
        answer: (JSON, || schema::named("Health")),
        refusals: &[],
    },
    Route {
        path: "/readyz",
        resource: Resource::Readiness,
        says: "Whether what is done can be recorded; 503 where it cannot",
        parameters: &[],
        answer: (JSON, || schema::named("Health")),
        refusals: &[],
    },
    Route {
        path: "/metrics",
        resource: Resource::Metrics,
        says: "The gateway's figures, as Prometheus reads them",
        parameters: &[],
        answer: ("text/plain", || json!({"type": "string"})),
        refusals: &[401, 403],
    },
    Route {
        path: "/api/v1/openapi.json",
        resource: Resource::Document,
        says: "This document",
        parameters: &[],
        answer: (JSON, || json!({"type": "object"})),
        refusals: &[401, 403],
    },
    Route {
        path: "/api/v1/events",
        resource: Resource::Events,
        says: "Takes usage events in, exactly once: one, an array of them, or one a line",
        parameters: &[],
        answer: (JSON, || schema::named("EventsOutcome")),
        refusals: &[400, 401, 403, 413, 415, 503],
    },
    Route {
        path: "/api/v1/report",
        resource: Resource::Report,
        says: "What was spent, on what, by whom: `centime report KIND --format json`",
        parameters: &[KIND, BY, SINCE, UNTIL, WHERE, GROUPS, COMPARE, ZONE],
        answer: (JSON, || schema::named("Report")),
        refusals: &[400, 401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/entries",
        resource: Resource::Entries,
        says: "Rows of the ledger, newest first: pages of `centime entries --format json`",
        parameters: &[SINCE, UNTIL, WHERE, PAGE, AFTER, ZONE],
        answer: (JSON, || schema::named("EntriesPage")),
        refusals: &[400, 401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/entries/{id}",
        resource: Resource::Entry,
        says: "One entry's charge line by line: `centime explain ID --format json`",
        parameters: &[],
        answer: (JSON, || schema::named("ExplainedEntry")),
        refusals: &[400, 401, 403, 404, 409, 500, 503],
    },
    Route {
        path: "/api/v1/prices",
        resource: Resource::Prices,
        says: "The models of the price book: `centime prices list NAME --format json`",
        parameters: &[NAME, PROVIDER, MODE, MODELS, AT, ZONE],
        answer: (JSON, || schema::list(&schema::named("Price"))),
        refusals: &[400, 401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/budgets",
        resource: Resource::Budgets,
        says: "How budgets stand: `centime budget show --format json`",
        parameters: &[BUDGET],
        answer: (JSON, || schema::list(&schema::named("Budget"))),
        refusals: &[400, 401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/budgets",
        resource: Resource::SetBudget,
        says: "Sets a budget, or changes one: `centime budget set`",
        parameters: &[],
        answer: (JSON, || schema::named("Changed")),
        refusals: &[400, 401, 403, 409, 500, 503],
    },
    Route {
        path: "/api/v1/budgets/{id}",
        resource: Resource::Budget,
        says: "Takes a budget away: `centime budget rm`",
        parameters: &[],
        answer: (JSON, || schema::named("Changed")),
        refusals: &[400, 401, 403, 404, 409, 500, 503],
    },
    Route {
        path: "/api/v1/plans",
        resource: Resource::Plans,
        says: "The plans that there are: `centime plan list --format json`",
        parameters: &[],
        answer: (JSON, || schema::list(&schema::named("Plan"))),
        refusals: &[401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/plans",
        resource: Resource::SetPlan,
        says: "Sets a plan, or changes one: `centime plan set`",
        parameters: &[],
        answer: (JSON, || schema::named("Plan")),
        refusals: &[400, 401, 403, 409, 500, 503],
    },
    Route {
        path: "/api/v1/plans/{id}",
        resource: Resource::Plan,
        says: "Takes a plan away; one that stands ready is as it was: `centime plan rm`",
        parameters: &[],
        answer: (JSON, || schema::named("Changed")),
        refusals: &[400, 401, 403, 404, 409, 500, 503],
    },
    Route {
        path: "/api/v1/users",
        resource: Resource::Users,
        says: "The users that have been given something: `centime user list --format json`",
        parameters: &[],
        answer: (JSON, || schema::list(&schema::named("User"))),
        refusals: &[401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/users",
        resource: Resource::SetUser,
        says: "Gives a user a plan or a team: `centime user set`",
        parameters: &[],
        answer: (JSON, || schema::named("User")),
        refusals: &[400, 401, 403, 409, 500, 503],
    },
    Route {
        path: "/api/v1/alerts",
        resource: Resource::Alerts,
        says: "The alerts that were raised, newest first: `centime alerts list --format json`",
        parameters: &[ALERTS],
        answer: (JSON, || schema::list(&schema::named("Alert"))),
        refusals: &[400, 401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/me",
        resource: Resource::Me,
        says: "What a user may spend: its plan, and every budget that its calls touch",
        parameters: &[USER],
        answer: (JSON, || schema::named("Own")),
        refusals: &[400, 401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/keys",
        resource: Resource::Keys,
        says: "The keys of the gateway, without their secrets: `centime key list --format json`",
        parameters: &[],
        answer: (JSON, || schema::list(&schema::named("Key"))),
        refusals: &[401, 403, 500, 503],
    },
    Route {
        path: "/api/v1/keys",
        resource: Resource::NewKey,
        says: "Makes a key and shows its secret this once: `centime key create --format json`",
        parameters: &[],
        answer: (JSON, || schema::named("NewKey")),
        refusals: &[400, 401, 403, 409, 500, 503],
    },
    Route {
        path: "/api/v1/keys/{id}",
        resource: Resource::Key,
        says: "Puts an end to a key: `centime key revoke ID --format json`",
        parameters: &[],
        answer: (JSON, || schema::named("Key")),
        refusals: &[401, 403, 404, 500, 503],
    },
];

const KIND: Parameter = Parameter {
    name: "kind",
    says: ReportKind::NAMES,
    schema: || json!({"type": "string", "default": "total"}),
    is_list: false,
};
const BY: Parameter = Parameter {
    name: "by",
    says: "Group by these instead, with commas between: model, provider, user, team, project, key, \
           session, tag:NAME, date, hour",
    schema: text,
    is_list: true,
};
const SINCE: Parameter = Parameter {
    name: "since",
    says: "From this moment on: a date, a time, or a span back from now such as 30d or 12h",
    schema: text,
    is_list: false,
};
const UNTIL: Parameter = Parameter {
    name: "until",
    says: "Up to this moment, which is not in it any more",
    schema: text,
    is_list: false,
};
const WHERE: Parameter = Parameter {
    name: "where",
    says: "Only where this holds: F=V, F!=V or F^=V (starts with); F=a|b for either. Several are \
           and-ed. F: model, provider, user, team, project, key, session, tag:NAME, source, status, \
           pricing_status or usage_source",
    schema: text,
    is_list: true,
};
const GROUPS: Parameter = Parameter {
    name: "limit",
    says: "The most groups; the rest is one more, so that they still add up",
    schema: || json!({"type": "integer", "minimum": 1, "maximum": GROUPS_MAX, "default": GROUPS_MAX}),
    is_list: false,
};
const COMPARE: Parameter = Parameter {
    name: "compare",
    says: "Beside each group, what it was in the window before: as long, and ending where `since` \
           starts",
    schema: || json!({"type": "boolean", "default": false}),
    is_list: false,
};
const ZONE: Parameter = Parameter {
    name: "tz",
    says: "Whose clocks times without a zone, days and hours are read from; `timezone` of the \
           configuration by default",
    schema: text,
    is_list: false,
};
const PAGE: Parameter = Parameter {
    name: "limit",
    says: "The most entries of the page",
    schema: || json!({"type": "integer", "minimum": 1, "maximum": ENTRIES_MAX, "default": ENTRIES_USUAL}),
    is_list: false,
};
const ALERTS: Parameter = Parameter {
    name: "limit",
    says: "The most alerts",
    schema: || json!({"type": "integer", "minimum": 1, "maximum": ENTRIES_MAX, "default": ENTRIES_USUAL}),
    is_list: false,
};
const AFTER: Parameter = Parameter {
    name: "after",
    says: "Go on after this entry: the `next` of the page before",
    schema: || json!({"type": "string", "pattern": "^[0-9a-f]{32}$"}),
    is_list: false,
};
const NAME: Parameter = Parameter {
    name: "name",
    says: "Only models with this in their name, or in another name they go by",
    schema: text,
    is_list: false,
};
const BUDGET: Parameter =
    Parameter { name: "name", says: "Only the budget of this name", schema: text, is_list: false };
const USER: Parameter = Parameter {
    name: "user",
    says: "Who; without it, what calls without a user touch",
    schema: text,
    is_list: false,
};
const PROVIDER: Parameter =
    Parameter { name: "provider", says: "Only this provider's", schema: text, is_list: false };
const MODE: Parameter = Parameter {
    name: "mode",
    says: "Only models that do this: chat, embedding, image_generation, …",
    schema: text,
    is_list: false,
};
const MODELS: Parameter = Parameter {
    name: "limit",
    says: "The most models; all by default",
    schema: || json!({"type": "integer", "minimum": 1, "maximum": MODELS_MAX}),
    is_list: false,
};
const AT: Parameter = Parameter {
    name: "at",
    says: "The rates in force at this moment; now by default",
    schema: text,
    is_list: false,
};

fn text() -> Value {
    json!({"type": "string"})
}

impl Route {
    /// The routes of a path, one a kind of method, and the last segment where it is any.
    pub(super) fn of(path: &str) -> impl Iterator<Item = (&'static Self, &str)> {
        ROUTES.iter().filter_map(move |route| match route.path.strip_suffix("{id}") {
            None => (route.path == path).then_some((route, "")),
            Some(start) => {
                let id = path.strip_prefix(start)?;
                (!id.is_empty() && !id.contains('/')).then_some((route, id))
            }
        })
    }

    /// Whether whoever keeps the process alive asks, who has no key.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.resource, Resource::Health | Resource::Readiness)
    }

    /// The methods that it answers.
    pub(super) fn methods(&self) -> &'static str {
        match self.resource {
            Resource::Events
            | Resource::NewKey
            | Resource::SetBudget
            | Resource::SetPlan
            | Resource::SetUser => "POST",
            Resource::Key | Resource::Budget | Resource::Plan => "DELETE",
            _ => "GET, HEAD",
        }
    }

    /// Whether it answers a method.
    pub(super) fn allows(&self, method: &Method) -> bool {
        self.methods().split(", ").any(|allowed| allowed == method.as_str())
    }
}
