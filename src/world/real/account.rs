//! Who this process belongs to, by the user database and the real user id:
//! no variable changes the answer.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use nix::unistd::{Uid, User};

/// An entry of the user database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Account {
    /// The name, or the number where there is no entry.
    pub name: String,
    /// The home directory, where there is an entry.
    pub home: Option<PathBuf>,
}

impl Account {
    /// The account of the real user id.
    ///
    /// /etc/passwd is read here, because libc's own reader costs several times
    /// as much and, linked statically against glibc, may load a name service
    /// of another version. Accounts from elsewhere are asked of libc (glibc:
    /// every name service; musl: nscd's socket).
    pub fn of_this_process() -> Account {
        let uid = Uid::current();
        File::open("/etc/passwd")
            .ok()
            .and_then(|file| by_uid(BufReader::with_capacity(1024, file), uid.as_raw()))
            .or_else(|| ask_libc(uid))
            .unwrap_or(Account { name: uid.to_string(), home: None })
    }
}

fn ask_libc(uid: Uid) -> Option<Account> {
    let user = User::from_uid(uid).ok()??;
    Some(Account { name: user.name, home: home(user.dir.as_os_str()) })
}

/// The first entry with this number in a passwd file, which is read no further
/// than that.
fn by_uid(mut file: impl BufRead, uid: u32) -> Option<Account> {
    let mut line = Vec::with_capacity(128);
    while file.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
        if let Some(account) = entry(line.strip_suffix(b"\n").unwrap_or(&line), uid) {
            return Some(account);
        }
        line.clear();
    }
    None
}

fn entry(line: &[u8], uid: u32) -> Option<Account> {
    let mut fields = line.split(|byte| *byte == b':');
    let name = fields.next().filter(|name| !name.is_empty() && !name.starts_with(b"#"))?;
    let number = std::str::from_utf8(fields.nth(1)?).ok()?;
    if number.parse() != Ok(uid) {
        return None;
    }
    let name = String::from_utf8_lossy(name).into_owned();
    Some(Account { name, home: home(OsStr::from_bytes(fields.nth(2)?)) })
}

/// A home directory that can be used: anything but an absolute path would
/// move with the current directory.
fn home(dir: &OsStr) -> Option<PathBuf> {
    let path = PathBuf::from(dir);
    path.is_absolute().then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &[u8] = b"root:x:0:0:root:/root:/bin/bash\n\
        #old:x:1000:1000::/home/old:/bin/sh\n\
        short:x:1000\n\
        ana:x:1000:1000:Ana, room \xff:/home/ana:/usr/bin/zsh\n\
        twin:x:1000:1000::/home/twin:/bin/sh\n\
        rel:x:1001:1001::home/rel:/bin/sh\n\
        no:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin";

    #[test]
    fn finds_the_first_whole_entry() {
        let ana = by_uid(PASSWD, 1000).unwrap();
        assert_eq!(ana, Account { name: "ana".into(), home: Some("/home/ana".into()) });
        assert_eq!(by_uid(PASSWD, 65534).unwrap().name, "no");
        assert_eq!(by_uid(PASSWD, 5), None);
        assert_eq!(by_uid(&b""[..], 0), None);
    }

    #[test]
    fn a_relative_home_is_no_home() {
        assert_eq!(by_uid(PASSWD, 1001).unwrap().home, None);
    }

    #[test]
    fn agrees_with_libc_about_this_process() {
        let ours = Account::of_this_process();
        let theirs = User::from_uid(Uid::current()).unwrap().unwrap();
        assert_eq!((ours.name, ours.home), (theirs.name, Some(theirs.dir)));
    }
}
