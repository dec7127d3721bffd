//! Figures as pictures of characters: bars beside the rows of a table, and lines of columns. They are for
//! a screen; the figures themselves stand beside them.

/// Eighths of a character, from the left.
const EIGHTHS_ACROSS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
/// Eighths of a character, from below.
const EIGHTHS_UP: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Where there is nothing.
const NOTHING: char = '·';

/// A bar of at most `width` characters: as long as `part` is of `most`. What is not nothing is seen.
pub(crate) fn bar(part: i128, most: i128, width: usize) -> String {
    let eighths = eighths_of(part, most, width);
    let whole = std::iter::repeat_n('█', eighths / 8);
    let rest = (eighths % 8).checked_sub(1).map(|index| EIGHTHS_ACROSS[index]);
    whole.chain(rest).collect()
}

/// A column for each amount, the highest for the largest; with more amounts than `width` some in a row
/// share one. Also says how many do.
pub(crate) fn columns(amounts: &[i128], width: usize) -> (String, usize) {
    let together = amounts.len().div_ceil(width.max(1)).max(1);
    let sums: Vec<i128> = amounts.chunks(together).map(|some| some.iter().sum()).collect();
    let most = sums.iter().copied().max().unwrap_or_default();
    let column = |&sum: &i128| match eighths_of(sum, most, 1).checked_sub(1) {
        Some(index) => EIGHTHS_UP[index],
        None => NOTHING,
    };
    (sums.iter().map(column).collect(), together)
}

/// A part in percent, to a tenth.
pub(crate) fn percent(part: i128, whole: i128) -> Option<String> {
    if whole <= 0 || part < 0 {
        return None;
    }
    let tenths = part.checked_mul(1000)?.checked_add(whole / 2)? / whole;
    Some(match tenths {
        0 if part > 0 => "<0.1 %".to_owned(),
        tenths => format!("{}.{} %", tenths / 10, tenths % 10),
    })
}

/// How many eighths of `width` characters a part of the largest is, rounded, and at least one.
fn eighths_of(part: i128, most: i128, width: usize) -> usize {
    if part <= 0 || most <= 0 {
        return 0;
    }
    let whole = width.saturating_mul(8);
    let scaled = i128::try_from(whole).ok().and_then(|whole| part.checked_mul(whole));
    let Some(scaled) = scaled else { return whole };
    let eighths = usize::try_from((scaled + most / 2) / most).unwrap_or(whole);
    eighths.clamp(1, whole.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_long_as_their_part() {
        for (part, most, expected) in [
            (0, 100, ""),
            (-5, 100, ""),
            (5, 0, ""),
            (1, 1_000_000, "▏"),
            (25, 100, "█"),
            (50, 100, "██"),
            (53, 100, "██▏"),
            (99, 100, "████"),
            (100, 100, "████"),
            (200, 100, "████"),
            (i128::MAX, i128::MAX, "████"),
        ] {
            assert_eq!(bar(part, most, 4), expected, "{part} of {most}");
        }
    }

    #[test]
    fn columns_show_every_amount_or_sums_of_some() {
        for (amounts, width, expected, together) in [
            (&[][..], 10, "", 1),
            (&[0, 0], 10, "··", 1),
            (&[1, 0, 8, 4], 10, "▁·█▄", 1),
            (&[1, 1, 4, 0, 0], 3, "▄█·", 2),
            (&[1, 1, 1], 1, "█", 3),
            (&[5], 0, "█", 1),
        ] {
            assert_eq!(columns(amounts, width), (expected.to_owned(), together), "{amounts:?}");
        }
    }

    #[test]
    fn parts_are_in_percent() {
        for (part, whole, expected) in [
            (1, 3, Some("33.3 %")),
            (3, 3, Some("100.0 %")),
            (0, 3, Some("0.0 %")),
            (1, 100_000, Some("<0.1 %")),
            (0, 0, None),
            (-1, 3, None),
            (i128::MAX, i128::MAX, None),
        ] {
            assert_eq!(percent(part, whole).as_deref(), expected, "{part} of {whole}");
        }
    }
}
