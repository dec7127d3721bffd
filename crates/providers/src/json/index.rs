//! The members of a text's objects, noted by the check of the text: nobody walks it again for them.

use super::Text;

/// How many members are noted: far more than a call's record has, and a bound for hostile input. A
/// text with more of them is walked.
const MEMBERS_MAX: usize = 4096;

/// The members of the objects of a text, outermost first and in its order; those of objects in
/// arrays are left out.
#[derive(Debug)]
pub(crate) struct Index<'a> {
    members: Vec<Member<'a>>,
    /// The last member whose value has not ended yet.
    open: usize,
}

/// A member of an object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member<'a> {
    pub(super) name: Text<'a>,
    /// The text of its value; empty until that ends.
    pub(super) literal: &'a str,
    /// Where that starts.
    start: usize,
    /// Whether the value, if it is a string, has no escapes.
    pub(super) is_plain: bool,
    /// How many of the members that follow are within its value; until that ends, the index of the
    /// member that this one is within.
    pub(super) within: usize,
}

impl<'a> Index<'a> {
    /// An index of nothing yet, with room for what a usage event has.
    pub(crate) fn new() -> Self {
        Self { members: Vec::with_capacity(16), open: usize::MAX }
    }

    pub(super) fn members(&self) -> &[Member<'a>] {
        &self.members
    }

    /// Notes that a member begins, whose value starts there; `false` where there is no room, and then
    /// nothing is noted any more.
    pub(super) fn begin(&mut self, name: Text<'a>, start: usize) -> bool {
        if self.members.len() == MEMBERS_MAX {
            self.members.clear();
            return false;
        }
        let around = std::mem::replace(&mut self.open, self.members.len());
        self.members.push(Member { name, literal: "", start, is_plain: false, within: around });
        true
    }

    /// Notes that in `text` the value of the last member that is open ends there.
    pub(super) fn end(&mut self, text: &'a str, end: usize, is_plain: bool) {
        let within = self.members.len().saturating_sub(self.open.saturating_add(1));
        if let Some(member) = self.members.get_mut(self.open) {
            member.literal = text.get(member.start..end).unwrap_or_default();
            member.is_plain = is_plain;
            self.open = std::mem::replace(&mut member.within, within);
        }
    }
}
