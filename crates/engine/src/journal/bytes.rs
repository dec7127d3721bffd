//! Numbers and texts as bytes, small ones in few.

/// Bytes that are no record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// They end too soon.
    #[error("it ends too soon")]
    Short,
    /// They go on after the end.
    #[error("{0} bytes are left over")]
    Long(usize),
    /// A value is none that this field has.
    #[error("`{0}` has no such value")]
    Value(&'static str),
    /// A newer program wrote it.
    #[error("it is of version {0}, and this Centime knows up to {known}; use a newer Centime", known = super::record::VERSION)]
    Newer(u8),
}

/// Appends values to a buffer.
pub(super) struct Put<'b>(pub(super) &'b mut Vec<u8>);

impl Put<'_> {
    pub(super) fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    pub(super) fn flag(&mut self, flag: bool) {
        self.byte(u8::from(flag));
    }

    pub(super) fn fixed<const N: usize>(&mut self, bytes: [u8; N]) {
        self.0.extend_from_slice(&bytes);
    }

    /// Seven bits a byte, the lowest first; the top bit says that there are more.
    pub(super) fn number(&mut self, mut number: u128) {
        while number >= 0x80 {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    /// A number with a sign, which is its lowest bit.
    pub(super) fn signed(&mut self, number: i128) {
        self.number((number.cast_unsigned() << 1) ^ (number >> 127).cast_unsigned());
    }

    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u128);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.count(text.len());
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn optional<T>(&mut self, value: Option<T>, put: impl FnOnce(&mut Self, T)) {
        self.flag(value.is_some());
        if let Some(value) = value {
            put(self, value);
        }
    }
}

/// Takes values off the front of bytes, in the order they were put.
#[derive(Debug, Clone, Copy)]
pub(super) struct Take<'b>(pub(super) &'b [u8]);

impl<'b> Take<'b> {
    pub(super) fn byte(&mut self) -> Result<u8, Malformed> {
        self.fixed::<1>().map(|[byte]| byte)
    }

    pub(super) fn flag(&mut self, field: &'static str) -> Result<bool, Malformed> {
        match self.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Malformed::Value(field)),
        }
    }

    pub(super) fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (first, rest) = self.0.split_first_chunk::<N>().ok_or(Malformed::Short)?;
        self.0 = rest;
        Ok(*first)
    }

    pub(super) fn number(&mut self, field: &'static str) -> Result<u128, Malformed> {
        let mut number = 0_u128;
        for shift in (0..128).step_by(7) {
            let byte = self.byte()?;
            let bits = u128::from(byte & 0x7F);
            // The last byte has room for two bits.
            if (bits << shift) >> shift != bits {
                return Err(Malformed::Value(field));
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(Malformed::Value(field))
    }

    pub(super) fn signed(&mut self, field: &'static str) -> Result<i128, Malformed> {
        let number = self.number(field)?;
        let sign = 0_u128.wrapping_sub(number & 1);
        Ok(((number >> 1) ^ sign).cast_signed())
    }

    /// A number of a smaller type.
    pub(super) fn small<T: TryFrom<u128>>(&mut self, field: &'static str) -> Result<T, Malformed> {
        T::try_from(self.number(field)?).map_err(|_| Malformed::Value(field))
    }

    /// A number with a sign, of a smaller type.
    pub(super) fn small_signed<T: TryFrom<i128>>(
        &mut self,
        field: &'static str,
    ) -> Result<T, Malformed> {
        T::try_from(self.signed(field)?).map_err(|_| Malformed::Value(field))
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<&'b str, Malformed> {
        let length: usize = self.small(field)?;
        let (text, rest) = self.0.split_at_checked(length).ok_or(Malformed::Short)?;
        self.0 = rest;
        std::str::from_utf8(text).map_err(|_| Malformed::Value(field))
    }

    pub(super) fn optional<T>(
        &mut self,
        field: &'static str,
        take: impl FnOnce(&mut Self) -> Result<T, Malformed>,
    ) -> Result<Option<T>, Malformed> {
        self.flag(field)?.then(|| take(self)).transpose()
    }

    pub(super) fn end(self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed::Long(self.0.len())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(number in any::<u128>(), shift in 0..128_u32) {
            let mut bytes = Vec::new();
            let (number, signed) = (number >> shift, number.cast_signed() >> shift);
            Put(&mut bytes).number(number);
            Put(&mut bytes).signed(signed);
            let mut take = Take(&bytes);
            prop_assert_eq!((take.number("n"), take.signed("s")), (Ok(number), Ok(signed)));
            prop_assert_eq!(take.end(), Ok(()));
        }
    }

    #[test]
    fn what_is_no_number_is_none() {
        for (bytes, expected) in [
            (&[][..], Malformed::Short),
            (&[0x80], Malformed::Short),
            (&[0xFF; 18], Malformed::Short),
            (&[0xFF; 19], Malformed::Value("n")),
        ] {
            assert_eq!(Take(bytes).number("n"), Err(expected), "{bytes:?}");
        }
        assert_eq!(Take(&[0x80, 2]).small::<u8>("n"), Err(Malformed::Value("n")));
        assert_eq!(Take(&[2, b'a']).text("t"), Err(Malformed::Short));
        assert_eq!(Take(&[1, 0xFF]).text("t"), Err(Malformed::Value("t")));
    }
}
