//! Rust source with its comments and literals blanked out, so that checks see only code.

/// The text with comments, strings and characters replaced by spaces; lines stay where they are.
pub(crate) fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let in_word = code.ends_with(is_word);
        let length = blank_length(rest, in_word);
        if length == 0 {
            code.push(first);
            rest = &rest[first.len_utf8()..];
        } else {
            let (blank, after) = rest.split_at(length);
            code.extend(blank.chars().map(|c| if c == '\n' { c } else { ' ' }));
            rest = after;
        }
    }
    code
}

/// The words of a line of code, each with what follows it.
pub(crate) fn words(line: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = line;
    std::iter::from_fn(move || {
        let word = &rest[rest.find(is_word)?..];
        let end = word.find(|c| !is_word(c)).unwrap_or(word.len());
        rest = &word[end..];
        Some((&word[..end], rest))
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The length in bytes of the comment or literal that the text starts with, or 0.
fn blank_length(text: &str, in_word: bool) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if text.starts_with("/*") {
        return block_comment(text);
    }
    if text.starts_with('"') {
        return string(text);
    }
    if text.starts_with('\'') {
        return character(text);
    }
    if in_word { 0 } else { raw_string(text) }
}

/// Block comments nest.
fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < text.len() {
        let pair = text.as_bytes().get(at..at + 2);
        match pair {
            Some(b"/*") => depth += 1,
            Some(b"*/") => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character, or nothing where the quote begins a lifetime.
fn character(text: &str) -> usize {
    let inside = &text[1..];
    if inside.starts_with('\\') {
        let end = inside.char_indices().skip(2).find(|(_, c)| *c == '\'').map(|(at, _)| at + 2);
        return end.unwrap_or(text.len());
    }
    let mut characters = inside.char_indices();
    match (characters.next(), characters.next()) {
        (Some(_), Some((at, '\''))) => at + 2,
        _ => 0,
    }
}

fn raw_string(text: &str) -> usize {
    let Some(after) = ["r", "br", "cr"].iter().find_map(|prefix| text.strip_prefix(prefix)) else {
        return 0;
    };
    let inside = after.trim_start_matches('#');
    if !inside.starts_with('"') {
        return 0;
    }
    let hashes = after.len() - inside.len();
    let close = format!("\"{}", "#".repeat(hashes));
    let opening = text.len() - inside.len() + 1;
    inside[1..].find(&close).map_or(text.len(), |at| opening + at + close.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_is_left() {
        for (text, expected) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"say("x \" y") z"#, r"say(        ) z"),
            (r##"r#"a " b"# c"##, "           c"),
            (r#"r"a" c"#, "     c"),
            (r#"br"a" c"#, "      c"),
            ("r#type c", "r#type c"),
            (r#"bar"x" c"#, "bar    c"),
            ("'a' + '\\'' + '\\u{e9}' + 'é'", "    +      +          +    "),
            ("fn f<'a>(x: &'a str)", "fn f<'a>(x: &'a str)"),
            ("\"one\ntwo\" three", "    \n     three"),
            ("\"open", "     "),
        ] {
            assert_eq!(code(text).trim_end(), expected.trim_end(), "{text}");
        }
    }

    #[test]
    fn words_come_with_what_follows() {
        let words: Vec<_> = words("todo!(x_1)").collect();
        assert_eq!(words, [("todo", "!(x_1)"), ("x_1", ")")]);
    }
}
