//! Finding a block by binary search over the text.

use super::{Block, FormatError, read};

/// Finds the block of `name` in a file's text by binary search and reads it alone.
///
/// # Errors
/// When the block is there and is not in the format.
pub fn find_block(text: &str, name: &str) -> Option<Result<Block, FormatError>> {
    let (mut low, mut high) = (0, text.len());
    while low < high {
        let middle = low + (high - low) / 2;
        // The block that holds the middle, or the first one after it.
        let Some(start) = block_start_before(text, middle, low) else {
            match block_start_after(text, middle, high) {
                Some(start) if start < high => low = start,
                _ => return None,
            }
            // Between `low` and the first block lay only lines of no block.
            if block_name(&text[low..]).is_some_and(|found| found > name) {
                return None;
            }
            continue;
        };
        match block_name(&text[start..])?.cmp(name) {
            std::cmp::Ordering::Equal => return Some(read::parse_block_at(&text[start..])),
            std::cmp::Ordering::Less => low = block_start_after(text, start, high)?,
            std::cmp::Ordering::Greater => high = start,
        }
    }
    None
}

/// All names in a file's text, in order, without reading the blocks.
pub fn block_names(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(block_name)
}

/// The files in a text in which one follows another: each begins at its `provider` line.
pub fn files(text: &str) -> impl Iterator<Item = &str> {
    const START: &str = "\nprovider ";
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (file, others) = match text.find(START) {
            Some(end) => (&text[..=end], Some(&text[end + 1..])),
            None => (text, None),
        };
        rest = others;
        Some(file)
    })
}

fn block_name(text: &str) -> Option<&str> {
    let line = text.lines().next()?;
    let rest = line.strip_prefix("model ").or_else(|| line.strip_prefix("alias "))?;
    rest.split(' ').next()
}

fn is_block_start(line: &str) -> bool {
    line.starts_with("model ") || line.starts_with("alias ")
}

/// The start of the last block that starts at or before `at`, not before `low`.
fn block_start_before(text: &str, at: usize, low: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut end = at;
    loop {
        let start =
            bytes[low..end].iter().rposition(|&byte| byte == b'\n').map_or(low, |p| low + p + 1);
        if text.get(start..).is_some_and(is_block_start) {
            return Some(start);
        }
        if start <= low {
            return None;
        }
        end = start - 1;
    }
}

/// The start of the first block after the line that holds `at`.
fn block_start_after(text: &str, at: usize, high: usize) -> Option<usize> {
    let mut start = at;
    loop {
        start += text.as_bytes()[start..high].iter().position(|&byte| byte == b'\n')? + 1;
        if start >= high {
            return None;
        }
        if is_block_start(&text[start..]) {
            return Some(start);
        }
    }
}
