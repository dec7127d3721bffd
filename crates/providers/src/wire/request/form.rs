//! Reading a body that is a form, `multipart/form-data`.
//!
//! <https://www.rfc-editor.org/rfc/rfc7578>, <https://www.rfc-editor.org/rfc/rfc2046#section-5.1>.
//! Parts are found by their delimiters alone, so that a file costs one search however long it is.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memmem;

use super::{Asked, Model};
use crate::error::ReadError;
use crate::fields::whole;
use crate::wire::endpoint::Endpoint;

/// How long the head of a part may be.
const HEAD_MAX: usize = 16 * 1024;

/// How many parts a form may have.
const PARTS_MAX: usize = 1024;

/// How long the boundary may be. The standard allows 70 bytes.
const BOUNDARY_MAX: usize = 200;

pub(super) fn read<'a>(
    endpoint: Endpoint,
    body: &'a [u8],
    content_type: &str,
) -> Result<Asked<'a>, ReadError> {
    let boundary = boundary(content_type)?;
    let mut fields = Wanted::default();
    for part in Parts::of(body, &boundary) {
        fields.note(body, part?)?;
    }
    let mut asked = Asked::of(endpoint);
    let word = |name| fields.text(body, name);
    asked.model = word("model")?;
    if let Some(at) = fields.place("model") {
        asked.places.models.push(Model { at, is_path: false, is_bare: true });
    }
    asked.is_stream = match word("stream")?.as_deref().map(str::trim) {
        None | Some("" | "false" | "False" | "0") => false,
        Some("true" | "True" | "1") => true,
        Some(_) => return Err(ReadError::new("stream", "expected `true` or `false`")),
    };
    asked.user = word("user")?;
    asked.size = word("size")?;
    asked.quality = word("quality")?;
    asked.response_format = word("response_format")?;
    if let Some(answers) = word("n")? {
        let answers = answers.trim();
        let count = whole(answers).map_err(|what| ReadError::new("n", what))?;
        asked.answers = Some(count);
    }
    Ok(asked)
}

/// The boundary that a content type names.
fn boundary(content_type: &str) -> Result<String, ReadError> {
    let error = |what: &str| ReadError::new("content-type", what);
    let (kind, mut rest) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return Err(error("expected `multipart/form-data; boundary=…`"));
    }
    let mut found = None;
    while !rest.trim().is_empty() {
        let (name, value, after) =
            parameter(rest).ok_or_else(|| error("has a parameter that cannot be read"))?;
        if name.eq_ignore_ascii_case("boundary") && found.replace(value).is_some() {
            return Err(error("has two boundaries; send one"));
        }
        rest = after;
    }
    match found {
        Some(found) if (1..=BOUNDARY_MAX).contains(&found.len()) => Ok(found),
        Some(_) => Err(error("has a boundary that is empty or too long; send 1 to 70 bytes")),
        None => Err(error("has no boundary; send `multipart/form-data; boundary=…`")),
    }
}

/// The first parameter, ` name="value"`, and what is behind it.
fn parameter(text: &str) -> Option<(&str, String, &str)> {
    let (name, rest) = text.split_once('=')?;
    let name = name.trim_matches([' ', '\t', ';']);
    let Some(quoted) = rest.strip_prefix('"') else {
        let (value, rest) = rest.split_once(';').unwrap_or((rest, ""));
        return Some((name, value.trim().to_owned(), rest));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    loop {
        match letters.next()? {
            (_, '\\') => value.push(letters.next()?.1),
            (at, '"') => {
                let rest = quoted.get(at + 1..)?.trim_start_matches([' ', '\t']);
                let rest = rest.strip_prefix(';').or_else(|| rest.is_empty().then_some(""))?;
                return Some((name, value, rest));
            }
            (_, letter) => value.push(letter),
        }
    }
}

/// One part: the name of its field, and where its value is.
struct Part {
    name: String,
    is_file: bool,
    at: Range<usize>,
}

/// The parts of a form, one after the other, until one cannot be read.
struct Parts<'a> {
    body: &'a [u8],
    delimiter: memmem::Finder<'a>,
    /// Behind the last delimiter; `None` once all has been read.
    at: Option<usize>,
    read: usize,
}

impl<'a> Parts<'a> {
    fn of(body: &'a [u8], boundary: &str) -> Self {
        let delimiter = format!("\r\n--{boundary}");
        let delimiter = memmem::Finder::new(delimiter.as_bytes()).into_owned();
        // The first delimiter may be without the line end before it.
        let opening = delimiter.needle().get(2..).unwrap_or_default();
        let at = if body.starts_with(opening) {
            Some(opening.len())
        } else {
            delimiter.find(body).map(|at| at + opening.len() + 2)
        };
        Self { body, at: Some(at.unwrap_or(body.len())), delimiter, read: 0 }
    }

