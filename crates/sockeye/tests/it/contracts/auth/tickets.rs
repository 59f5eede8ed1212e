//! Tickets: once, soon, and only for whom they were issued to.

use std::time::Duration;

use axum::extract::{Extension, Query, State};
use axum::routing::post;
use serde::Deserialize;
use sockeye::{ErrorKind, Identity, Result, Router, Tickets, endpoint};

use crate::contracts::auth::{Account, Greeter};
use crate::contracts::notes::http;
use crate::harness::{Running, serve};

async fn desk(tickets: &Tickets<Account>) -> Running {
    let endpoint = endpoint(|| Greeter).authenticate(tickets.clone());
    serve(Router::new().route("/", endpoint)).await
}

#[tokio::test]
async fn c1_a_ticket_from_an_http_handler_lets_its_user_in_once() {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }

    async fn issue(
        State(tickets): State<Tickets<Account>>,
        Query(named): Query<Named>,
        Extension(_): Extension<u8>,
    ) -> Result<String> {
        tickets.issue(Account::named(&named.name))
    }

    let tickets = Tickets::new();
    let routes = Router::with_state(tickets.clone())
        .http("/ticket", post(issue).layer(Extension(1_u8)))
        .route("/", endpoint(|| Greeter).authenticate(tickets));
    let server = serve(routes).await;
    let mut issued = Vec::new();
    for name in ["ann", "ben"] {
        let answer = http(&server, "POST", &format!("/ticket?name={name}")).await;
        let (_, ticket) = answer.split_once("\r\n\r\n").expect("a body");
        assert_eq!(ticket.len(), 43, "{answer}");
        issued.push((name, ticket.to_owned()));
    }
    for (name, ticket) in issued {
        let path = format!("/?ticket={ticket}");
        assert_eq!(
            server.connect(&path).await.text().await,
            format!("hello {name}")
        );
        assert_eq!(
            server.refused(&path, &[]).await.status(),
            401,
            "used already"
        );
    }
}

#[tokio::test]
async fn c1_of_many_who_show_one_ticket_at_once_one_gets_in() {
    let tickets = Tickets::new();
    let server = desk(&tickets).await;
    let path = format!("/?ticket={}", tickets.issue(Account::named("ann")).unwrap());
    let tries = (0..20).map(|_| server.try_connect(&path, &[]));
    let outcomes = futures_util::future::join_all(tries).await;
    let statuses = outcomes.into_iter().filter_map(Result::err);
    assert!(
        statuses
            .map(|refused| refused.status().as_u16())
            .eq([401; 19])
    );
}

#[tokio::test]
async fn c1_tickets_that_are_foreign_forged_or_torn_let_nobody_in() {
    let (tickets, others) = (Tickets::new(), Tickets::new());
    let server = desk(&tickets).await;
    let ticket = tickets.issue(Account::named("ann")).unwrap();
    let foreign = others.issue(Account::named("ben")).unwrap();
    let (key, proof) = ticket.split_at(21);
    let other = if ticket.ends_with('A') { "E" } else { "A" };
    for forged in [
        foreign.clone(),
        String::new(),
        "x".to_owned(),
        key.to_owned(),
        proof.to_owned(),
        format!("{ticket}A"),
        format!("{ticket}="),
        ticket.to_lowercase(),
        "A".repeat(43),
        // The half by which it is found is right, the proof is not: the owner can still come.
        format!("{}{other}", &ticket[..42]),
        "A".repeat(10_000),
        "%00%ff".to_owned(),
    ] {
        let path = format!("/?ticket={forged}");
        assert_eq!(server.refused(&path, &[]).await.status(), 401, "{forged}");
    }
    let twice = format!("/?ticket={ticket}&ticket={ticket}");
    assert_eq!(server.refused(&twice, &[]).await.status(), 400);
    let path = format!("/?ticket={ticket}");
    assert_eq!(server.connect(&path).await.text().await, "hello ann");
}

#[tokio::test(start_paused = true)]
async fn c1_a_ticket_is_good_for_thirty_seconds() {
    let tickets = Tickets::new();
    let server = desk(&tickets).await;
    let (soon, late) = (
        tickets.issue(Account::named("ann")),
        tickets.issue(Account::named("ben")),
    );
    tokio::time::advance(Duration::from_millis(29_000)).await;
    let path = format!("/?ticket={}", soon.unwrap());
    assert_eq!(server.connect(&path).await.text().await, "hello ann");
    tokio::time::advance(Duration::from_millis(1_001)).await;
    let path = format!("/?ticket={}", late.unwrap());
    assert_eq!(server.refused(&path, &[]).await.status(), 401);
}

#[tokio::test(start_paused = true)]
async fn c1_no_more_tickets_are_out_than_the_limit_says_and_old_ones_make_room() {
    let tickets = Tickets::new().limit(2).lifetime(Duration::from_secs(5));
    let issue = || tickets.issue(Identity::new(Account::named("ann")));
    assert!(issue().is_ok() && issue().is_ok());
    assert_eq!(issue().map_err(|error| error.kind()), Err(ErrorKind::Limit));
    tokio::time::advance(Duration::from_secs(6)).await;
    assert!(issue().is_ok());
    assert!(format!("{tickets:?}").contains("out: 1"), "{tickets:?}");
}
