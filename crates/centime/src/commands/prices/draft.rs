//! A revision of prices on its way into the ledger.

use std::collections::BTreeMap;

use centime_core::price::format::{
    Block, File, Header, files, find_block, parse_header, write_file,
};
use centime_core::price::{Model, PriceBook};
use centime_core::time::Timestamp;
use centime_ledger::{PriceRevision, Prices};

use super::compare::Difference;
use crate::app::{App, revised_book};
use crate::failure::Failure;

/// A model with its new cards, and what that changes.
#[derive(Debug)]
pub(super) struct Revised {
    /// What stands before the provider's models, where the book does not have it.
    pub header: Header,
    /// The model, with the cards that hold from now on.
    pub model: Model,
    /// What it charges else than before,
    pub difference: Difference,
    /// from this moment on.
    pub from: Timestamp,
}

/// What the book is revised by.
pub(super) struct Draft {
    /// Where it comes from.
    pub origin: String,
    /// By provider and name.
    pub revised: Vec<Revised>,
}

/// The book as it is, with the number that the next revision gets.
pub(super) struct Current {
    pub book: PriceBook,
    revisions: Vec<PriceRevision>,
}

impl Current {
    /// The program's book under the ledger's revisions.
    pub(super) fn read(app: &App) -> Result<Self, Failure> {
        if app.prices.is_some() {
            let message = "what is set goes into the ledger, and `--prices FILE` prices from a file \
                           alone: leave it out";
            return Err(Failure::Usage(message.to_owned()));
        }
        let revisions = app.price_revisions()?;
        let book = revised_book(&revisions)?;
        Ok(Self { book, revisions })
    }

    /// Where the last word about a model came from; `None` where the program's book has it.
    pub(super) fn origin_of(&self, provider: &str, model: &str) -> Option<&str> {
        let speaks = |revision: &&PriceRevision| {
            files(&revision.text).any(|file| {
                let is_its = parse_header(file).is_ok_and(|header| header.provider == provider);
                is_its && find_block(file, model).is_some()
            })
        };
        self.revisions.iter().rev().find(speaks).map(|revision| revision.origin.as_str())
    }

    /// The number of the next revision.
    pub(super) fn next(&self) -> u64 {
        self.revisions.last().map_or(0, |last| last.number) + 1
    }

    /// The book as it will be.
    pub(super) fn with(
        &self,
        draft: &Draft,
        app: &App,
    ) -> Result<(PriceBook, PriceRevision), Failure> {
        let revision = PriceRevision {
            number: self.next(),
            made_at: app.now,
            origin: draft.origin.clone(),
            text: draft.text(),
        };
        let mut revisions = self.revisions.clone();
        revisions.push(revision.clone());
        Ok((revised_book(&revisions)?, revision))
    }

    /// Keeps a revision in the ledger; `false` where somebody else was faster.
    pub(super) fn keep(app: &App, revision: &PriceRevision) -> Result<bool, Failure> {
        Ok(app.ledger_for_writing()?.keep_price_revision(revision)?)
    }
}

impl Draft {
    /// The text that the ledger keeps.
    fn text(&self) -> String {
        let mut providers: BTreeMap<&str, File> = BTreeMap::new();
        for revised in &self.revised {
            let file = providers
                .entry(&revised.difference.provider)
                .or_insert_with(|| File { header: revised.header.clone(), blocks: Vec::new() });
            file.blocks.push(Block::Model(revised.model.clone()));
        }
        let texts = providers.into_values().map(|mut file| {
            file.blocks.sort_by(|left, right| left.name().cmp(right.name()));
            write_file(&file, "")
        });
        texts.collect::<Vec<_>>().join("\n")
    }
}