    /// The part behind the delimiter that ends here; `None` behind the last one.
    fn part(&self, at: usize) -> Result<Option<(Part, usize)>, &'static str> {
        let rest = self.body.get(at..).unwrap_or_default();
        if rest.starts_with(b"--") {
            return Ok(None);
        }
        let padding = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let head = at + padding;
        let rest = self.body.get(head..).unwrap_or_default();
        if rest.is_empty() {
            return Err("the form ends before its last boundary; send it whole");
        }
        if !rest.starts_with(b"\r\n") {
            return Err("expected a line end after a boundary");
        }
        let window = rest.get(..HEAD_MAX.min(rest.len())).unwrap_or_default();
        let length = memmem::find(window, b"\r\n\r\n").ok_or("the head of a part has no end")?;
        let text = window.get(2..length.max(2)).unwrap_or_default();
        let (name, is_file) = disposition(text)?;
        let start = head + length + 4;
        // An empty value has its delimiter at once, whose line end is the head's last.
        let search = start - 2;
        let content = self.body.get(search..).unwrap_or_default();
        let length = self.delimiter.find(content);
        let end = search + length.ok_or("a part of the form has no end; send it whole")?;
        let part = Part { name, is_file, at: start.min(end)..end.max(start.min(end)) };
        Ok(Some((part, end + self.delimiter.needle().len())))
    }
}

impl Iterator for Parts<'_> {
    type Item = Result<Part, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.at.take()?;
        self.read += 1;
        if self.read > PARTS_MAX {
            return Some(Err(ReadError::new("", "the form has more than 1024 parts")));
        }
        match self.part(at) {
            Ok(None) => None,
            Ok(Some((part, next))) => {
                self.at = Some(next);
                Some(Ok(part))
            }
            Err(what) => Some(Err(ReadError::new("", what))),
        }
    }
}

/// The name of a field, and whether it is a file, from the head of its part.
fn disposition(head: &[u8]) -> Result<(String, bool), &'static str> {
    let head = std::str::from_utf8(head).map_err(|_| "the head of a part is no UTF-8")?;
    let mut found = None;
    for line in head.split("\r\n") {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.trim().eq_ignore_ascii_case("content-disposition") && found.replace(value).is_some()
        {
            return Err("a part has two dispositions");
        }
    }
    let mut rest = found.ok_or("a part has no `content-disposition`")?;
    let (kind, parameters) = rest.split_once(';').unwrap_or((rest, ""));
    if !kind.trim().eq_ignore_ascii_case("form-data") {
        return Err("a part is no `form-data`");
    }
    rest = parameters;
    let (mut name, mut is_file) = (None, false);
    while !rest.trim().is_empty() {
        let (key, value, after) = parameter(rest).ok_or("a disposition cannot be read")?;
        if key.eq_ignore_ascii_case("name") && name.replace(value).is_some() {
            return Err("a part has two names");
        }
        is_file |= key.eq_ignore_ascii_case("filename") || key.eq_ignore_ascii_case("filename*");
        rest = after;
    }
    Ok((name.ok_or("a part has no name")?, is_file))
}

/// The fields of a form that say what it costs or whom it is for.
const NAMES: [&str; 7] = ["model", "stream", "user", "response_format", "size", "quality", "n"];

/// Where the wanted fields are, in the order of [`NAMES`].
#[derive(Default)]
struct Wanted {
    places: [Option<Range<usize>>; NAMES.len()],
}

impl Wanted {
    fn note(&mut self, body: &[u8], part: Part) -> Result<(), ReadError> {
        let Some(index) = NAMES.iter().position(|name| *name == part.name) else {
            return Ok(());
        };
        let name = NAMES[index];
        if part.is_file {
            return Err(ReadError::new(name, "is a file; send it as a plain field"));
        }
        if part.at.len() > HEAD_MAX || body.get(part.at.clone()).is_none() {
            return Err(ReadError::new(name, "is too long"));
        }
        match self.places[index].replace(part.at) {
            Some(_) => Err(ReadError::new(name, "is there twice; send it once")),
            None => Ok(()),
        }
    }

    fn place(&self, name: &str) -> Option<Range<usize>> {
        let index = NAMES.iter().position(|wanted| *wanted == name)?;
        self.places.get(index)?.clone()
    }

