//! A list whose authenticators find users of different types.

use sockeye::{Router, DefaultHandler, bearer, endpoint, token};

async fn by_name(token: String) -> Option<String> {
    Some(token)
}

async fn by_number(token: String) -> Option<u64> {
    token.parse().ok()
}

fn main() {
    let endpoint = endpoint(|| DefaultHandler).authenticate((bearer(by_name), token(by_number)));
    let _: Router = Router::new().route("/", endpoint);
}
