//! Writing: somebody who changes products and rights at random.

use sea_orm::Set;
use sockeye_live::{Live, Result, Writer};

use crate::harness::entities::{grant, product};
use crate::interleavings::dice::Dice;
use crate::interleavings::{DEPARTMENTS, USERS};

/// A few transactions of a few changes each. What cannot be done is undone as a whole, as is what somebody gave up.
pub(crate) async fn write(live: Live, mut dice: Dice) {
    for _ in 0..=dice.roll(3) {
        let mut writer = live.writer().await.unwrap();
        let mut done = Ok(());
        for _ in 0..=dice.roll(3) {
            done = done.and(change(&mut writer, &mut dice).await);
        }
        if done.is_ok() && dice.roll(6) > 0 {
            // A conflict is found at the end at the latest.
            let _ = writer.commit().await;
        }
        for _ in 0..dice.roll(4) {
            tokio::task::yield_now().await;
        }
    }
}

async fn change(writer: &mut Writer, dice: &mut Dice) -> Result<()> {
    let id = Set(i32::try_from(dice.roll(8)).unwrap() + 1);
    let price = Set(i32::try_from(dice.roll(10)).unwrap());
    let department = Set(dice.pick(&DEPARTMENTS).to_owned());
    let name = Set(format!("name {}", dice.roll(3)));
    let (user, granted) = (dice.pick(&USERS), dice.pick(&DEPARTMENTS));
    let grant = grant::ActiveModel {
        user: Set(user.to_owned()),
        department: Set(granted.to_owned()),
    };
    match dice.roll(10) {
        0..=2 => {
            let cost = Set(None);
            let new = product::ActiveModel {
                id,
                name,
                price,
                department,
                cost,
            };
            writer.insert(new).await.map(drop)
        }
        3 | 4 => {
            let change = product::ActiveModel {
                id,
                price,
                ..Default::default()
            };
            writer.update(change).await.map(drop)
        }
        5 => {
            let change = product::ActiveModel {
                id,
                department,
                name,
                ..Default::default()
            };
            writer.update(change).await.map(drop)
        }
        6 => {
            let gone = product::ActiveModel {
                id,
                ..Default::default()
            };
            writer.delete(gone).await.map(drop)
        }
        7 | 8 => {
            writer.insert(grant).await?;
            writer.recheck(user)
        }
        _ => {
            writer.delete(grant).await?;
            writer.recheck(user)
        }
    }
}