    fn text<'a>(
        &self,
        body: &'a [u8],
        name: &'static str,
    ) -> Result<Option<Cow<'a, str>>, ReadError> {
        let Some(bytes) = self.place(name).and_then(|at| body.get(at)) else {
            return Ok(None);
        };
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Some(Cow::Borrowed(text))),
            Err(_) => Err(ReadError::new(name, "is no UTF-8")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::request::Changes;
    use bytes::Bytes;

    const KIND: &str = "multipart/form-data; boundary=b";

    fn field(name: &str, value: &str) -> String {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    }

    fn read_form<'a>(body: &'a str, kind: &str) -> Result<Asked<'a>, ReadError> {
        Asked::read_form(Endpoint::Images, body.as_bytes(), kind)
    }

    #[test]
    fn fields_are_found_among_files() {
        let file = "--b\r\ncontent-disposition: form-data; name=image; filename=\"model\"\r\n\
                    Content-Type: image/png\r\n\r\n\u{1}\r\n--c\r\n--\r\n\r\n";
        for (body, kind) in [
            (format!("{}{file}{}--b--\r\n", field("model", "gpt-image-1"), field("n", "2")), KIND),
            (format!("{file}{}{}--b--", field("n", " 2"), field("model", "gpt-image-1")), KIND),
            (
                format!(
                    "preamble\r\n{}{file}{}--b--\r\nepilogue",
                    field("model", "gpt-image-1"),
                    field("n", "2")
                ),
                "Multipart/Form-Data;charset=utf-8 ; Boundary=\"b\"",
            ),
        ] {
            let asked = read_form(&body, kind).unwrap();
            assert_eq!(asked.model.as_deref(), Some("gpt-image-1"), "{body}");
            assert_eq!(asked.answers, Some(2), "{body}");
            let changes = Changes { model: Some("other"), ..Changes::default() };
            let edited = asked.edits(&changes).unwrap().apply(&Bytes::from(body.clone())).concat();
            let edited = String::from_utf8(edited).unwrap();
            assert_eq!(edited, body.replace("gpt-image-1", "other"));
        }
    }

    #[test]
    fn every_field_is_read() {
        let all = [
            ("model", "whisper-1"),
            ("stream", "true"),
            ("user", "alice"),
            ("response_format", "verbose_json"),
            ("size", ""),
            ("quality", "high"),
        ];
        let fields: String = all.iter().map(|(name, value)| field(name, value)).collect();
        let body = format!("{fields}--b--\r\n");
        let asked = read_form(&body, KIND).unwrap();
        assert!(asked.is_stream);
        assert_eq!(asked.user.as_deref(), Some("alice"));
        assert_eq!(asked.response_format.as_deref(), Some("verbose_json"));
        assert_eq!(asked.size.as_deref(), Some(""));
        assert_eq!(asked.quality.as_deref(), Some("high"));
        let error = asked.edits(&Changes { model: Some("a\r\n--b--"), ..Changes::default() });
        assert!(error.is_err());
    }

    #[test]
    fn what_two_readers_could_read_differently_is_refused() {
        let model = field("model", "m");
        let file = "--b\r\nContent-Disposition: form-data; name=model; filename=x\r\n\r\nm\r\n";
        for (body, kind, expected) in [
            (format!("{model}--b--"), "application/json", "`content-type`: expected `multipart"),
            (format!("{model}--b--"), "multipart/form-data", "`content-type`: has no boundary"),
            (
                format!("{model}--b--"),
                "multipart/form-data; boundary=",
                "`content-type`: has a boundary that is empty",
            ),
            (
                format!("{model}--b--"),
                "multipart/form-data; boundary=b; boundary=c",
                "`content-type`: has two",
            ),
            (
                format!("{model}--b--"),
                "multipart/form-data; boundary=\"b",
                "`content-type`: has a parameter",
            ),
            (format!("{model}{model}--b--"), KIND, "`model`: is there twice"),
            (format!("{file}--b--"), KIND, "`model`: is a file"),
            (model.clone(), KIND, "a part of the form has no end"),
            (format!("{model}--b"), KIND, "the form ends before"),
            (
                "--b\r\nContent-Disposition: form-data; name=a\r\n\r\nm".to_owned(),
                KIND,
                "a part of the form has no end",
            ),
            (String::new(), KIND, "the form ends before"),
            ("{}".to_owned(), KIND, "the form ends before"),
            ("--b\r\n\r\nm\r\n--b--".to_owned(), KIND, "a part has no `content-disposition`"),
            ("--bx\r\n\r\nm\r\n--b--".to_owned(), KIND, "expected a line end"),
            (
                "--b\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n\r\n--b--".to_owned(),
                KIND,
                "a part has two names",
            ),
            (format!("--b\r\n{}", "x".repeat(HEAD_MAX * 2)), KIND, "the head of a part has no end"),
            (
                format!("{}--b--", field("x", "").repeat(PARTS_MAX + 1)),
                KIND,
                "the form has more than 1024",
            ),
            (format!("{}--b--", field("n", "many")), KIND, "`n`: "),
        ] {
            let error = read_form(&body, kind).unwrap_err().to_string();
            assert!(error.starts_with(expected), "{error}: {body:.80}");
        }
    }
}
