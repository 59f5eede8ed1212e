//! Address: a socket address in as few bytes as it takes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use smallvec::SmallVec;

/// Writes an address: none in no bytes, IPv4 in 6, IPv6 in 18, or in 26 where it has a scope or a flow.
pub(super) fn write(address: Option<SocketAddr>) -> SmallVec<[u8; 26]> {
    let mut bytes = SmallVec::new();
    let Some(address) = address else {
        return bytes;
    };
    match address.ip() {
        IpAddr::V4(ip) => bytes.extend(ip.octets()),
        IpAddr::V6(ip) => bytes.extend(ip.octets()),
    }
    bytes.extend(address.port().to_be_bytes());
    if let SocketAddr::V6(address) = address
        && (address.flowinfo(), address.scope_id()) != (0, 0)
    {
        bytes.extend(address.flowinfo().to_be_bytes());
        bytes.extend(address.scope_id().to_be_bytes());
    }
    bytes
}

/// Reads what [`write()`] wrote.
pub(super) fn read(bytes: &[u8]) -> Option<SocketAddr> {
    if let Some((ip, port)) = bytes.split_first_chunk::<4>()
        && let Ok(port) = port.try_into()
    {
        return Some((Ipv4Addr::from(*ip), u16::from_be_bytes(port)).into());
    }
    let (ip, rest) = bytes.split_first_chunk::<16>()?;
    let (port, rest) = rest.split_first_chunk::<2>()?;
    let (flow, rest) = rest.split_first_chunk::<4>().unwrap_or((&[0; 4], &[]));
    let scope = rest.first_chunk::<4>().unwrap_or(&[0; 4]);
    let port = u16::from_be_bytes(*port);
    let (flow, scope) = (u32::from_be_bytes(*flow), u32::from_be_bytes(*scope));
    Some(SocketAddrV6::new(Ipv6Addr::from(*ip), port, flow, scope).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_come_out_as_they_went_in() {
        let plain = SocketAddrV6::new(Ipv6Addr::LOCALHOST, 443, 0, 0);
        let scoped = SocketAddrV6::new("fe80::1".parse().unwrap(), 9, 7, 3);
        let rows = [
            (None, 0),
            (Some("192.0.2.7:50000".parse().unwrap()), 6),
            (Some("[::ffff:192.0.2.7]:1".parse().unwrap()), 18),
            (Some(SocketAddr::V6(plain)), 18),
            (Some(SocketAddr::V6(scoped)), 26),
        ];
        for (address, length) in rows {
            let bytes = write(address);
            assert_eq!((read(&bytes), bytes.len()), (address, length));
        }
    }
}
