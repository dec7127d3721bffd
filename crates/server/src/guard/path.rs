//! Paths that mean the same to everybody who reads them.
//!
//! The path of a call is appended to the base address of a provider. One that climbs out of it, or is
//! read differently there, could reach what nobody opened.

use std::borrow::Cow;

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// It does not begin with `/`.
    #[error("the path does not begin with `/`")]
    Relative,
    /// A segment is `.` or `..`.
    #[error("the path has a segment `.` or `..`")]
    Dots,
    /// A segment is empty.
    #[error("the path has two `/` in a row")]
    Empty,
    /// There is a backslash, which some read as `/`.
    #[error("the path has a backslash")]
    Backslash,
    /// There is a byte that is no character.
    #[error("the path has a control character")]
    Control,
    /// A `%` without two digits after it.
    #[error("the path has a `%` without two hexadecimal digits after it")]
    Escape,
    /// A dot or slash that is encoded twice.
    #[error("the path has an encoding of an encoding")]
    Twice,
}

/// Checks a path, both as it stands and as it is decoded.
pub(super) fn check(path: &str) -> Result<(), PathFault> {
    if !path.starts_with('/') {
        return Err(PathFault::Relative);
    }
    let decoded = decode(path.as_bytes())?;
    if decoded.iter().any(u8::is_ascii_control) {
        return Err(PathFault::Control);
    }
    if decoded.contains(&b'\\') {
        return Err(PathFault::Backslash);
    }
    // A slash may be encoded, as in the name of a model; whoever decodes it sees segments too.
    let mut segments = decoded[1..].split(|&byte| byte == b'/').peekable();
    while let Some(segment) = segments.next() {
        match segment {
            b"." | b".." => return Err(PathFault::Dots),
            b"" if segments.peek().is_some() => return Err(PathFault::Empty),
            _ => {}
        }
    }
    if matches!(decoded, Cow::Owned(_)) && decoded.windows(3).any(is_encoded_syntax) {
        return Err(PathFault::Twice);
    }
    Ok(())
}

/// A path with each `%xx` as the byte it stands for.
pub(crate) fn decode(path: &[u8]) -> Result<Cow<'_, [u8]>, PathFault> {
    if !path.contains(&b'%') {
        return Ok(Cow::Borrowed(path));
    }
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path;
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let byte = digit(*high).zip(digit(*low)).map(|(high, low)| high << 4 | low);
                decoded.push(byte.ok_or(PathFault::Escape)?);
                after
            }
            (b'%', _) => return Err(PathFault::Escape),
            (byte, after) => {
                decoded.push(*byte);
                after
            }
        };
    }
    Ok(Cow::Owned(decoded))
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn is_encoded_syntax(three: &[u8]) -> bool {
    [b"%2e", b"%2f", b"%5c"].iter().any(|syntax| three.eq_ignore_ascii_case(*syntax))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_means_the_same_to_everybody() {
        use PathFault::*;
        for (path, expected) in [
            ("/", Ok(())),
            ("/v1/chat/completions", Ok(())),
            ("/v1/models/", Ok(())),
            ("/v1beta/models/gemini-2.5-pro:generateContent", Ok(())),
            ("/v1/models/openai%2Fgpt-5", Ok(())),
            ("/v1/files/a..b/...", Ok(())),
            ("/caf%C3%A9/100%25", Ok(())),
            ("/.well-known/x", Ok(())),
            ("", Err(Relative)),
            ("*", Err(Relative)),
            ("v1", Err(Relative)),
            ("/..", Err(Dots)),
            ("/./v1", Err(Dots)),
            ("/v1/../admin", Err(Dots)),
            ("/v1/%2e%2E/admin", Err(Dots)),
            ("/v1/.%2e", Err(Dots)),
            ("/v1/%2e", Err(Dots)),
            ("/v1/a%2f..%2fb", Err(Dots)),
            ("//evil.example/v1", Err(Empty)),
            ("/v1//x", Err(Empty)),
            ("/v1//", Err(Empty)),
            ("/v1/%2f", Err(Empty)),
            ("/v1\\..\\x", Err(Backslash)),
            ("/v1/%5C", Err(Backslash)),
            ("/v1/\x7f", Err(Control)),
            ("/v1/%00", Err(Control)),
            ("/v1/%0d%0aX:%20y", Err(Control)),
            ("/v1/%7F", Err(Control)),
            ("/v1/%", Err(Escape)),
            ("/v1/%2", Err(Escape)),
            ("/v1/%zz", Err(Escape)),
            ("/v1/%+1", Err(Escape)),
            ("/v1/%252e%252e/x", Err(Twice)),
            ("/v1/x%252Fy", Err(Twice)),
        ] {
            assert_eq!(check(path), expected, "{path:?}");
        }
    }
}
