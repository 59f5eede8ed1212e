//! Dates, times and moments, as text: RFC 3339, to the microsecond as databases keep them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, SecondsFormat, Timelike};
use sea_orm::Value;

use crate::table::{Kind, Zone};

impl Kind {
    /// A date, a time or both, where the text is one with a year from 1 to 9999 and no leap second.
    pub(super) fn read_clock(&self, text: &str) -> Option<Value> {
        Some(match self {
            Self::Date => Value::ChronoDate(Some(date(text)?)),
            Self::Time => Value::ChronoTime(Some(time(text)?)),
            Self::DateTime => {
                let (day, clock) = text.split_once(['T', 't', ' '])?;
                Value::ChronoDateTime(Some(date(day)?.and_time(time(clock)?)))
            }
            Self::Moment(zone) => {
                let found = DateTime::parse_from_rfc3339(text).ok()?;
                moment(*zone, found)?
            }
            _ => return None,
        })
    }
}

/// A moment as a value of its zone, where it is one that all databases have.
pub(super) fn moment(zone: Zone, moment: DateTime<FixedOffset>) -> Option<Value> {
    let moment = sound(moment)?;
    Some(match zone {
        Zone::Utc => Value::ChronoDateTimeUtc(Some(moment.to_utc())),
        Zone::Local => Value::ChronoDateTimeLocal(Some(moment.into())),
        Zone::Fixed => Value::ChronoDateTimeWithTimeZone(Some(moment)),
    })
}

/// The text of a value that is not null.
pub(super) fn write(value: &Value) -> Option<String> {
    Some(match value {
        Value::ChronoDate(Some(date)) => date.format("%Y-%m-%d").to_string(),
        Value::ChronoTime(Some(time)) => time.format("%H:%M:%S%.f").to_string(),
        Value::ChronoDateTime(Some(both)) => both.format("%Y-%m-%dT%H:%M:%S%.f").to_string(),
        _ => moment_of(value)?.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    })
}

/// The moment in a value that is one.
pub(super) fn moment_of(value: &Value) -> Option<DateTime<FixedOffset>> {
    Some(match value {
        Value::ChronoDateTimeUtc(Some(moment)) => moment.fixed_offset(),
        Value::ChronoDateTimeLocal(Some(moment)) => moment.fixed_offset(),
        Value::ChronoDateTimeWithTimeZone(Some(moment)) => *moment,
        _ => return None,
    })
}

/// A date with a year that all databases have.
fn date(text: &str) -> Option<NaiveDate> {
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    has_year(&date).then_some(date)
}

/// A time of day; seconds may be left out.
fn time(text: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(text, "%H:%M:%S%.f")
        .or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"))
        .ok()
        .and_then(to_micros)
}

/// The same to the microsecond, with a year that all databases have in every zone; no leap second.
fn sound(moment: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
    let utc = moment.naive_utc();
    let sound = utc.date().and_time(to_micros(utc.time())?).and_utc();
    let moment = sound.with_timezone(moment.offset());
    (has_year(&sound) && has_year(&moment)).then_some(moment)
}

/// Databases have the years from 1 to 9999 in common.
fn has_year(date: &impl Datelike) -> bool {
    (1..=9999).contains(&date.year())
}

/// Finer parts are cut, as PostgreSQL does; a leap second has none.
fn to_micros(time: NaiveTime) -> Option<NaiveTime> {
    let nanos = time.nanosecond();
    if nanos >= 1_000_000_000 {
        return None;
    }
    time.with_nanosecond(nanos - nanos % 1000)
}

/// A moment as a text of UTC whose order is the moments', with no more digits than it needs.
pub(crate) fn utc_text(value: &Value) -> Option<String> {
    let utc = moment_of(value)?.to_utc();
    let text = utc.format("%Y-%m-%dT%H:%M:%S%.9f").to_string();
    Some(text.trim_end_matches('0').trim_end_matches('.').to_owned())
}
