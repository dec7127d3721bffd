//! Server-sent events: the text of a stream, taken apart.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>

use std::borrow::Cow;

/// The data of each event of a stream's text. Several lines of data in one event are joined; an
/// event that the text ends in is one too, for streams that are cut.
pub(super) fn events(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut lines = text.strip_prefix('\u{feff}').unwrap_or(text).lines();
    std::iter::from_fn(move || {
        let mut data: Option<Cow<'_, str>> = None;
        for line in lines.by_ref() {
            if line.is_empty() && data.is_some() {
                break;
            }
            let Some(more) = line.strip_prefix("data:") else {
                continue;
            };
            let more = more.strip_prefix(' ').unwrap_or(more);
            data = Some(match data {
                None => Cow::Borrowed(more),
                Some(before) => Cow::Owned(format!("{before}\n{more}")),
            });
        }
        data
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_apart() {
        for (text, expected) in [
            ("", &[][..]),
            (": hello\n\n", &[]),
            ("data: a\n\ndata: b\n\n", &["a", "b"]),
            ("event: x\r\ndata:a\r\nid: 1\r\n\r\ndata: b", &["a", "b"]),
            ("data: {\ndata: }\n\n", &["{\n}"]),
            ("data\n\ndata:\n\ndata:  a\n\n", &["", " a"]),
            ("\u{feff}data: a\n\n\n\n", &["a"]),
        ] {
            assert_eq!(events(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
