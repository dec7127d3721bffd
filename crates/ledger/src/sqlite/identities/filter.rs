//! Which identities a generation may have, in twelve bits each.

/// Bits of a block: one of each of its words for every identity in it.
const WORDS: usize = 8;
const BLOCK_BYTES: usize = WORDS * 4;
/// Twelve bits for each identity of a full generation: of those that it has not, one in two hundred
/// is taken for one of its own.
const BLOCKS: usize = 12_288;

/// Odd numbers that spread a hash over the words of a block.
const SALTS: [u32; WORDS] = [
    0x47b6_137b,
    0x4497_4d91,
    0x8824_ad5b,
    0xa2b7_289d,
    0x7054_95c7,
    0x2df1_424b,
    0x9efc_4947,
    0x5c6b_fb31,
];

/// A split block Bloom filter, as Parquet has it
/// (<https://parquet.apache.org/docs/file-format/bloomfilter/>): one look touches one line of memory.
/// It never denies what it was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter(Box<[[u32; WORDS]]>);

impl Filter {
    /// The filter of these identities.
    pub(super) fn of(prefixes: impl IntoIterator<Item = u64>) -> Self {
        let mut blocks = vec![[0; WORDS]; BLOCKS].into_boxed_slice();
        for prefix in prefixes {
            let (block, bits) = place(prefix);
            for (word, bit) in blocks[block].iter_mut().zip(bits) {
                *word |= bit;
            }
        }
        Self(blocks)
    }

    /// Whether it may have been made of this identity among others; where not, it was not.
    pub(super) fn may_have(&self, prefix: u64) -> bool {
        let (block, bits) = place(prefix);
        self.0[block].iter().zip(bits).fold(true, |all, (word, bit)| all & (word & bit != 0))
    }

    /// As it is kept: its words, the lowest byte first.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.0.iter().flatten().flat_map(|word| word.to_le_bytes()).collect()
    }

    /// What [`to_bytes`](Self::to_bytes) wrote; `None` for anything else.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (blocks, rest) = bytes.as_chunks::<BLOCK_BYTES>();
        if blocks.len() != BLOCKS || !rest.is_empty() {
            return None;
        }
        let block = |bytes: &[u8; BLOCK_BYTES]| {
            let (words, _) = bytes.as_chunks::<4>();
            std::array::from_fn(|word| u32::from_le_bytes(words[word]))
        };
        Some(Self(blocks.iter().map(block).collect()))
    }
}

/// Which block an identity is in, and its bits there.
fn place(prefix: u64) -> (usize, [u32; WORDS]) {
    // Identities are digests, but whoever uses the library may give others.
    let hash = prefix.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let [b0, b1, b2, b3, b4, b5, b6, b7] = hash.to_be_bytes();
    let high = u64::from(u32::from_be_bytes([b0, b1, b2, b3]));
    let low = u32::from_be_bytes([b4, b5, b6, b7]) ^ u32::from_be_bytes([b0, b1, b2, b3]);
    let block = (high * BLOCKS as u64) >> 32;
    let bits = SALTS.map(|salt| 1 << (low.wrapping_mul(salt) >> 27));
    (usize::try_from(block).unwrap_or(0), bits)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers as far from one another as digests are.
    fn digests(from: u64, count: u64) -> impl Iterator<Item = u64> {
        (from..from + count).map(|number| {
            let mut x = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
            x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            x ^ (x >> 31)
        })
    }

    #[test]
    fn a_full_generation_denies_nothing_of_its_own_and_nearly_all_else() {
        let own = 1 << 18;
        let filter = Filter::of(digests(0, own));
        assert!(digests(0, own).all(|prefix| filter.may_have(prefix)));
        let taken = digests(own, 100_000).filter(|&prefix| filter.may_have(prefix)).count();
        assert!(taken < 800, "{taken} of 100,000 foreign ones are taken for its own");
    }

    #[test]
    fn identities_that_are_no_digests_are_spread_too() {
        let filter = Filter::of(0..100_000);
        let taken =
            (1 << 40..(1 << 40) + 100_000).filter(|&prefix| filter.may_have(prefix)).count();
        assert!(taken < 2_000, "{taken} of 100,000");
    }

    #[test]
    fn what_is_kept_comes_out_as_it_went_in() {
        let filter = Filter::of(digests(0, 1_000));
        let bytes = filter.to_bytes();
        assert_eq!(Filter::from_bytes(&bytes), Some(filter));
        assert_eq!(Filter::from_bytes(&bytes[1..]), None);
        assert_eq!(Filter::from_bytes(&[]), None);
    }
}
