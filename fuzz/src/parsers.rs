//! Decimals, products and times.

use centime_core::money::{PicoUsd, Product, Quantity, Rate, TotalPicoUsd, apportion};
use centime_core::price::Hours;
use centime_core::price::format::parse_rate;
use centime_core::time::Timestamp;
use jiff::tz::TimeZone;

use crate::shape::Bytes;

/// What is read of a decimal, written and read again, is the same; no reader disagrees with another.
pub(crate) fn decimals(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(rate) = text.parse::<Rate>() {
        assert_eq!(rate.to_string().parse(), Ok(rate), "{text}");
        assert_eq!(Rate::per(text, 1), Ok(rate), "{text}");
        assert_eq!(Rate::per_rounded(text, 1), Ok(rate), "{text}");
        assert_eq!(rate.decimals() > 0, rate.to_string().contains('.'), "{text}");
    }
    if let Ok(quantity) = text.parse::<Quantity>() {
        assert_eq!(quantity.to_string().parse(), Ok(quantity), "{text}");
    }
    if let Ok(amount) = text.parse::<PicoUsd>() {
        assert_eq!(amount.to_string().parse(), Ok(amount), "{text}");
        assert_eq!(PicoUsd::parse_rounded(text), Ok(amount), "{text}");
    }
    if let Ok(rate) = parse_rate(text) {
        assert_eq!(parse_rate(&rate.to_string()), Ok(rate), "{text}");
    }
    if let Ok(hours) = text.parse::<Hours>() {
        assert_eq!(hours.to_string().parse(), Ok(hours), "{text}");
    }
    let _ = Rate::per_rounded(text, 3600);
}

/// Parts add up to the rounded sum, and each is within a picodollar of its product.
pub(crate) fn charges(bytes: &[u8]) {
    let mut bytes = Bytes::of(bytes);
    let mut products = Vec::new();
    for _ in 0..=bytes.byte() % 12 {
        let rate = u128::from(bytes.number()) << (bytes.byte() % 64);
        let quantity = i128::from(bytes.number()) << (bytes.byte() % 30);
        let product = Product::new(Rate::from_scaled(rate), Quantity::from_scaled(quantity));
        products.extend(product);
    }
    let sum = products.iter().try_fold(Product::ZERO, |sum, product| sum.checked_add(*product));
    let Some(total) = sum.and_then(Product::round) else {
        return;
    };
    let Some(parts) = apportion(total, &products) else {
        panic!("{total} is the rounded sum of {products:?}");
    };
    assert_eq!(parts.iter().copied().sum::<TotalPicoUsd>(), total.into(), "{products:?}");
    for (part, product) in parts.iter().zip(&products) {
        let floor = product.floor().map(|(floor, _)| floor.pico());
        assert!(floor.is_some_and(|floor| (0..=1).contains(&(part.pico() - floor))), "{product:?}");
    }
}

/// A moment that is written and read again is the same; a span back is not ahead.
pub(crate) fn times(bytes: &[u8]) {
    let zones =
        ["UTC", "Europe/Paris", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"];
    let mut bytes = Bytes::of(bytes);
    let zone = bytes.pick(&zones).unwrap_or("UTC");
    let Ok(zone) = TimeZone::get(zone) else {
        panic!("`{zone}` is in the embedded database");
    };
    let Some(text) = bytes.text() else {
        return;
    };
    if let Ok(at) = Timestamp::parse_in(text, &zone) {
        assert_eq!(at.to_string().parse(), Ok(at), "{text}");
        let _ = at.is_plausible(Timestamp::EARLIEST);
    }
    let now = Timestamp::from_micros(1_793_534_400_000_000);
    if let Ok(bound) = Timestamp::parse_bound(text, &zone, now) {
        let is_span = text.ends_with(['s', 'm', 'h', 'd', 'w']);
        assert!(!is_span || bound <= now, "{text}");
    }
}
