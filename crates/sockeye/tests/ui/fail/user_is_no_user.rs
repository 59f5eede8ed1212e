//! An authenticator that finds what is no user.

use sockeye::{DefaultHandler, Router, bearer, endpoint};

#[derive(Clone)]
struct Account;

async fn account(_: String) -> Option<Account> {
    Some(Account)
}

fn main() {
    let endpoint = endpoint(|| DefaultHandler).authenticate(bearer(account));
    let _: Router = Router::new().route("/", endpoint);
}
