//! The columns: those that the specification demands of every row, those that it demands of whoever
//! knows what they say, and, beginning with `x_`, ours.

use std::borrow::Cow;

use centime_core::decimal::DecimalText;

use super::FocusVersion::{self, V1_2, V1_4};
use super::charge::{Charge, unit};

/// A value of a row.
pub(super) enum Value<'c> {
    /// None.
    Null,
    /// Text of our own.
    Own(Cow<'c, str>),
    /// Text that somebody else chose.
    Foreign(Cow<'c, str>),
    /// A number.
    Decimal(DecimalText),
}

/// A column, and the versions that have it.
pub(super) struct FocusColumn {
    pub(super) name: &'static str,
    versions: &'static [FocusVersion],
    pub(super) of: for<'c> fn(&'c Charge<'_>) -> Value<'c>,
}

impl FocusColumn {
    /// Whether a version of the specification has it.
    pub(super) fn is_in(&self, version: FocusVersion) -> bool {
        self.versions.contains(&version)
    }
}

type Of = for<'c> fn(&'c Charge<'_>) -> Value<'c>;

const fn column(name: &'static str, of: Of) -> FocusColumn {
    FocusColumn { name, versions: &[V1_2, V1_4], of }
}

const fn only(name: &'static str, versions: &'static [FocusVersion], of: Of) -> FocusColumn {
    FocusColumn { name, versions, of }
}

fn own<'c>(text: impl Into<Cow<'c, str>>) -> Value<'c> {
    Value::Own(text.into())
}

fn foreign<'c>(text: impl Into<Cow<'c, str>>) -> Value<'c> {
    Value::Foreign(text.into())
}

fn optional(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Null, foreign)
}

fn cost<'c>(charge: &'c Charge<'_>) -> Value<'c> {
    Value::Decimal(charge.amount.text())
}

fn rate<'c>(charge: &'c Charge<'_>) -> Value<'c> {
    Value::Decimal(charge.price.rate.text())
}

fn provider<'c>(charge: &'c Charge<'_>) -> Value<'c> {
    foreign(charge.provider())
}

fn team<'c>(charge: &'c Charge<'_>) -> Value<'c> {
    optional(charge.call.attempt().attribution.team.as_deref())
}

fn region<'c>(charge: &'c Charge<'_>) -> Value<'c> {
    optional(charge.call.attempt().region.as_deref())
}

/// Every column of any version.
pub(super) const COLUMNS: &[FocusColumn] = &[
    column("BilledCost", |_| own("0.0")),
    column("BillingAccountId", |charge| foreign(charge.account)),
    column("BillingAccountName", |_| Value::Null),
    column("BillingCurrency", |_| own("USD")),
    column("BillingPeriodEnd", |charge| {
        let [_, end] = charge.billing_period();
        own(end)
    }),
    column("BillingPeriodStart", |charge| {
        let [start, _] = charge.billing_period();
        own(start)
    }),
    column("ChargeCategory", |_| own("Usage")),
    column("ChargeClass", |_| Value::Null),
    column("ChargeDescription", |charge| foreign(charge.description())),
    column("ChargeFrequency", |_| own("Usage-Based")),
    column("ChargePeriodEnd", |charge| {
        let [_, end] = charge.period();
        own(end)
    }),
    column("ChargePeriodStart", |charge| {
        let [start, _] = charge.period();
        own(start)
    }),
    column("CommitmentDiscountStatus", |_| Value::Null),
    column("ConsumedQuantity", |charge| Value::Decimal(charge.consumed.text())),
    column("ConsumedUnit", |charge| own(unit(charge.meter))),
    column("ContractedCost", cost),
    column("ContractedUnitPrice", rate),
    column("EffectiveCost", cost),
    only("HostProviderName", &[V1_4], |_| Value::Null),
    column("InvoiceId", |_| Value::Null),
    column("InvoiceIssuerName", provider),
    column("ListCost", cost),
    column("ListUnitPrice", rate),
    column("PricingCategory", |_| own("Standard")),
    column("PricingCurrency", |_| own("USD")),
    column("PricingCurrencyContractedUnitPrice", rate),
    column("PricingCurrencyEffectiveCost", cost),
    column("PricingCurrencyListUnitPrice", rate),
    column("PricingQuantity", |charge| Value::Decimal(charge.price.quantity.text())),
    column("PricingUnit", |charge| own(charge.price.unit)),
    only("ProviderName", &[V1_2], provider),
    only("PublisherName", &[V1_2], provider),
    column("RegionId", region),
    column("RegionName", region),
    column("ServiceCategory", |_| own("AI and Machine Learning")),
    column("ServiceName", provider),
    only("ServiceProviderName", &[V1_4], provider),
    column("ServiceSubcategory", |_| own("Generative AI")),
    column("SkuId", |charge| foreign(charge.sku())),
    column("SkuMeter", |charge| own(charge.meter.name())),
    column("SkuPriceDetails", |charge| foreign(charge.sku_price_details())),
    column("SkuPriceId", |charge| foreign(charge.sku_price())),
    column("SubAccountId", team),
    column("SubAccountName", team),
    column("Tags", |charge| charge.tags().map_or(Value::Null, Value::Foreign)),
    column("x_At", |charge| own(charge.call.attempt().at.to_string())),
    column("x_EntryId", |charge| foreign(charge.call.attempt().id())),
    column("x_EntryUid", |charge| own(charge.call.attempt().uid.to_string())),
    column("x_Model", |charge| foreign(charge.call.attempt().model.as_str())),
    column("x_User", |charge| optional(charge.call.attempt().attribution.user.as_deref())),
    column("x_Key", |charge| optional(charge.call.attempt().attribution.key.as_deref())),
    column("x_Project", |charge| optional(charge.call.attempt().attribution.project.as_deref())),
    column("x_Session", |charge| optional(charge.call.attempt().attribution.session.as_deref())),
    column("x_Status", |charge| own(charge.call.attempt().status.name())),
    column("x_UsageSource", |charge| own(charge.call.attempt().usage_source.name())),
    column("x_PricingStatus", |charge| own(charge.call.present().pricing_status.name())),
    column("x_PriceVersion", |charge| optional(charge.call.present().price_version.as_deref())),
];
