//! What entries add up to.

use centime_core::entry::{Entry, PricingStatus, Status, StatusMoves, UsageSource};
use centime_core::meter::Meter;
use centime_core::money::{PicoUsd, Quantity, TotalPicoUsd};

/// Sums over any set of entries. Adding the sums of two disjoint sets gives those of their union.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sums {
    /// What they cost.
    pub cost: TotalPicoUsd,
    /// What answers from the cache saved.
    pub saved: TotalPicoUsd,
    /// How many attempts; an aggregate counts as its calls, an adjustment as none.
    pub requests: i64,
    /// All tokens on the prompt's side.
    pub input_tokens: i128,
    /// Of these, the ones read from a cache.
    pub cache_read_tokens: i128,
    /// All tokens on the answer's side.
    pub output_tokens: i128,
    /// Requests whose charge leaves out something that was used, or all of it.
    pub unpriced_requests: i64,
    /// Requests whose usage Centime counted itself.
    pub estimated_requests: i64,
    /// Requests whose outcome is unknown.
    pub in_doubt_requests: i64,
    /// Requests answered without calling a provider.
    pub cached_requests: i64,
    /// Requests that ended with a provider's error or a client gone.
    pub failed_requests: i64,
}

impl Sums {
    /// The sums of one entry.
    ///
    /// An adjustment counts as no request; its lines, its charge and its moves are signed differences
    /// that add to the sums of the entry it adjusts.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self::of_counted(&Counted::of(entry))
    }

    /// The sums of one entry from what is counted of it.
    pub(crate) fn of_counted(counted: &Counted) -> Self {
        let requests = i64::from(counted.requests);
        let when = |holds: bool| if holds { requests } else { 0 };
        Self {
            cost: counted.charge.into(),
            saved: counted.saved.into(),
            requests,
            input_tokens: i128::from(counted.input_tokens),
            cache_read_tokens: i128::from(counted.cache_read_tokens),
            output_tokens: i128::from(counted.output_tokens),
            unpriced_requests: when(counted.pricing_status != PricingStatus::Priced)
                .saturating_add(counted.moves.unpriced),
            estimated_requests: when(counted.usage_source == UsageSource::Estimated),
            in_doubt_requests: when(counted.status == Status::InDoubt)
                .saturating_add(counted.moves.in_doubt),
            cached_requests: when(counted.status == Status::Cached),
            failed_requests: when(matches!(counted.status, Status::Error | Status::Aborted)),
        }
    }

    /// All tokens of both sides.
    #[must_use]
    pub fn total_tokens(&self) -> i128 {
        self.input_tokens + self.output_tokens
    }
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.cost += other.cost;
        self.saved += other.saved;
        self.input_tokens += other.input_tokens;
        self.cache_read_tokens += other.cache_read_tokens;
        self.output_tokens += other.output_tokens;
        // Counts of 32 bits each reach the bound in no ledger; moves that somebody forged might.
        let add = |sum: &mut i64, more: i64| *sum = sum.saturating_add(more);
        add(&mut self.requests, other.requests);
        add(&mut self.unpriced_requests, other.unpriced_requests);
        add(&mut self.estimated_requests, other.estimated_requests);
        add(&mut self.in_doubt_requests, other.in_doubt_requests);
        add(&mut self.cached_requests, other.cached_requests);
        add(&mut self.failed_requests, other.failed_requests);
    }
}

impl std::iter::Sum for Sums {
    fn sum<I: Iterator<Item = Self>>(sums: I) -> Self {
        sums.fold(Self::default(), |mut total, next| {
            total += next;
            total
        })
    }
}

/// The parts of an entry that sums are made of: what a store keeps in columns of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counted {
    pub(crate) status: Status,
    pub(crate) usage_source: UsageSource,
    pub(crate) pricing_status: PricingStatus,
    pub(crate) requests: u32,
    pub(crate) charge: PicoUsd,
    pub(crate) saved: PicoUsd,
    pub(crate) input_tokens: i64,
    pub(crate) cache_read_tokens: i64,
    pub(crate) output_tokens: i64,
    pub(crate) moves: StatusMoves,
}

impl Counted {
    pub(crate) fn of(entry: &Entry) -> Self {
        Self {
            status: entry.status,
            usage_source: entry.usage_source,
            pricing_status: entry.pricing_status,
            requests: entry.requests,
            charge: entry.charge,
            saved: entry.saved,
            input_tokens: entry.input_tokens(),
            cache_read_tokens: cache_read_tokens(entry),
            output_tokens: entry.output_tokens(),
            moves: entry.moves,
        }
    }
}

/// All tokens read from a cache, whatever they are tokens of, in whole ones.
fn cache_read_tokens(entry: &Entry) -> i64 {
    let is_cached = |meter: Meter| meter.lineage().any(|meter| meter == Meter::CacheRead);
    let cached = entry.lines.iter().filter(|line| is_cached(line.meter));
    Quantity::from_scaled(cached.map(|line| line.quantity.scaled()).sum()).floor()
}
