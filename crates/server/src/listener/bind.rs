//! The sockets that listen: one a worker, among which the kernel spreads connections.

use std::io;
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Protocol, Socket, Type};

use crate::error::ServeError;

/// How many connections wait to be taken up.
const BACKLOG: i32 = 4096;

/// Listens at an address with so many sockets.
pub(super) fn bind(address: SocketAddr, sockets: usize) -> Result<Vec<TcpListener>, ServeError> {
    check_free(address)?;
    let failed = |error| ServeError::Listen { address, error };
    let first = listen(address, sockets > 1).map_err(failed)?;
    // Port 0 is one that is free; the others listen at the same.
    let address = first.local_addr().map_err(failed)?;
    let mut listeners = vec![first];
    while listeners.len() < sockets {
        listeners.push(another(address, &listeners[0]).map_err(failed)?);
    }
    Ok(listeners)
}

/// Sockets that share a port share the calls of its clients, without a word: so a port that somebody
/// listens at is refused first, as it would be for a single socket.
fn check_free(address: SocketAddr) -> Result<(), ServeError> {
    if address.port() == 0 {
        return Ok(());
    }
    match open(address).and_then(|socket| socket.bind(&address.into())) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Err(ServeError::Taken { address })
        }
        Err(error) => Err(ServeError::Listen { address, error }),
        Ok(()) => Ok(()),
    }
}

fn open(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    // On Windows this would let two programs listen at one port.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    Ok(socket)
}

#[cfg_attr(not(target_os = "linux"), allow(unused_variables, reason = "only there it spreads"))]
fn listen(address: SocketAddr, is_shared: bool) -> io::Result<TcpListener> {
    let socket = open(address)?;
    #[cfg(target_os = "linux")]
    if is_shared {
        socket.set_reuse_port(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// A further socket with connections of its own.
#[cfg(target_os = "linux")]
fn another(address: SocketAddr, _: &TcpListener) -> io::Result<TcpListener> {
    listen(address, true)
}

/// Elsewhere the kernel does not spread connections: workers take them from one queue.
#[cfg(not(target_os = "linux"))]
fn another(_: SocketAddr, first: &TcpListener) -> io::Result<TcpListener> {
    first.try_clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_share_a_free_port_and_no_taken_one() {
        let listeners = bind("127.0.0.1:0".parse().unwrap(), 3).unwrap();
        let address = listeners[0].local_addr().unwrap();
        assert_ne!(address.port(), 0);
        assert!(listeners.iter().all(|it| it.local_addr().unwrap() == address));
        for sockets in [1, 2] {
            let error = bind(address, sockets).unwrap_err().to_string();
            assert!(error.contains("another program") && error.contains("--listen"), "{error}");
        }
        drop(listeners);
        assert_eq!(bind(address, 2).unwrap().len(), 2);
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let error = bind("192.0.2.1:4000".parse().unwrap(), 2).unwrap_err().to_string();
        assert!(error.contains("192.0.2.1:4000"), "{error}");
    }
}
