//! Scenarios: what the servers are put through, and which figures of it are compared.

use bench::{Failure, Outcome};

/// One way of keeping a server busy.
#[derive(Debug)]
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    /// What the load generator is told.
    pub(crate) words: &'static str,
    pub(crate) metrics: &'static [Metric],
    /// Whether it is run unless others are asked for.
    usual: bool,
}

/// A figure that is compared: less of it is better.
#[derive(Debug)]
pub(crate) struct Metric {
    /// Its name in what the load generator prints.
    pub(crate) figure: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
}

const CPU: &[Metric] = &[Metric {
    figure: "cpu_ns",
    title: "",
    unit: "ns",
}];

const IDLE: &[Metric] = &[
    Metric {
        figure: "resident_bytes",
        title: "memory",
        unit: "B",
    },
    Metric {
        figure: "connect_cpu_ns",
        title: "connecting",
        unit: "ns",
    },
];

const fn busy(
    name: &'static str,
    title: &'static str,
    words: &'static str,
    usual: bool,
) -> Scenario {
    Scenario {
        name,
        title,
        words,
        metrics: CPU,
        usual,
    }
}

pub(crate) const SCENARIOS: [Scenario; 12] = [
    busy("echo", "Echo, 64 connections", "echo --conns 64", true),
    busy(
        "echo-16",
        "Echo, 16 under way each",
        "echo --conns 64 --depth 16",
        true,
    ),
    busy(
        "echo-512",
        "Echo, 512 connections",
        "echo --conns 512",
        false,
    ),
    busy(
        "echo-1k",
        "Echo of 1 KiB",
        "echo --conns 64 --size 1024",
        false,
    ),
    busy(
        "echo-16k",
        "Echo of 16 KiB, binary",
        "echo --conns 64 --size 16384 --binary",
        false,
    ),
    busy(
        "fanout",
        "Fan-out 1 to 1,000",
        "fanout --members 1000",
        true,
    ),
    busy(
        "fanout-16",
        "Fan-out 1 to 1,000, 16 under way",
        "fanout --members 1000 --window 16",
        true,
    ),
    busy(
        "burst",
        "Fan-out 1 to 1,000, 16 in a write",
        "fanout --members 1000 --window 16 --burst",
        true,
    ),
    busy(
        "fanout-1k",
        "Fan-out 1 to 1,000, 1 KiB, 16 under way",
        "fanout --members 1000 --window 16 --size 1024",
        false,
    ),
    busy(
        "fanout-10k",
        "Fan-out 1 to 10,000",
        "fanout --members 10000",
        false,
    ),
    busy(
        "groups",
        "100 groups of 10, 64 under way",
        "groups --groups 100 --members 10 --window 64",
        true,
    ),
    Scenario {
        name: "idle",
        title: "10,000 idle",
        words: "idle --conns 10000",
        metrics: IDLE,
        usual: true,
    },
];

/// The scenarios with these names, the usual ones without any, or all.
pub(crate) fn select(names: Option<Vec<String>>) -> Outcome<Vec<&'static Scenario>> {
    let Some(names) = names else {
        return Ok(SCENARIOS.iter().filter(|scenario| scenario.usual).collect());
    };
    if names == ["all"] {
        return Ok(SCENARIOS.iter().collect());
    }
    let find = |name: &String| {
        let found = SCENARIOS.iter().find(|scenario| scenario.name == name);
        found.ok_or_else(|| {
            let known: Vec<_> = SCENARIOS.iter().map(|scenario| scenario.name).collect();
            Failure::new(format!(
                "no scenario `{name}`; there are {}",
                known.join(", ")
            ))
        })
    };
    names.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scenarios_are_found_by_name_and_a_wrong_name_is_told_the_right_ones() {
        let names = |list: &[&str]| Some(list.iter().map(|name| (*name).to_owned()).collect());
        let found = select(names(&["idle", "echo"])).unwrap();
        assert_eq!((found[0].name, found[1].name), ("idle", "echo"));
        assert_eq!(select(names(&["all"])).unwrap().len(), SCENARIOS.len());
        assert!(select(None).unwrap().len() < SCENARIOS.len());
        let failure = select(names(&["ech"])).unwrap_err().to_string();
        assert!(
            failure.starts_with("no scenario `ech`; there are echo, "),
            "{failure}"
        );
    }
}
