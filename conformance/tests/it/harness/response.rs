//! Response: the head of an HTTP answer.

/// Status and headers of an answer, as they came.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    head: String,
}

impl Response {
    /// Reads a head that ends with its empty line.
    pub(crate) fn parse(head: Vec<u8>) -> Self {
        let head = String::from_utf8(head).unwrap();
        let version = ["HTTP/1.1 ", "HTTP/1.0 "]
            .iter()
            .find(|version| head.starts_with(**version));
        let digits = version.and_then(|version| head.get(version.len()..version.len() + 3));
        let status = digits.and_then(|digits| digits.parse().ok());
        Self {
            status: status.unwrap_or_else(|| panic!("no HTTP answer: {head}")),
            head,
        }
    }

    /// The only value of a header, `None` when there is none.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut values = lines.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.trim());
        assert!(values.next().is_none(), "{name} comes twice: {}", self.head);
        value
    }
}
