//! Paths that mean what they say.

/// Whether a path can be appended to another without leaving it: it begins with `/` and has no dot
/// segment (encoded ones too), no empty segment, no backslash, and nothing but visible ASCII before
/// a `?` or `#`, neither of which it has.
pub(super) fn is_plain(path: &str) -> bool {
    let Some(inner) = path.strip_prefix('/') else {
        return false;
    };
    let is_visible = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'?' | b'#');
    let folded = inner.to_ascii_lowercase();
    path.bytes().all(is_visible)
        && !path.contains("//")
        && !folded.contains("%5c")
        && !folded.contains("%00")
        && folded.split('/').flat_map(|segment| segment.split("%2f")).all(is_no_dot_segment)
}

fn is_no_dot_segment(segment: &str) -> bool {
    !matches!(segment.replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_its_base() {
        for (path, expected) in [
            ("/v1/chat/completions", true),
            ("/v1/models/org%2Fname", true),
            ("/v1beta/models/gemini-2.5-pro:generateContent", true),
            ("/", true),
            ("/v1/models/..name", true),
            ("", false),
            ("v1/models", false),
            ("//host/v1", false),
            ("/v1//models", false),
            ("/v1/../admin", false),
            ("/v1/%2e%2E/admin", false),
            ("/v1/.%2e/admin", false),
            ("/v1/models/%2e%2e%2fadmin", false),
            ("/v1/models/a%2F..%2Fb", false),
            ("/v1/./models", false),
            ("/v1/models/..", false),
            ("/v1\\models", false),
            ("/v1%5c..%5Cmodels", false),
            ("/v1/mo dels", false),
            ("/v1/mo\ndels", false),
            ("/v1/modèles", false),
            ("/v1/models?x=1", false),
            ("/v1/models#x", false),
        ] {
            assert_eq!(is_plain(path), expected, "{path}");
        }
    }
}
