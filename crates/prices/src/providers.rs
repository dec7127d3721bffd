//! The list of providers, kept by hand in `prices/providers.txt`.

use centime_core::price::format::Header;

static LIST: &str = include_str!("../../../prices/providers.txt");

/// What the list says of a provider; one that is not listed makes no models of its own and has no
/// other name.
///
/// ```
/// let header = centime_prices::header_of("gemini");
/// assert!(header.is_named("google") && header.is_maker_of("gemini-2.5-pro"));
/// ```
#[must_use]
pub fn header_of(provider: &str) -> Header {
    let line = LIST.lines().find(|line| line.split(' ').next() == Some(provider));
    let mut header = Header { provider: provider.to_owned(), ..Header::default() };
    for word in line.unwrap_or_default().split_whitespace().skip(1) {
        let list = |list: &str| list.split(',').map(str::to_owned).collect();
        match word.split_once('=') {
            Some(("also", names)) => header.also = list(names),
            Some(("maker", starts)) => header.makes = list(starts),
            _ if word == "maker" => header.makes = vec![String::new()],
            _ => {}
        }
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_list_is_understood() {
        let mut names = Vec::new();
        for line in LIST.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let mut words = line.split(' ');
            let name = words.next().unwrap();
            for word in words {
                let key = word.split('=').next().unwrap();
                assert!(matches!(key, "maker" | "also"), "{line}");
            }
            let header = header_of(name);
            names.extend(header.also.iter().cloned().chain([header.provider]));
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "a name means two providers");
        assert!(header_of("perplexity").is_maker_of("sonar-pro"));
        assert!(!header_of("perplexity").is_maker_of("llama-3.1-70b-instruct"));
        assert!(header_of("nobody").makes.is_empty());
    }
}
