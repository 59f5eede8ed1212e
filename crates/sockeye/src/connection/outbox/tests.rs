//! The outbox: order, count and what may be dropped from it.

use crate::message::Form;

use super::*;

fn own(text: &str) -> Chunk {
    Chunk::Own(text.as_bytes().to_vec())
}

#[test]
fn short_writes_keep_the_order_and_the_count() {
    let mut outbox = Outbox::default();
    outbox.push(own("abc"));
    outbox.push(own("defg"));
    outbox.advance(2);
    assert_eq!((outbox.first(), outbox.len()), (&b"c"[..], 5));
    outbox.advance(2);
    assert_eq!((outbox.first(), outbox.len()), (&b"efg"[..], 3));
    outbox.advance(3);
    assert!(outbox.is_empty() && outbox.first().is_empty());
}

#[test]
fn dropping_the_unsent_keeps_the_chunk_the_peer_is_inside_of() {
    let mut outbox = Outbox::default();
    outbox.push(own("abc"));
    outbox.push(own("defg"));
    outbox.advance(1);
    outbox.drop_unsent();
    assert_eq!((outbox.first(), outbox.len()), (&b"bc"[..], 2));
}

#[test]
fn slices_and_gather_agree() {
    let mut outbox = Outbox::default();
    for text in ["abc", "d", "ef"] {
        outbox.push(own(text));
    }
    outbox.advance(1);
    let mut slices = [IoSlice::new(&[]); 8];
    let used = outbox.slices(&mut slices);
    let mut gathered = Vec::new();
    outbox.gather(&mut gathered, usize::MAX);
    let joined: Vec<u8> = slices[..used].iter().flat_map(|s| s.to_vec()).collect();
    assert_eq!((joined, gathered), (b"bcdef".to_vec(), b"bcdef".to_vec()));
    for bytes_max in 0..=5 {
        let mut part = Vec::new();
        outbox.gather(&mut part, bytes_max);
        assert_eq!(part, b"bcdef"[..bytes_max]);
    }
}
/// A frame of group `group` about `key`, whose payload is its number.
fn droppable(number: u64, group: u64, key: Option<u64>) -> Chunk {
    let frame = Frame::encode(&number.to_string(), Form::DEFAULT, &mut Vec::new()).unwrap();
    let frame = match key {
        Some(key) => frame.keyed(key.to_string().into()),
        None => frame,
    };
    Chunk::Droppable(frame, false, group)
}

/// What waits: number, group and key of each frame.
type Model = Vec<(u64, u64, Option<u64>)>;

fn bytes(model: &[(u64, u64, Option<u64>)]) -> Vec<u8> {
    let frame = |one: &(u64, u64, Option<u64>)| droppable(one.0, one.1, one.2).bytes().to_vec();
    model.iter().flat_map(frame).collect()
}

/// The newest frame of the subject, which was queued after `from`.
fn newest(model: &Model, from: usize, group: u64, key: Option<u64>) -> Option<usize> {
    let place = model.iter().rposition(|one| (one.1, one.2) == (group, key));
    place.filter(|place| *place >= from)
}

proptest::proptest! {
    #[test]
    fn any_history_of_replacing_dropping_and_writing_matches_a_plain_list(
        steps in proptest::collection::vec((0_u8..6, 0_u64..2, 0_u64..4, 0_usize..9), 0..300)
    ) {
        let (mut outbox, mut model, mut sent) = (Outbox::default(), Model::new(), 0);
        for (number, (step, group, key, written)) in (0..).zip(steps) {
            let key = (key > 0).then_some(key);
            let unsent = usize::from(sent > 0);
            match step {
                0 | 1 => match outbox.replace(droppable(number, group, key)) {
                    Ok(()) => {
                        let place = newest(&model, unsent, group, key).unwrap();
                        model[place].0 = number;
                    }
                    Err(chunk) => {
                        assert_eq!(newest(&model, unsent, group, key), None);
                        outbox.push_replaceable(chunk);
                        model.push((number, group, key));
                    }
                },
                2 => {
                    outbox.push_replaceable(droppable(number, group, key));
                    model.push((number, group, key));
                }
                3 => {
                    let oldest = (unsent..model.len()).find(|place| model[*place].1 == group);
                    assert_eq!(outbox.drop_oldest(group), oldest.is_some());
                    oldest.map(|place| model.remove(place));
                }
                _ => {
                    let written = written.min(outbox.len());
                    outbox.advance(written);
                    sent += written;
                    while !model.is_empty() && sent >= bytes(&model[..1]).len() {
                        sent -= bytes(&model[..1]).len();
                        model.remove(0);
                    }
                }
            }
            let mut waiting = Vec::new();
            outbox.gather(&mut waiting, usize::MAX);
            assert_eq!(waiting, bytes(&model)[sent..]);
            assert_eq!((outbox.len(), outbox.chunks()), (waiting.len(), model.len()));
        }
    }
}
