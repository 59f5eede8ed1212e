//! Any bytes as `Sec-WebSocket-Extensions`: bounded refusals, and answers that say what was agreed.
#![no_main]

use http::HeaderMap;
use http::header::SEC_WEBSOCKET_EXTENSIONS;
use libfuzzer_sys::fuzz_target;
use sockeye_fuzz::{config, extensions};
use sockeye_protocol::deflate::{check_answer, negotiate};

fuzz_target!(|input: &[u8]| {
    let [setup, text @ ..] = input else { return };
    let (config, headers) = (config(*setup), extensions(text));
    match negotiate(&headers, &config) {
        Ok(None) => {}
        Ok(Some((deflate, answer))) => {
            let says = |word: &[u8]| text.windows(word.len()).any(|found| found == word);
            let answered = answer.to_str().expect("an answer is ASCII");
            assert!(says(b"permessage-deflate"));
            for parameter in ["server_max_window_bits", "client_max_window_bits"] {
                assert!(
                    !answered.contains(parameter) || says(parameter.as_bytes()),
                    "{answered}"
                );
            }
            let as_offer = HeaderMap::from_iter([(SEC_WEBSOCKET_EXTENSIONS, answer.clone())]);
            let again = negotiate(&as_offer, &config).expect("an answer is valid");
            assert_eq!(
                again,
                Some((deflate, answer)),
                "an answer offers what was agreed"
            );
        }
        Err(error) => check_text(&error.to_string()),
    }
    if let Err(error) = check_answer(&headers, &config) {
        check_text(&error.to_string());
    }
});

/// Errors may be logged and sent as they are.
fn check_text(text: &str) {
    assert!(text.len() < 500, "{} bytes", text.len());
    assert!(
        text.bytes().all(|byte| (b' '..=b'~').contains(&byte)),
        "{text:?}"
    );
}
