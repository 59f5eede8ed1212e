//! The machine that results are from, as far as a reader needs to know it.

use std::fmt;
use std::fs;

use serde_json::{Value, json};

use crate::cores::Cores;

#[derive(Debug)]
pub(crate) struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    pinning: String,
}

impl Machine {
    pub(crate) fn look(cores: &Cores) -> Self {
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find(|line| line.starts_with("model name"));
        let model = model.and_then(|line| line.split_once(": "));
        let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
        Self {
            processor: model
                .map_or("processor unknown", |(_, name)| name)
                .to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: kernel.trim().to_owned(),
            pinning: cores.told(),
        }
    }

    pub(crate) fn json(&self) -> Value {
        let Self {
            processor,
            cores,
            kernel,
            pinning,
        } = self;
        json!({"processor": processor, "cores": cores, "kernel": kernel, "pinning": pinning})
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            processor,
            cores,
            kernel,
            pinning,
        } = self;
        write!(
            formatter,
            "{processor}, {cores} cores, Linux {kernel}; loopback; {pinning}"
        )
    }
}
