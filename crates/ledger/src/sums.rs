//! What entries add up to.

use centime_core::entry::{Entry, PricingStatus, Status, UsageSource};
use centime_core::meter::Meter;
use centime_core::money::TotalPicoUsd;

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
        let requests = i64::from(entry.requests);
        let when = |holds: bool| if holds { requests } else { 0 };
        let is_cached = |meter: Meter| meter.lineage().any(|meter| meter == Meter::CacheRead);
        let cached = entry.lines.iter().filter(|line| is_cached(line.meter));
        Self {
            cost: entry.charge.into(),
            saved: entry.saved.into(),
            requests,
            input_tokens: i128::from(entry.input_tokens()),
            cache_read_tokens: cached.map(|line| i128::from(line.quantity.floor())).sum(),
            output_tokens: i128::from(entry.output_tokens()),
            unpriced_requests: when(entry.pricing_status != PricingStatus::Priced)
                + entry.moves.unpriced,
            estimated_requests: when(entry.usage_source == UsageSource::Estimated),
            in_doubt_requests: when(entry.status == Status::InDoubt) + entry.moves.in_doubt,
            cached_requests: when(entry.status == Status::Cached),
            failed_requests: when(matches!(entry.status, Status::Error | Status::Aborted)),
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
        self.requests += other.requests;
        self.input_tokens += other.input_tokens;
        self.cache_read_tokens += other.cache_read_tokens;
        self.output_tokens += other.output_tokens;
        self.unpriced_requests += other.unpriced_requests;
        self.estimated_requests += other.estimated_requests;
        self.in_doubt_requests += other.in_doubt_requests;
        self.cached_requests += other.cached_requests;
        self.failed_requests += other.failed_requests;
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
