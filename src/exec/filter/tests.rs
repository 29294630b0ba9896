//! Where a filter's socket lies and what it is called.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::world::fake::FakeWorld;

#[test]
fn a_socket_is_named_after_its_server() {
    let address = |host: &str| name(&Server::Address(host.to_owned(), 6379));
    assert_eq!(address("cache.prod.acme.com"), "cache.prod.acme.com:6379");
    assert_eq!(address("../\u{1b}x y"), ".._".to_owned() + "_x_y:6379");
    assert_eq!(name(&Server::Socket("/run/live.sock".to_owned())), "run_live.sock");
}

#[test]
fn a_path_is_one_that_the_kernel_holds() {
    let dir = tempfile::tempdir().expect("a folder");
    let at =
        |folder: &Path| FakeWorld::new().with_var("XDG_RUNTIME_DIR", &folder.display().to_string());
    for host in ["cache.prod.acme.com".to_owned(), "h".repeat(200)] {
        let name = name(&Server::Address(host, 6379));
        let (folder, socket) = place(&name, &at(dir.path())).expect("a place");
        assert!(folder.starts_with(dir.path()));
        assert_eq!(fs::metadata(&folder).expect("a folder").permissions().mode() & 0o777, 0o700);
        assert!(socket.as_os_str().len() <= MAX_PATH);
        assert!(socket.to_string_lossy().ends_with(ENDING));
        UnixListener::bind(&socket).expect("the kernel holds it");
        clear(&folder, &socket);
        assert!(!folder.exists());
    }
    // Where the first folder leaves no room, or is none, the next is taken.
    let deep = dir.path().join("d".repeat(100));
    fs::create_dir(&deep).expect("a folder");
    for folder in [deep.as_path(), Path::new("relative"), Path::new("/nowhere")] {
        let (folder, socket) = place("a", &at(folder)).expect("a place");
        assert!(folder.starts_with("/tmp"));
        clear(&folder, &socket);
    }
}
