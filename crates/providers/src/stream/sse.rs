//! Server-sent events: the text of a stream, taken apart.
//!
//! <https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation>

use std::borrow::Cow;

/// The data of each event of a stream's text. Several lines of data in one event are joined; an
/// event that the text ends in is one too, for streams that are cut.
pub(super) fn events(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut lines = lines(text.strip_prefix('\u{feff}').unwrap_or(text));
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

/// The lines of a text, which end in `\n`, `\r\n` or `\r`.
fn lines(mut text: &str) -> impl Iterator<Item = &str> {
    std::iter::from_fn(move || {
        if text.is_empty() {
            return None;
        }
        let (line, rest) = text.split_once(['\n', '\r']).unwrap_or((text, ""));
        let is_cr = text.as_bytes().get(line.len()) == Some(&b'\r');
        text = if is_cr { rest.strip_prefix('\n').unwrap_or(rest) } else { rest };
        Some(line)
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
            ("data: a\r\rdata: b\r\r", &["a", "b"]),
            ("event: x\rdata: a\rid: 1\r\rdata: b", &["a", "b"]),
            ("data: {\rdata: }\r\r", &["{\n}"]),
            ("data: {\r\ndata: }\r\n\r\n", &["{\n}"]),
            ("data: a\n\rdata: b\r\n\rdata: c\r\n\ndata: d\r\r\n", &["a", "b", "c", "d"]),
            ("data: a\r\ndata: b\n\n", &["a\nb"]),
            ("\r\n\r\rdata: a\r", &["a"]),
            ("data: é\r\rdata: \u{85}\u{2028}\r\r", &["é", "\u{85}\u{2028}"]),
        ] {
            assert_eq!(events(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }

    #[test]
    fn line_ends_are_those_of_the_specification() {
        for (text, expected) in [
            ("", &[][..]),
            ("a", &["a"]),
            ("a\r\n", &["a"]),
            ("a\rb\nc\r\nd", &["a", "b", "c", "d"]),
            ("\r\r\n\n\n\r", &["", "", "", "", ""]),
        ] {
            assert_eq!(lines(text).collect::<Vec<_>>(), expected, "{text:?}");
        }
    }
}
