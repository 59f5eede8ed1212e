//! Products, whose prices are the numbers of the writes that set them: so every event tells of which write it is.

use bench::{Failure, Outcome};
use serde_json::{Value, json};

/// As many as the servers have, with the ids from 1 on, in as many departments: the remainder of the id.
const ROWS: u32 = 1000;
const DEPARTMENTS: u32 = 20;

/// What stands before a price.
const PRICE: &[u8] = br#""price":"#;

/// What subscribers ask for, in turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Filters {
    /// All hear of every write.
    None,
    /// One department each: every write concerns one part in twenty.
    Departments,
    /// Twenty filters that take every row: all hear of every write.
    Wide,
}

impl Filters {
    pub(crate) fn of(name: &str) -> Outcome<Self> {
        match name {
            "none" => Ok(Self::None),
            "departments" => Ok(Self::Departments),
            "wide" => Ok(Self::Wide),
            other => Err(Failure::new(format!(
                "no filters `{other}`; there are none, departments, wide"
            ))),
        }
    }

    /// The message of a subscriber.
    pub(crate) fn subscribe(self, subscriber: usize) -> String {
        let turn = subscriber as u32 % DEPARTMENTS;
        let filter = match self {
            Self::None => json!({}),
            Self::Departments => json!({ "department": turn }),
            Self::Wide => json!({ "id": { "gte": -i64::from(turn) } }),
        };
        let payload = json!({ "filter": filter });
        json!({ "action": "subscribe", "resource": "products", "payload": payload }).to_string()
    }

    /// Whether a subscriber shall hear of a write.
    pub(crate) fn take(self, subscriber: usize, number: u32) -> bool {
        self != Self::Departments || subscriber as u32 % DEPARTMENTS == id(number) % DEPARTMENTS
    }
}

/// Which product a write is about.
fn id(number: u32) -> u32 {
    1 + number % ROWS
}

/// The write with this number.
pub(crate) fn request(number: u32) -> String {
    let id = id(number);
    let body = json!({ "price": number }).to_string();
    let length = body.len();
    format!(
        "PATCH /api/products/{id} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

/// The first price in a text.
pub(crate) fn price(text: &[u8]) -> Outcome<u32> {
    let mut windows = text.windows(PRICE.len());
    let start = windows.position(|window| window == PRICE);
    let digits = start.map(|start| text[start + PRICE.len()..].iter().map_while(digit));
    let price = digits.and_then(|mut digits| {
        digits.try_fold(0_u32, |price, digit| {
            price.checked_mul(10)?.checked_add(digit)
        })
    });
    price.ok_or_else(|| {
        let text = String::from_utf8_lossy(text);
        Failure::new(format!("no price in what the server sent: {text}"))
    })
}

fn digit(byte: &u8) -> Option<u32> {
    char::from(*byte).to_digit(10)
}

/// Holds an event against the write that it is of.
pub(crate) fn check(event: &[u8], number: u32) -> Outcome {
    let read: Value = serde_json::from_slice(event).unwrap_or_default();
    let id = id(number);
    let data = json!({
        "id": id,
        "name": format!("product {id}"),
        "price": number,
        "department": id % DEPARTMENTS,
    });
    if read["event"] == "updated" && read["resource"] == "products" && read["data"] == data {
        return Ok(());
    }
    let event = String::from_utf8_lossy(event);
    Err(Failure::new(format!("write {number} was told as: {event}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_known_by_its_price() {
        let event = br#"{"event":"updated","resource":"products","data":{"id":8,"name":"product 8","price":1007,"department":8}}"#;
        assert_eq!(price(event).unwrap(), 1007);
        check(event, 1007).unwrap();
        assert!(check(event, 7).is_err());
        assert!(price(b"{}").is_err());
    }

    #[test]
    fn a_department_is_told_of_its_own_products() {
        let heard = |number| (0..40).filter(move |at| Filters::Departments.take(*at, number));
        assert_eq!(heard(1007).collect::<Vec<_>>(), [8, 28]);
        assert!((0..40).all(|at| Filters::Wide.take(at, 1007)));
        assert!(Filters::of("all").is_err());
    }
}
