//! Forms with files (`multipart/form-data`, RFC 7578), read into the JSON that the other calls send.

use serde_json::{Map, Value, json};

use crate::dice::digest;

/// The boundary that a content type names.
pub(crate) fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let mut parameters = parameters.split(';');
    parameters.find_map(|one| one.trim().strip_prefix("boundary=")).map(|it| it.trim_matches('"'))
}

/// The fields of a form: texts as they are, numbers and truths as such, files by their length and a
/// digest. Fields of one name make an array.
pub(crate) fn fields(body: &[u8], boundary: &str) -> Value {
    let mut fields = Map::new();
    let delimiter = format!("\r\n--{boundary}");
    // The first delimiter has no line before it.
    let text = [b"\r\n", body].concat();
    for part in split(&text, delimiter.as_bytes()).into_iter().skip(1) {
        let Some((name, value)) = field(part) else {
            continue;
        };
        let name = name.trim_end_matches("[]").to_owned();
        match fields.get_mut(&name) {
            Some(Value::Array(several)) => several.push(value),
            Some(one) => *one = json!([one.take(), value]),
            None => {
                fields.insert(name, value);
            }
        }
    }
    Value::Object(fields)
}

fn field(part: &[u8]) -> Option<(String, Value)> {
    let part = part.strip_prefix(b"\r\n")?;
    let (head, content) = split_once(part, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(head);
    let disposition = head.lines().find(|line| {
        line.get(..20).is_some_and(|name| name.eq_ignore_ascii_case("content-disposition:"))
    })?;
    let parameter = |name: &str| {
        let (_, after) = disposition.split_once(&format!(" {name}=\""))?;
        after.split('"').next().map(str::to_owned)
    };
    let name = parameter("name")?;
    if let Some(file) = parameter("filename") {
        let digest = format!("{:016x}", digest(content));
        return Some((name, json!({"file": file, "bytes": content.len(), "digest": digest})));
    }
    let text = String::from_utf8_lossy(content).into_owned();
    let value = match text.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        number => number.parse::<u64>().map_or_else(|_| Value::String(text), Value::from),
    };
    Some((name, value))
}

fn split_once<'a>(text: &'a [u8], by: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = text.windows(by.len()).position(|window| window == by)?;
    Some((&text[..at], &text[at + by.len()..]))
}

fn split<'a>(mut text: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut parts = Vec::new();
    while let Some((part, rest)) = split_once(text, by) {
        parts.push(part);
        text = rest;
    }
    parts.push(text);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_is_found() {
        for (content_type, expected) in [
            ("application/json", None),
            ("multipart/form-data; boundary=abc", Some("abc")),
            ("multipart/form-data; charset=utf-8; boundary=\"a b\"", Some("a b")),
            ("multipart/mixed; boundary=abc", None),
        ] {
            assert_eq!(boundary(content_type), expected, "{content_type}");
        }
    }

    #[test]
    fn a_form_is_read_whatever_its_boundary() {
        let form = |boundary: &str| {
            let body = [
                "--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n",
                "--B\r\ncontent-disposition: form-data; name=\"n\"\r\n\r\n2\r\n",
                "--B\r\nContent-Disposition: form-data; name=\"image[]\"; filename=\"a.png\"\r\n",
                "Content-Type: image/png\r\n\r\n\u{1}\r\n\u{2}\r\n",
                "--B\r\nContent-Disposition: form-data; name=\"image[]\"\r\n\r\nb\r\n--B--\r\n",
            ];
            fields(body.concat().replace("--B", &format!("--{boundary}")).as_bytes(), boundary)
        };
        let read = form("one");
        assert_eq!(read, form("another-1"));
        assert_eq!((&read["model"], &read["n"]), (&json!("whisper-1"), &json!(2)));
        assert_eq!(read["image"][0]["file"], "a.png");
        assert_eq!(read["image"][0]["bytes"], 4);
        assert_eq!(read["image"][1], "b");
    }

    #[test]
    fn what_is_no_form_has_no_fields() {
        for body in ["", "--B", "--B\r\n\r\n", "--B\r\nContent-Type: x\r\n\r\ny\r\n--B--"] {
            assert_eq!(fields(body.as_bytes(), "B"), json!({}), "{body:?}");
        }
    }
}
